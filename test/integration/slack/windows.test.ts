import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import { denyForm } from '../../../src/chat/deny-form.js';
import type { CredentialView } from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { SlackMessage } from '../../fakes/slack.js';
import type { Window } from '../../fakes/slack/windows.js';
import { answer, card, form, refusal, startBot } from './bot.js';
import type { Bot } from './bot.js';

let bot: Bot;
beforeEach(async () => {
  bot = await startBot();
});
afterEach(() => bot.close());

const SECRET = 'Zv8!kq-Tundra-51';
const credential: CredentialView = {
  kind: 'credential',
  id: requestId('R-7K2M'),
  title: 'Contoso, until 16:12',
  portal: 'https://entra.microsoft.com/contoso',
  upn: 'jit-tess@contoso.test',
  label: 'Password',
  secret: redacted(SECRET),
  note: 'Shown once.',
};

const DENY = denyForm('R-7K2M');

const show = (view: Extract<Answer, { kind: 'show' }>['view']): Answer => ({ kind: 'show', tone: 'answer', view });
const later = (given: Answer, ms: number): Promise<Answer> =>
  new Promise((resolve) => setTimeout(() => resolve(given), ms));
const written = (window: Window | undefined): string => JSON.stringify(window?.view);

/** A card with one button in the 1:1 chat of Tess. */
const posted = async (verb: 'reveal' | 'deny-form'): Promise<SlackMessage> => {
  const { tess } = bot.workspace.people;
  const buttons = [{ verb, id: 'R-7K2M', label: 'Go', style: 'primary' }] as const;
  await bot.slack.notifier.post({ platform: 'slack', conversation: tess.id }, card('R-7K2M', { buttons }));
  const [message] = await bot.workspace.messages(tess);
  return message!;
};

const openForm = async (): Promise<Window> => {
  bot.script(show(form()));
  const { tess } = bot.workspace.people;
  expect(await bot.workspace.command(bot.url, tess, 'request')).toEqual({ status: 200, text: '' });
  await bot.settled();
  return bot.workspace.lastWindow()!;
};

test('Reveal opens an empty window before the credential is taken, and shows it there alone', async () => {
  const { workspace } = bot;
  const message = await posted('reveal');
  bot.script(show(credential));
  await workspace.click(bot.url, workspace.people.tess, message, 'reveal');
  await bot.settled();

  const opened = workspace.api.calls.findIndex(({ method }) => method === 'views.open');
  expect(opened).toBeGreaterThan(-1);
  expect(bot.heard[0]?.calls).toBeGreaterThan(opened);
  expect(JSON.stringify(workspace.api.calls[opened])).not.toContain(SECRET);
  expect(written(workspace.lastWindow())).toContain(SECRET);
  expect(workspace.lastWindow()?.view).not.toHaveProperty('private_metadata');

  const elsewhere = workspace.api.calls.filter(({ method }) => method !== 'views.update');
  expect(JSON.stringify([elsewhere, await workspace.messages(workspace.people.tess), bot.logged])).not.toContain(
    SECRET,
  );
});

test('when no window opens, the credential is not taken', async () => {
  const { workspace } = bot;
  await workspace.click(bot.url, workspace.people.tess, await posted('reveal'), 'reveal', { trigger: 'expired' });
  await bot.settled();
  expect(bot.heard).toEqual([]);
  expect(workspace.whispers().map(({ text }) => text)).toEqual(['Slack did not open a window.']);
});

test.each([
  ['Slack answers with an error', { status: 500 }] as const,
  ['Slack refuses the update', { status: 200, body: { ok: false, error: 'not_found' } }] as const,
  ['the answer is lost', 'drop'] as const,
])(
  'a window that cannot be filled because %s is tried once, and the way to a new credential is told',
  async (_why, mishap) => {
    const { workspace } = bot;
    const message = await posted('reveal');
    bot.script(show(credential));
    workspace.api.failNext('views.update', mishap);
    await workspace.click(bot.url, workspace.people.tess, message, 'reveal');
    await bot.settled();
    expect(workspace.api.calls.filter(({ method }) => method === 'views.update')).toHaveLength(1);
    expect(JSON.stringify(workspace.whispers())).toContain('--again');
    expect(JSON.stringify([workspace.whispers(), bot.logged])).not.toContain(SECRET);
  },
);

