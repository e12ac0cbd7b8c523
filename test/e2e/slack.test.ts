import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { openSlackDesk, wordsOf } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// The whole journey in Slack: the real process, its own database, signed requests, and Slack's side played by emulate.

let rig: Rig;
let desk: SlackDesk;
let bot: RunningBot;
beforeAll(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
  bot = await rig.startBot({ ...desk.env, APPROVALS_CHANNEL: `slack:${desk.slack.channel}` });
  desk.connect(bot);
}, 60_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
});

const HELPDESK = 'Helpdesk Administrator';

test('without a rule a request is refused, naming whom to ask', async () => {
  await desk.say('dana', `admin tenant add contoso --id ${CONTOSO.id}`);
  const answer = await desk.say('tess', `request contoso --role "${HELPDESK}" --reason "Reset a mailbox"`);
  expect(answer).toContain('No rule lets you ask for access in any tenant');
  expect(answer).toContain('Dana Whitlock');
  expect(await desk.say('dana', 'admin tenant remove contoso --yes')).toContain('no longer connected');
  await desk.setUp();
});

test('ask by form, approve, reveal once, sign in, end, and no longer sign in', async () => {
  const { slack } = desk;
  await slack.command(bot.url, slack.people.tess, 'request --for 2h');
  const form = await desk.window('Request', HELPDESK);
  const [role] = rolesIn(form.view);
  const submitted = await slack.submit(bot.url, slack.people.tess, form, {
    roles: [role ?? ''],
    reason: 'Reset a mailbox <!channel>',
    ticket: 'INC-4711',
  });
  expect(submitted).toEqual({ status: 200, text: '' });
  expect(slack.window(form.id)).toBeUndefined();

  const card = await desk.message('dana', `Tess Okafor wants ${HELPDESK}`, 'INC-4711', 'Approve');
  const id = /R-[0-9A-Z]{4,}/u.exec(wordsOf(card.blocks))?.[0] ?? '';
  await desk.message('luis', id, 'Approve');
  const shared = await desk.message('channel', id, 'Approve');
  expect(await desk.pressAndHear('tess', shared, 'approve')).toContain('someone else has to approve');
  expect(await desk.pressAndHear('mallory', shared, 'approve')).toContain('not yours to decide');

  await desk.press('dana', card, 'approve');
  for (const where of ['dana', 'luis', 'channel'] as const) {
    const decided = await desk.message(where, id, 'Approved by Dana Whitlock');
    expect(wordsOf(decided.blocks)).not.toContain('Deny');
    expect((await slack.messages(where === 'channel' ? slack.channel : slack.people[where])).length).toBe(1);
  }
  expect(await desk.pressAndHear('luis', shared, 'approve')).toContain('Dana Whitlock approved');

  const offer = await desk.message('tess', id, 'Reveal credential');
  const opened = slack.api.calls.length;
  const credential = await desk.reveal(id);
  const [open] = slack.api.calls.slice(opened).filter(({ method }) => method === 'views.open');
  expect(wordsOf(open?.body['view'])).toContain('One moment');
  expect(JSON.stringify(open)).not.toContain(credential.password);
  expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: [HELPDESK] });

  await desk.press('tess', offer, 'reveal');
  const second = await desk.window('shown only once');
  expect(JSON.stringify(second.view)).not.toContain(credential.password);

  await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
  await desk.message('tess', id, 'Ended and confirmed');
  await desk.message('dana', id, 'Ended and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
  const stored = await Promise.all(
    [slack.channel, ...Object.values(slack.people)].map((where) => slack.messages(where)),
  );
  expect(JSON.stringify(stored)).not.toContain(credential.password);
});

test('the second request uses the same account, with another password', async () => {
  const first = await desk.ask('--for 2h');
  await desk.approve(first);
  const credential = await desk.reveal(first);
  expect(rig.signIn(credential)).toMatchObject({ ok: true });
  const users = rig.entra.world.tenants.get(CONTOSO.id)?.users.withKey(credential.upn.toLowerCase());
  expect(users).toHaveLength(1);
  await desk.say('dana', `revoke ${first}`);
  await desk.message('tess', first, 'Revoked by Dana Whitlock and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
});

test('a denial asks for its reason in a window, and the requester reads it', async () => {
  const id = await desk.ask();
  const { slack } = desk;
  await desk.press('luis', await desk.message('luis', id, 'Deny'), 'deny-form');
  const form = await desk.window(`Deny ${id}`);
  await expect(slack.submit(bot.url, slack.people.luis, form, {})).rejects.toThrow('asks for note');
  await slack.submit(bot.url, slack.people.luis, form, { note: 'Not during the freeze' });
  await desk.message('tess', id, 'Denied by Luis Ferreira', 'Not during the freeze');
  await desk.message('channel', id, 'Denied by Luis Ferreira');
  const late = await desk.message('dana', id, 'Denied by Luis Ferreira');
  expect(wordsOf(late.blocks)).not.toContain('Approve');
});

test('a list shows what was asked, and why', async () => {
  const list = await desk.say('tess', 'list');
  expect(list).toContain('Reset a mailbox <!channel>');
});

test('SIGTERM ends it cleanly', async () => {
  const before = performance.now();
  await bot.stop();
  expect(await bot.exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(10_000);
  await eventually('a closed door', () =>
    fetch(`${bot.url}/healthz`).then(
      () => undefined,
      () => true,
    ),
  );
});

const rolesIn = (view: unknown): readonly string[] => {
  const text = JSON.stringify(view);
  return [...text.matchAll(/"action_id":"roles".*?"options":\[(.*?)\]/gu)].flatMap(([, options = '']) =>
    [...options.matchAll(/"value":"([^"]+)"/gu)].map(([, value = '']) => value),
  );
};
