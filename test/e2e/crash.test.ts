import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { silentLog } from '../../src/lib/log.js';
import { CONTOSO, FABRIKAM } from '../../src/sandbox/seed.js';
import { connectBeside } from '../../src/store/connection.js';
import { openRig } from './rig.js';
import type { Credential, Rig, RunningBot } from './rig.js';
import { openSlackDesk, wordsOf } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// A bot that is killed at any moment, and started again on the same data, does what it promised: the credential works
// once, the access ends on time, and the end is proven.

let rig: Rig;
let desk: SlackDesk;
let bot: RunningBot;
beforeEach(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
  bot = await rig.startBot(desk.env);
  desk.connect(bot);
  await desk.setUp();
}, 60_000);
afterEach(async () => {
  await desk.close();
  await rig.close();
});

const restart = async (): Promise<void> => {
  bot = await rig.startAgain(bot);
  desk.connect(bot);
};

const accounts = () =>
  (rig.entra.world.tenants.get(CONTOSO.id)?.users.all() ?? []).filter(({ userPrincipalName }) =>
    userPrincipalName.startsWith('jit-'),
  );

const expectProvenGone = async (id: string, credential: Credential): Promise<void> => {
  await desk.message('tess', id, 'and confirmed');
  await desk.message('dana', id, 'and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
  const [account, ...others] = accounts();
  expect(account?.accountEnabled).toBe(false);
  expect(others).toEqual([]);
  const tenant = rig.entra.world.tenants.get(CONTOSO.id);
  expect(tenant?.roleAssignments.withKey(account?.id ?? '')).toEqual([]);
};

const expectOneReveal = async (id: string): Promise<Credential> => {
  const offer = await desk.message('tess', id, 'Reveal credential');
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
  await desk.press('tess', offer, 'reveal');
  expect(JSON.stringify(await desk.window('shown only once'))).not.toContain(credential.password);
  return credential;
};

const endsNow = async (id: string): Promise<void> =>
  desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');

const cardsOf = async (id: string): Promise<readonly string[]> => {
  const { slack } = desk;
  const all = await Promise.all([slack.people.dana, slack.people.luis].map((lead) => slack.messages(lead)));
  return all
    .flat()
    .map(({ blocks }) => wordsOf(blocks))
    .filter((words) => words.includes(id));
};

test('killed the moment Approve is acknowledged: the click counted, or counts when it is repeated', async () => {
  const id = await desk.ask('--for 2h');
  const card = await desk.message('dana', id, 'Approve');
  await desk.press('dana', card, 'approve');
  await bot.kill();
  await restart();
  await desk.press('dana', card, 'approve');
  const credential = await expectOneReveal(id);
  await endsNow(id);
  await expectProvenGone(id, credential);
}, 60_000);

test('killed right after the decision, before anything was made of it', async () => {
  const id = await desk.ask('--for 2h');
  rig.entra.world.faults.add({ kind: 'throttle', retryAfterSeconds: 5, match: { method: 'POST', path: '/users$' } });
  await desk.approve(id);
  await desk.message('dana', id, 'Approved by');
  await bot.kill();
  expect(accounts()).toEqual([]);
  rig.entra.world.faults.clear();
  await restart();
  const credential = await expectOneReveal(id);
  await endsNow(id);
  await expectProvenGone(id, credential);
  // Each lead still has the one card.
  expect(await cardsOf(id)).toHaveLength(2);
}, 60_000);

test('killed while the access is live, and started again after its end', async () => {
  const id = await desk.ask('--for 15s');
  await desk.approve(id);
  const credential = await expectOneReveal(id);
  await bot.kill();
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  await restart();
  await expectProvenGone(id, credential);
}, 60_000);

test('killed while the end is held up', async () => {
  const id = await desk.ask('--for 2h');
  await desk.approve(id);
  const credential = await expectOneReveal(id);
  rig.entra.world.faults.add({ kind: 'server-error', status: 503 });
  await endsNow(id);
  await desk.message('tess', id, 'Ending:', 'failed');
  await bot.kill();
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  rig.entra.world.faults.clear();
  await restart();
  await expectProvenGone(id, credential);
}, 90_000);

test('the embedded engine killed under a living bot comes back, and nothing is lost', async () => {
  const id = await desk.ask('--for 2h');
  process.kill(engineOf(bot.pid), 'SIGKILL');
  await desk.approve(id);
  const credential = await expectOneReveal(id);
  process.kill(engineOf(bot.pid), 'SIGKILL');
  await endsNow(id);
  await expectProvenGone(id, credential);
}, 60_000);

test('killed between the approval of more time and its start: the end moves once', async () => {
  const id = await desk.ask('--for 1h');
  await desk.approve(id);
  const credential = await expectOneReveal(id);
  const end = await desk.endOf(id);
  for (const round of [1, 2]) {
    const more = `${id}-${round}`;
    await desk.send('tess', `extend ${id} 1h "Still copying"`);
    const card = await desk.message('dana', more, 'Approve');
    await killOnceDecided(more, () => desk.press('dana', card, 'approve'));
    await restart();
    // Whoever saw nothing come of a click clicks again.
    await desk.press('dana', card, 'approve');
    await desk.message('tess', more, 'Extended until');
    await eventually('the end to have moved', async () =>
      ((await desk.endOf(id)) - end + 1_440) % 1_440 === round * 60 ? true : undefined,
    );
  }
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  await endsNow(id);
  await expectProvenGone(id, credential);
}, 90_000);

test('SIGTERM lets what is under way finish', async () => {
  const id = await desk.ask('--for 2h');
  rig.entra.world.latencyMs = 1_000;
  await desk.approve(id);
  await eventually('the creation to be sent', () => (accounts().length > 0 ? true : undefined), 20_000);
  const asked = desk.say('dana', `admin tenant add fabrikam --id ${FABRIKAM.id}`);
  await eventually('the question to reach the directory', () =>
    rig.entra.world.requests.since(0).find(({ tenant }) => tenant === FABRIKAM.id),
  );
  const stopped = bot.stop();
  expect(await asked).toContain('is connected');
  await stopped;
  expect(await bot.exited).toBe(0);
  rig.entra.world.latencyMs = 0;
  await restart();
  await expectOneReveal(id);
}, 60_000);

/** Reads the bot's own database for the first sign of the decision, so that as little as possible comes of it. */
const killOnceDecided = async (id: string, decide: () => Promise<void>): Promise<void> => {
  const beside = await connectBeside({ dataDir: join(rig.folder, 'bot') }, { log: silentLog });
  const requests = beside.db.collection<RequestDocument>('requests');
  const decided = decide();
  // Far quicker than anything else here waits: a few milliseconds lie between the decision and the start.
  const until = performance.now() + 20_000;
  while ((await requests.findOne({ _id: id }))?.request.state === 'pending') {
    if (performance.now() > until) throw new Error(`nobody decided ${id}`);
  }
  await bot.kill();
  await decided.catch(() => undefined);
  await beside.close();
};

interface RequestDocument {
  readonly _id: string;
  readonly request: { readonly state: string };
}

/** The one child of a bot is its engine. */
const engineOf = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).trim());