test('a refused reveal is read in the window', async () => {
  const { workspace } = bot;
  const message = await posted('reveal');
  bot.script(refusal(card('It was shown already at 14:13.')));
  await workspace.click(bot.url, workspace.people.tess, message, 'reveal');
  await bot.settled();
  expect(written(workspace.lastWindow())).toContain('shown already');
});

test('a credential that answers a message is not posted', async () => {
  const { workspace } = bot;
  bot.script(show(credential));
  await workspace.say(bot.url, workspace.people.tess, 'jit reveal R-7K2M');
  await bot.settled();
  const said = JSON.stringify(await workspace.messages(workspace.people.tess));
  expect(said).toContain('/jit reveal R-7K2M --again');
  expect(said).not.toContain(SECRET);
});

test('the request form opens on the command, and each choice asks for the form again', async () => {
  const { workspace } = bot;
  const window = await openForm();
  workspace.window(window.id);

  bot.script(show(form({ tenant: 'fabrikam', roles: [], hint: 'No rule lets you in.' })));
  await workspace.choose(bot.url, workspace.people.tess, window, { tenant: 'fabrikam' });
  await bot.settled();
  expect(bot.heard.at(-1)).toMatchObject({
    speaker: { direct: true },
    intent: {
      kind: 'form',
      form: 'request',
      id: 'about',
      submit: false,
      values: { tenant: 'fabrikam', duration: '4h' },
    },
  });
  expect(written(workspace.window(window.id))).toContain('You may not ask for a role in this tenant.');
  expect(written(workspace.window(window.id))).toContain('No rule lets you in.');
});

test('of two choices in quick succession the later one fills the form, whichever is answered first', async () => {
  const { workspace } = bot;
  const window = await openForm();
  bot.script((_speaker, intent) => {
    const slow = intent.kind === 'form' && intent.values.duration === '2h';
    return later(show(form({ hint: slow ? 'for two hours' : 'for four hours' })), slow ? 300 : 20);
  });
  await workspace.choose(bot.url, workspace.people.tess, window, { duration: '2h' });
  await workspace.choose(bot.url, workspace.people.tess, window, { duration: '4h' });
  await bot.settled();
  expect(written(workspace.window(window.id))).toContain('for four hours');
});

test('a submitted form closes when the request is made', async () => {
  const { workspace } = bot;
  const window = await openForm();
  bot.script({ kind: 'nothing' });
  const typed = { roles: ['role-exchange'], reason: 'Mailbox migration <!channel>', ticket: 'INC-4711' };
  const submitted = await workspace.submit(bot.url, workspace.people.tess, window, typed);
  expect(submitted).toEqual({ status: 200, text: '' });
  expect(workspace.window(window.id)).toBeUndefined();
  expect(bot.heard.at(-1)?.intent).toEqual({
    kind: 'form',
    form: 'request',
    id: 'about',
    submit: true,
    values: {
      tenant: 'contoso',
      roles: ['role-exchange'],
      duration: '4h',
      reason: 'Mailbox migration <!channel>',
      ticket: 'INC-4711',
      tap: 'no',
    },
  });
});

test('a form with a problem stays open, says it, and keeps what was typed', async () => {
  const { workspace } = bot;
  const window = await openForm();
  const typed = { roles: ['role-user'], reason: 'because' };
  bot.script(show(form({ chosen: ['role-user'], reason: 'because', problem: 'Say more: name a ticket.' })));
  await workspace.submit(bot.url, workspace.people.tess, window, typed);
  expect(written(workspace.window(window.id))).toContain('Say more: name a ticket.');

  bot.script({ kind: 'nothing' });
  await workspace.submit(bot.url, workspace.people.tess, window, { ticket: 'INC-1' });
  expect(bot.heard.at(-1)?.intent).toMatchObject({
    values: { roles: ['role-user'], reason: 'because', ticket: 'INC-1' },
  });
  expect(workspace.window(window.id)).toBeUndefined();
});

test('a refusal of a submitted form is read in its window; an answer comes as a message', async () => {
  const { workspace } = bot;
  const typed = { roles: ['role-user'], reason: 'because' };
  const refused = await openForm();
  bot.script(refusal(card('No approver can be reached.')));
  await workspace.submit(bot.url, workspace.people.tess, refused, typed);
  expect(written(workspace.window(refused.id))).toContain('No approver can be reached.');

  const answered = await openForm();
  bot.script(answer(card('Asked Dana and Luis.')));
  await workspace.submit(bot.url, workspace.people.tess, answered, typed);
  await bot.settled();
  expect(workspace.window(answered.id)).toBeUndefined();
  expect((await workspace.messages(workspace.people.tess)).map(({ text }) => text)).toEqual(['Asked Dana and Luis.']);
});

