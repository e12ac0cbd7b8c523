import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { systemRandom } from '../../src/lib/random.js';
import { generateAuditKey } from '../../src/vault/audit-key.js';
import { generateIdentity } from '../../src/vault/vault.js';
import { createTestDatabase } from '../fakes/database.js';
import type { TestDatabase } from '../fakes/database.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { settled } from './settled.js';
import { openSlackDesk, wordsOf } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// Two processes on one database behave as one bot: whoever hears a click, there is one outcome, told once.

let rig: Rig;
let desk: SlackDesk;
let database: TestDatabase;
let bots: readonly [RunningBot, RunningBot];
beforeAll(async () => {
  [rig, desk, database] = await Promise.all([openRig(), openSlackDesk(), createTestDatabase()]);
  const env = {
    ...desk.env,
    MONGODB_URI: database.uri,
    VAULT_IDENTITY: (await generateIdentity()).reveal(),
    AUDIT_KEY: generateAuditKey(systemRandom).reveal(),
  };
  bots = await Promise.all([rig.startBot(env), rig.startBot(env)]);
  desk.connect(bots[0]);
  await desk.setUp();
}, 90_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
  await database.close();
});

const told = async (who: 'tess' | 'dana' | 'luis', id: string): Promise<readonly string[]> =>
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
