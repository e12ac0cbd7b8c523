import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import type { Json } from '../../fakes/slack/web-api.js';
import { answer, card, form, refusal, startBot } from './bot.js';
import type { Bot } from './bot.js';

let bot: Bot;
beforeEach(async () => {
  bot = await startBot();
});
afterEach(() => bot.close());

const body = (text: string): Json => JSON.parse(text) as Json;
const later = (given: Answer, ms: number): Promise<Answer> =>
  new Promise((resolve) => setTimeout(() => resolve(given), ms));

test('a slash command is answered at once, for the asker alone, and dispatch learns who asks', async () => {
  const { tess } = bot.workspace.people;
  bot.script(answer(card('You may ask for two roles.')));
  const answered = await bot.workspace.command(bot.url, tess, 'can contoso');

  expect(body(answered.text)).toMatchObject({ response_type: 'ephemeral', text: 'You may ask for two roles.' });
  expect(bot.heard).toMatchObject([
    {
      speaker: {
        identity: {
          key: `slack:${tess.id}`,
          platform: 'slack',
          name: 'Tess Okafor',
          email: 'tess@northwind.test',
          zone: 'Europe/Berlin',
          address: { platform: 'slack', conversation: tess.id },
        },
        direct: true,
        conversation: { platform: 'slack', conversation: tess.id },
      },
      intent: { kind: 'command', text: 'can contoso' },
    },
  ]);
});

test('a command typed in a channel is not a direct one, and is still answered for the asker alone', async () => {
  const { workspace } = bot;
  bot.script(refusal(card('No.')));
  const answered = await workspace.command(bot.url, workspace.people.tess, 'list', { channel: workspace.channel });
  expect(body(answered.text)['response_type']).toBe('ephemeral');
  expect(bot.heard[0]?.speaker).toMatchObject({ direct: false, conversation: { conversation: workspace.channel } });
  expect(await workspace.messages(workspace.channel)).toEqual([]);
});

test('a command that takes long is acknowledged within 3 s and answered afterwards', async () => {
  bot.script(() => later(answer(card('Found it after all.')), 2_300));
  const answered = await bot.workspace.command(bot.url, bot.workspace.people.tess, 'status R-1');
  expect(answered).toEqual({ status: 200, text: '' });
  await bot.settled();
  expect(bot.workspace.whispers().map(({ text }) => text)).toEqual(['Found it after all.']);
});

test('dispatch that throws is logged and answered with a plain sentence', async () => {
  bot.script(() => Promise.reject(new Error('E11000 duplicate key')));
  const answered = await bot.workspace.command(bot.url, bot.workspace.people.tess, 'list');
  expect(answered.text).toContain('not your fault');
  expect(answered.text).not.toContain('E11000');
  expect(bot.logged.join('\n')).toContain('E11000');
});

test('somebody Slack says nothing about is called what the command calls them', async () => {
  bot.workspace.api.failNext('users.info', { status: 500 });
  bot.script(answer(card('Hello')));
  await bot.workspace.command(bot.url, bot.workspace.people.tess, 'help');
  expect(bot.heard[0]?.speaker.identity).toEqual({
    key: `slack:${bot.workspace.people.tess.id}`,
    platform: 'slack',
    name: 'tess',
    address: { platform: 'slack', conversation: bot.workspace.people.tess.id },
  });
});

test('a profile is asked for once in ten minutes', async () => {
  bot.script(answer(card('Hello')));
  await bot.workspace.command(bot.url, bot.workspace.people.tess, 'help');
  await bot.workspace.command(bot.url, bot.workspace.people.tess, 'help');
  expect(bot.workspace.api.calls.filter(({ method }) => method === 'users.info')).toHaveLength(1);
});

test('a message in the 1:1 chat is a command, answered there; edits and bots are not heard', async () => {
  const { people } = bot.workspace;
  bot.script(answer(card('Here is what you can do.')));
  await bot.workspace.say(bot.url, people.tess, 'jit help &lt;all&gt; <mailto:a@b.test|a@b.test> <@U0123|luis>');
  await bot.workspace.say(bot.url, people.tess, 'jit help', { subtype: 'message_changed' });
  await bot.workspace.say(bot.url, people.tess, 'jit help', { bot_id: 'B0LATCHKEY' });
  await bot.workspace.say(bot.url, people.tess, 'jit help', { channel_type: 'channel' });
  await bot.settled();
  expect(bot.heard.map(({ intent }) => intent)).toEqual([
    { kind: 'command', text: 'jit help <all> a@b.test <@U0123|luis>' },
  ]);
  expect((await bot.workspace.messages(people.tess)).map(({ text }) => text)).toEqual(['Here is what you can do.']);
});