test('a submission that takes long is acknowledged within 3 s, and its window tells the end', async () => {
  const { workspace } = bot;
  const window = await openForm();
  bot.script(() => later({ kind: 'nothing' }, 2_300));
  const submitted = await workspace.submit(bot.url, workspace.people.tess, window, {
    roles: ['role-user'],
    reason: 'x',
  });
  expect(submitted.text).toContain('One moment');
  await bot.settled();
  expect(written(workspace.window(window.id))).toContain('Done');
});

test('Deny asks for a reason in a window that carries the id alone; its refusal is read there', async () => {
  const { workspace } = bot;
  const { tess } = workspace.people;
  const message = await posted('deny-form');
  bot.script(show(DENY));
  await workspace.click(bot.url, tess, message, 'deny-form');
  await bot.settled();
  const window = workspace.lastWindow()!;
  expect(window.view['private_metadata']).toBe('R-7K2M');

  bot.script(refusal(card('Dana approved this at 14:12. Nothing more to do.')));
  await workspace.submit(bot.url, tess, window, { note: 'Not today' });
  expect(bot.heard.at(-1)?.intent).toEqual({
    kind: 'form',
    form: 'deny',
    id: 'R-7K2M',
    submit: true,
    values: { note: 'Not today' },
  });
  expect(written(workspace.window(window.id))).toContain('Dana approved this');

  await workspace.click(bot.url, tess, message, 'deny-form').then(() => bot.settled());
  bot.script(show({ ...DENY, problem: 'A reason of 500 characters at most.' }));
  await workspace.click(bot.url, tess, message, 'deny-form').then(() => bot.settled());
  const again = workspace.lastWindow()!;
  await workspace.submit(bot.url, tess, again, { note: 'long' });
  expect(written(workspace.window(again.id))).toContain('500 characters');

  bot.script({ kind: 'nothing' });
  expect((await workspace.submit(bot.url, tess, again, { note: 'short' })).text).toBe('');
  expect(workspace.window(again.id)).toBeUndefined();
});

const MANY = Array.from({ length: 140 }, (_role, index) => ({
  value: `role-${index}`,
  label: `Role ${index} of many`,
}));

test('a list longer than Slack takes is searched as somebody types, on the form as it is filled', async () => {
  const { workspace } = bot;
  bot.script(show(form({ roles: MANY })));
  await workspace.command(bot.url, workspace.people.tess, 'request');
  await bot.settled();
  const window = workspace.lastWindow()!;
  const found = await workspace.search(bot.url, workspace.people.tess, window, 'roles', 'MANY role 12');
  expect(found.map(({ value }) => value)).toEqual([
    'role-12',
    'role-112',
    ...MANY.slice(120, 130).map(({ value }) => value),
  ]);
  expect(bot.heard.at(-1)?.intent).toMatchObject({
    kind: 'form',
    form: 'request',
    submit: false,
    values: { tenant: 'contoso' },
  });
  expect(await workspace.search(bot.url, workspace.people.tess, window, 'roles', '')).toHaveLength(100);

  bot.script({ kind: 'nothing' });
  await workspace.submit(bot.url, workspace.people.tess, window, { roles: ['role-139'], reason: 'x' });
  expect(bot.heard.at(-1)?.intent).toMatchObject({ values: { roles: ['role-139'] } });
});

test('roles that were chosen for one tenant are forgotten with it, what was typed is not', async () => {
  const { workspace } = bot;
  const window = await openForm();
  bot.script(show(form()));
  await workspace.choose(bot.url, workspace.people.tess, window, { roles: ['role-user'] });
  await bot.settled();
  bot.script(show(form({ tenant: 'fabrikam' })));
  await workspace.choose(bot.url, workspace.people.tess, window, { tenant: 'fabrikam' });
  await bot.settled();
  expect(bot.heard.at(-1)?.intent).not.toHaveProperty('values.roles');

  bot.script({ kind: 'nothing' });
  await workspace.submit(bot.url, workspace.people.tess, window, { roles: ['role-exchange'], reason: 'because' });
  expect(bot.heard.at(-1)?.intent).toMatchObject({
    values: { tenant: 'fabrikam', roles: ['role-exchange'], reason: 'because' },
  });
});
