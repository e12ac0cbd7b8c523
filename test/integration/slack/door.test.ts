import { afterAll, beforeAll, expect, test } from 'vitest';
import { postForm, postSigned } from '../../fakes/slack/signed.js';
import { answer, card, startBot } from './bot.js';
import type { Bot } from './bot.js';

let bot: Bot;
beforeAll(async () => {
  bot = await startBot();
  bot.script(answer(card('Hello')));
});
afterAll(() => bot.close());

const command = (): Record<string, string> => ({
  command: '/jit',
  text: 'help',
  user_id: 'U1',
  user_name: 'x',
  channel_id: 'D1',
  team_id: 'T1',
  trigger_id: '1',
  response_url: bot.workspace.api.responseUrl(),
});

test.each([
  ['forged', { secret: 'not the secret' }],
  ['stale', { skew: -301 }],
])('a %s request is refused with 401 and nobody hears of it', async (_kind, signing) => {
  const before = bot.heard.length;
  const refused = await postForm(`${bot.url}/slack/events`, command(), signing);
  await bot.settled();
  expect(refused).toEqual({ status: 401, text: '' });
  expect(bot.heard).toHaveLength(before);
});

test('a request without signature is refused with 401', async () => {
  const refused = await fetch(`${bot.url}/slack/events`, { method: 'POST', body: new URLSearchParams(command()) });
  expect([refused.status, await refused.text()]).toEqual([401, '']);
});

test('a signed request that makes no sense gets a 4xx, and the door stays open', async () => {
  const url = `${bot.url}/slack/events`;
  expect((await postSigned(url, '{"type":', 'application/json')).status).toBe(400);
  expect((await postForm(url, { payload: '{' })).status).toBe(400);
  expect((await postForm(url, command())).status).toBe(200);
});

test('a body of more than a megabyte is not read', async () => {
  expect((await postSigned(`${bot.url}/slack/events`, 'x'.repeat(1_100_000), 'application/json')).status).toBe(413);
});

test('another path or method is not found', async () => {
  expect((await fetch(`${bot.url}/slack/other`, { method: 'POST', body: '' })).status).toBe(404);
  expect((await fetch(`${bot.url}/slack/events`)).status).toBe(404);
});

test("Slack's check of the address is answered", async () => {
  const challenge = JSON.stringify({ type: 'url_verification', challenge: 'say this' });
  const answered = await postSigned(`${bot.url}/slack/events`, challenge, 'application/json');
  expect(JSON.parse(answered.text)).toEqual({ challenge: 'say this' });
});

test('what the log keeps of all that is sentences, not stacks, bodies or secrets', () => {
  const log = bot.logged.join('\n');
  expect(log).toContain('signature mismatch');
  expect(log).not.toMatch(/\n\s+at |signing-secret|xoxb-|response_url/);
});
