import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { runProgram } from '../../demo/processes.js';
import { systemRandom } from '../../src/lib/random.js';
import { createStores } from '../../src/store/stores.js';
import { generateAuditKey } from '../../src/vault/audit-key.js';
import { generateIdentity } from '../../src/vault/vault.js';
import { createTestDatabase } from '../fakes/database.js';
import type { TestDatabase } from '../fakes/database.js';
import type { PersonName } from '../fakes/slack/workspace.js';
import { openRig } from './rig.js';
import type { Environment, Rig, RunningBot } from './rig.js';
import { settled } from './settled.js';
import { openSlackDesk, wordsOf } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// Two processes on one database behave as one bot: whoever hears a click, there is one outcome, told once.

let rig: Rig;
let desk: SlackDesk;
let database: TestDatabase;
let shared: Environment;
let bots: readonly [RunningBot, RunningBot];
beforeAll(async () => {
  [rig, desk, database] = await Promise.all([openRig(), openSlackDesk(), createTestDatabase()]);
  shared = { MONGODB_URI: database.uri, AUDIT_KEY: generateAuditKey(systemRandom).reveal() };
  const env = { ...desk.env, ...shared, VAULT_IDENTITY: (await generateIdentity()).reveal() };
  bots = await Promise.all([rig.startBot(env), rig.startBot(env)]);
  desk.connect(bots[0]);
  await desk.setUp();
}, 90_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
  await database.close();
});

interface RequestDocument {
  readonly _id: string;
  readonly request: { readonly reminded?: { readonly times: number } };
}

const told = async (who: PersonName, id: string): Promise<readonly string[]> =>
  (await desk.slack.messages(desk.slack.people[who]))
    .map(({ blocks }) => wordsOf(blocks))
    .filter((words) => words.includes(id));

test('clicks on both at once approve once, and nobody is told twice', async () => {
  const [one, other] = bots;
  const id = await desk.ask('--for 15s');
  const { slack } = desk;
  const [danas, luises] = await Promise.all([desk.message('dana', id, 'Approve'), desk.message('luis', id, 'Approve')]);
  await Promise.all([
    slack.click(one.url, slack.people.dana, danas, 'approve'),
    slack.click(other.url, slack.people.luis, luises, 'approve'),
    slack.click(other.url, slack.people.dana, danas, 'approve'),
    slack.click(one.url, slack.people.luis, luises, 'approve'),
  ]);
  const offer = await desk.message('tess', id, 'Reveal credential');

  desk.connect(other);
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
  await slack.click(one.url, slack.people.tess, offer, 'reveal');
  expect(JSON.stringify(await desk.window('shown only once'))).not.toContain(credential.password);

  await desk.message('tess', id, 'Ended and confirmed');
  await Promise.all([desk.message('dana', id, 'Ended and confirmed'), desk.message('luis', id, 'Ended and confirmed')]);
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
  await settled(database.db);
  // Its card and its offer, and the notice of its end; one card for each lead.
  expect(await told('tess', id)).toHaveLength(3);
  expect(await told('dana', id)).toHaveLength(1);
  expect(await told('luis', id)).toHaveLength(1);
}, 60_000);

test('of an approval here and a denial there one counts, and the other is told', async () => {
  const [one, other] = bots;
  desk.connect(one);
  const id = await desk.ask('--for 2h');
  const { slack } = desk;
  const card = await desk.message('dana', id, 'Approve');
  const heard = slack.whispers().length;
  const [, denied] = await Promise.all([
    slack.click(one.url, slack.people.dana, card, 'approve'),
    slack.command(other.url, slack.people.luis, `deny ${id} "Not today"`),
  ]);
  const decided = await desk.message('dana', id, 'ed by');
  const words = wordsOf(decided.blocks);
  const denies = words.includes('Denied by');
  const whispered = async (): Promise<string> =>
    eventually('the answer to the approval', () => wordsOf(slack.whispers()[heard]?.blocks) || undefined);
  // Whoever came second is told who was first; a denial is answered at once, a click by a message.
  expect(denies ? await whispered() : denied.text).toContain(
    denies ? 'Luis Ferreira denied' : 'Dana Whitlock approved',
  );
  if (denies) return;
  await desk.say('tess', `end ${id}`);
  await desk.message('tess', id, 'Ended and confirmed');
}, 60_000);

test('a reminder and an escalation happen once, though both look for what is due', async () => {
  desk.connect(bots[0]);
  const { config } = createStores(database.db);
  const settings = await config.settings.read();
  // Sooner than a command would let anybody be reminded.
  await config.settings.replace({ ...settings, remindEveryMs: 10_000 }, settings);
  await desk.say('dana', 'admin group add Managers --member mallory@northwind.test');
  const changed = await desk.say('dana', 'admin rule set "Leads approve helpdesk" --escalate "10s to Managers"');
  expect(changed).toContain('Managers');
  const id = await desk.ask('--for 2h');
  await desk.message('mallory', id, 'or Managers', 'Approve');
  await desk.message('luis', id, 'still waits for');
  await desk.say('tess', `cancel ${id}`);
  await desk.message('tess', id, 'Cancelled');
  await settled(database.db);

  const found = await database.db.collection<RequestDocument>('requests').findOne({ _id: id });
  const times = found?.request.reminded?.times;
  expect(times).toBeGreaterThan(0);
  for (const lead of ['dana', 'luis'] as const) {
    const words = await told(lead, id);
    expect(words.filter((said) => said.includes('still waits for'))).toHaveLength(times ?? 0);
    expect(words.filter((said) => said.includes('Tess Okafor wants'))).toHaveLength(1);
  }
  expect((await told('mallory', id)).filter((said) => said.includes('Tess Okafor wants'))).toHaveLength(1);
  const events = await database.db.collection('audit').find({ 'event.request': id }).toArray();
  const count = (what: string): number => events.filter(({ event }) => event.what === what).length;
  expect([count('request.escalated'), count('request.reminded')]).toEqual([1, times]);
  await config.settings.replace(settings, await config.settings.read());
}, 60_000);

test('the daily head of the audit log is posted by one of them', async () => {
  const heads = async (): Promise<number> => (await told('dana', 'is signed')).length;
  const before = await heads();
  for (const round of [1, 2]) {
    await database.db.collection('chores').updateMany({}, { $set: { nextAt: new Date(0) } });
    await eventually('a head', async () => ((await heads()) >= before + round ? true : undefined), 20_000);
    await eventually('every chore to be done', async () => {
      const due = await database.db.collection('chores').countDocuments({ nextAt: { $lte: new Date() } });
      return due === 0 ? true : undefined;
    });
    expect(await heads()).toBe(before + round);
  }
}, 60_000);

test('what one began the other ends, when the first is killed', async () => {
  const [one, other] = bots;
  desk.connect(one);
  const id = await desk.ask('--for 15s');
  await desk.approve(id);
  const credential = await desk.reveal(id);
  await settled(database.db);
  await one.kill();
  desk.connect(other);
  await desk.message('tess', id, 'Ended and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
}, 60_000);

test('what both wrote, and the one that was killed, is one unbroken chain that the signed heads confirm', async () => {
  const audit = await runProgram('audit-main.js', ['verify'], shared);
  expect(audit).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^intact: .* [1-9]\d* signed heads? confirmed/u),
  });
}, 60_000);