test('an event that Slack sends again is dealt with once', async () => {
  bot.script(answer(card('Asked.')));
  const again = { event_id: 'Ev1' };
  await bot.workspace.say(bot.url, bot.workspace.people.tess, 'jit request contoso', again);
  await bot.workspace.say(bot.url, bot.workspace.people.tess, 'jit request contoso', again);
  await bot.settled();
  expect(bot.heard).toHaveLength(1);
});

test('where no window can open, the form waits behind a button', async () => {
  const { people } = bot.workspace;
  bot.script({ kind: 'show', tone: 'answer', view: form() });
  await bot.workspace.say(bot.url, people.tess, 'jit request');
  await bot.settled();
  const [offer] = await bot.workspace.messages(people.tess);
  await bot.workspace.click(bot.url, people.tess, offer!, 'form');
  await bot.settled();
  expect(bot.heard.at(-1)?.intent).toMatchObject({ kind: 'button', verb: 'form', id: 'request/about' });
  expect(bot.workspace.lastWindow()?.view['callback_id']).toBe('form:request');
});

test('a click is acknowledged at once and says verb, id and message; a refusal is for the clicker alone', async () => {
  const { workspace } = bot;
  const { tess, dana } = workspace.people;
  const approval = card('Tess wants in', {
    buttons: [{ verb: 'approve', id: 'R-7K2M', label: 'Approve', style: 'primary' }],
  });
  await bot.slack.notifier.post({ platform: 'slack', conversation: workspace.channel }, approval);
  const [message] = await workspace.messages(workspace.channel);

  let decide = (_given: Answer): void => undefined;
  const decided = new Promise<Answer>((resolve) => (decide = resolve));
  bot.script(() => decided);
  const acknowledged = await workspace.click(bot.url, tess, message!, 'approve');
  expect(acknowledged).toEqual({ status: 200, text: '' });
  decide(refusal(card('Somebody else has to approve it.')));
  await bot.settled();
  expect(bot.heard[0]).toMatchObject({
    speaker: { direct: false, conversation: { conversation: workspace.channel } },
    intent: {
      kind: 'button',
      verb: 'approve',
      id: 'R-7K2M',
      source: { address: { platform: 'slack', conversation: workspace.channel }, message: message!.ts },
    },
  });
  expect(workspace.api.calls.at(-1)).toMatchObject({
    method: 'response_url',
    body: { response_type: 'ephemeral', replace_original: false, text: 'Somebody else has to approve it.' },
  });

  await workspace.click(bot.url, dana, message!, 'approve', { responseUrl: false });
  await bot.settled();
  expect(workspace.api.calls.at(-1)).toMatchObject({
    method: 'chat.postEphemeral',
    body: { channel: workspace.channel, user: dana.id },
    answer: { ok: true },
  });
});

test('an answer that replaces takes the place of the clicked message, ephemeral or not', async () => {
  const { workspace } = bot;
  const offer = card('Link?', { buttons: [{ verb: 'link-confirm', id: 'CODE', label: 'Yes', style: 'primary' }] });
  await bot.slack.notifier.post({ platform: 'slack', conversation: workspace.channel }, offer);
  const [message] = await workspace.messages(workspace.channel);
  bot.script({ kind: 'replace', view: card('Linked.') });

  await workspace.click(bot.url, workspace.people.tess, message!, 'link-confirm');
  await bot.settled();
  expect((await workspace.messages(workspace.channel)).map(({ text }) => text)).toEqual(['Linked.']);

  await workspace.click(bot.url, workspace.people.tess, { ...message!, ephemeral: true }, 'link-confirm');
  await bot.settled();
  expect(bot.heard.at(-1)?.intent).not.toHaveProperty('source');
  expect(workspace.whispers()).toHaveLength(1);
  expect(workspace.api.calls.at(-1)).toMatchObject({ method: 'response_url', body: { replace_original: true } });
});

test('a window that Slack does not open costs nothing: the offer comes as a card', async () => {
  bot.script({ kind: 'show', tone: 'answer', view: form() });
  const answered = await bot.workspace.command(bot.url, bot.workspace.people.tess, 'request', { trigger: 'expired' });
  await bot.settled();
  expect(answered).toEqual({ status: 200, text: '' });
  const [offer] = bot.workspace.whispers();
  await bot.workspace.click(bot.url, bot.workspace.people.tess, offer!, 'form');
  await bot.settled();
  expect(bot.workspace.lastWindow()).toBeDefined();
});
