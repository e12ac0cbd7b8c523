import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Mishap } from '../../fakes/slack/web-api.js';
import { card, startBot } from './bot.js';
import type { Bot } from './bot.js';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
});
afterAll(() => bot.close());

const at = (conversation: string) => ({ platform: 'slack' as const, conversation });

test('a card posted to a person lands in their 1:1 chat, which is opened once, and is updated there', async () => {
  const { workspace, slack } = bot;
  const { dana } = workspace.people;
  const first = await slack.notifier.post(at(dana.id), card('Waiting'));
  const second = await slack.notifier.post(at(dana.id), card('Another'));
  if (first.kind !== 'sent' || second.kind !== 'sent') throw new Error('not sent');
  expect(first.ref.address.conversation).toMatch(/^D/);
  expect(workspace.api.calls.filter(({ method }) => method === 'conversations.open')).toHaveLength(1);

  const updated = await slack.notifier.update(first.ref, card('Approved by Dana'));
  expect(updated).toEqual(first);
  expect((await workspace.messages(dana)).map(({ text }) => text)).toEqual(['Another', 'Approved by Dana']);
});

test('no link in a card is unfolded', async () => {
  await bot.slack.notifier.post(at(bot.workspace.channel), card('See the portal'));
  expect(bot.workspace.api.calls.at(-1)?.body).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false' });
});

test.each(['C0NOWHERE', 'D0NOWHERE', 'U0NOBODY'])('%s cannot be reached', async (conversation) => {
  expect(await bot.slack.notifier.post(at(conversation), card('Hello'))).toMatchObject({ kind: 'unreachable' });
});

test('a message that is gone, or somebody else’s, cannot be updated', async () => {
  const ref = { address: at(bot.workspace.channel), message: '1.000001' };
  expect(await bot.slack.notifier.update(ref, card('x'))).toEqual({ kind: 'unreachable', detail: 'message_not_found' });
});

test.each(['is_archived', 'user_disabled', 'account_inactive', 'cannot_dm_bot', 'not_in_channel', 'invalid_blocks'])(
  '%s is for good: trying again does not help',
  async (error) => {
    bot.workspace.api.failNext('chat.postMessage', { status: 200, body: { ok: false, error } });
    expect(await bot.slack.notifier.post(at(bot.workspace.channel), card('x'))).toEqual({
      kind: 'unreachable',
      detail: error,
    });
  },
);

test.each<[string, Mishap | 'drop', object]>([
  ['throttling', { status: 429, headers: { 'retry-after': '7' } }, { retryAfterMs: 7_000 }],
  ['a server error', { status: 503 }, {}],
  ['an internal error', { status: 200, body: { ok: false, error: 'internal_error' } }, {}],
  ['a revoked token', { status: 200, body: { ok: false, error: 'token_revoked' } }, {}],
  ['a dropped connection', 'drop', {}],
])('%s passes: the post is tried once, and is for later', async (_what, mishap, rest) => {
  const posts = () => bot.workspace.api.calls.filter(({ method }) => method === 'chat.postMessage').length;
  const before = posts();
  bot.workspace.api.failNext('chat.postMessage', mishap);
  expect(await bot.slack.notifier.post(at(bot.workspace.channel), card('x'))).toMatchObject({ kind: 'later', ...rest });
  expect(posts()).toBe(before + 1);
});

test('start says in the log whether Slack takes the token', async () => {
  await bot.slack.start();
  bot.workspace.api.failNext('auth.test', { status: 200, body: { ok: false, error: 'invalid_auth' } });
  await bot.slack.start();
  expect(bot.logged[0]).toContain('Northwind Services');
  expect(bot.logged[1]).toContain('invalid_auth');
});
