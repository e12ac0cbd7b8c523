import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, cardSaying, press, textOf } from '../../demo/conversation.js';
import { startPlayground } from '../../demo/playground.js';
import type { Playground } from '../../demo/playground.js';
import { LEAD, MSP_TENANT } from '../../demo/world.js';
import { openRig } from './rig.js';
import type { Rig } from './rig.js';
import { openSlackDesk } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// One bot in both chats: asked in Slack, approved in Teams, once Dana has joined her two identities.

let rig: Rig;
let desk: SlackDesk;
let lead: Playground;
beforeAll(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
  const bot = await rig.startBot({
    ...desk.env,
    TEAMS_AUTH: 'none',
    TEAMS_TENANTS: MSP_TENANT,
    BOOTSTRAP_ADMINS: `slack:${desk.slack.people.dana.id},teams:${LEAD.aadObjectId}`,
  });
  desk.connect(bot);
  lead = await startPlayground({ bot: `${bot.url}/api/messages`, person: LEAD, tenant: MSP_TENANT });
  await lead.install();
  await lead.message(() => true);
  await desk.setUp();
}, 90_000);
afterAll(async () => {
  await lead.stop();
  await desk.close();
  await rig.close();
});

test('who is not linked cannot decide what was asked in the other chat', async () => {
  await ask(lead, 'jit admin group add "Service desk leads" --member me');
  const id = await desk.ask();
  expect(await ask(lead, `jit approve ${id}`)).toContain('It was asked in Slack, where I do not know you');
  await desk.message('dana', id, 'Approve');
  await desk.say('tess', `cancel ${id}`);
});

test('a link wants a yes on both sides, and makes of both one person who decides in either chat', async () => {
  const offer = await desk.say('dana', 'link');
  const code = /jit link (\w{8})/u.exec(offer)?.[1] ?? '';
  expect(await ask(lead, `jit link ${code}`)).toContain('Are you Dana Whitlock in Slack?');
  await press(lead, await cardSaying(lead, '[Yes, that is me]'), 'link-confirm');
  const question = await desk.message('dana', 'in Teams?', 'Yes, that is me');
  await desk.press('dana', question, 'link-confirm');
  await desk.message('dana', 'Joined');

  const id = await desk.ask('--for 2h');
  const card = await cardSaying(lead, `Tess Okafor wants Helpdesk Administrator`, id, '[Approve]');
  await press(lead, card, 'approve');
  await desk.message('dana', id, 'Approved by Dana Whitlock');
  const decided = await cardSaying(lead, id, 'Approved by Dana Whitlock');
  expect(textOf(decided.card)).not.toContain('[Approve]');
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
  await desk.message('tess', id, 'Ended and confirmed');
  await cardSaying(lead, id, 'Ended and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
}, 60_000);

test('nobody approves in one chat what they asked for in the other', async () => {
  await desk.say('dana', 'admin group add "Service desk" --member me');
  await desk.send('dana', `request contoso --role "Helpdesk Administrator" --for 20s --reason "My own"`);
  const card = await desk.message('luis', 'My own', 'Approve');
  const id = /R-[0-9A-Z]{4,}/u.exec(JSON.stringify(card.blocks))?.[0] ?? '';
  expect(await ask(lead, `jit approve ${id}`)).toContain('someone else has to approve');
  await desk.say('dana', `cancel ${id}`);
}, 60_000);
