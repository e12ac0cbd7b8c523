import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Dispatch } from '../../../src/chat/answer.js';
import type { Intent, Speaker } from '../../../src/chat/speaker.js';
import type { Card, CredentialView, Form } from '../../../src/chat/view.js';
import { requestId } from '../../../src/engine/ids.js';
import type { ConversationStore } from '../../../src/flows/ports.js';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createTeams, type Teams } from '../../../src/teams/teams.js';
import { aTeamsPerson, startTeamsConnector, type TeamsConnector } from '../../fakes/teams-connector.js';
import { buttonOf, buttonsOf, inputsOf, textOf } from '../../fakes/teams/cards.js';
import { listen, type Listening } from '../../fakes/teams/listen.js';

const TESS = aTeamsPerson('Tess');
const DANA = aTeamsPerson('Dana');
const CHANNEL = '19:approvals@thread.tacv2';

const card = (title: string, overrides: Partial<Card> = {}): Card => ({
  kind: 'card',
  title,
  lines: [],
  buttons: [],
  ...overrides,
});

const APPROVAL = card('Tess wants access', {
  buttons: [
    { verb: 'approve', id: 'R-7K2M', label: 'Approve', style: 'primary' },
    { verb: 'reveal', id: 'R-7K2M', label: 'Reveal', style: 'default' },
    { verb: 'deny-form', id: 'R-7K2M', label: 'Deny…', style: 'danger' },
  ],
  denyReason: { id: 'R-7K2M' },
});

const FORM: Form = {
  kind: 'form',
  form: 'request',
  id: 'about',
  title: 'Request admin access',
  fields: [
    {
      kind: 'choice',
      name: 'tenant',
      label: 'Tenant',
      optional: false,
      choices: [
        { value: 'contoso', label: 'Contoso' },
        { value: 'fabrikam', label: 'Fabrikam' },
      ],
      value: 'contoso',
      refresh: true,
    },
    {
      kind: 'choices',
      name: 'roles',
      label: 'Roles',
      optional: false,
      choices: [
        { value: 'role-1', label: 'Exchange Administrator' },
        { value: 'role-2', label: 'User Administrator' },
      ],
      values: [],
      refresh: true,
      of: ['tenant'],
    },
    { kind: 'text', name: 'reason', label: 'Reason', optional: false, value: '', multiline: true },
    { kind: 'text', name: 'ticket', label: 'Ticket', optional: true, value: '', multiline: false },
    { kind: 'yes-no', name: 'tap', label: 'Access pass', optional: false, value: false },
  ],
  submit: 'Request',
};

const CREDENTIAL: CredentialView = {
  kind: 'credential',
  id: requestId('R-7K2M'),
  title: 'Contoso',
  portal: 'https://portal.example/',
  upn: 'jit-tess@contoso.example',
  label: 'Password',
  secret: redacted('c0rrect-h0rse'),
  note: 'Shown once.',
};

const show = (view: Card | CredentialView | Form): Answer => ({ kind: 'show', tone: 'answer', view });

const heard: { readonly speaker: Speaker; readonly intent: Intent }[] = [];
const DEFAULT: Dispatch = async () => show(card('Heard'));
let answerWith: Dispatch = DEFAULT;

const noted = new Map<string, string>();
const conversations: ConversationStore = {
  serviceUrlOf: async (conversation) => noted.get(conversation),
  remember: async (conversation, serviceUrl) => void noted.set(conversation, serviceUrl),
};

let connector: TeamsConnector;
let teams: Teams;
let bot: Listening;

beforeAll(async () => {
  connector = await startTeamsConnector();
  teams = createTeams({
    config: { tenants: [], auth: 'none' },
    clock: systemClock,
    log: silentLog,
    conversations,
    answerWithinMs: 1_500,
    dispatch: (speaker, intent) => {
      heard.push({ speaker, intent });
      return answerWith(speaker, intent);
    },
  });
  bot = await listen(teams.listener);
  connector.connect(bot.url);
});

afterAll(async () => {
  await bot.close();
  await teams.stop();
  await connector.close();
});

afterEach(() => {
  heard.length = 0;
  answerWith = DEFAULT;
});

const only = (): { readonly speaker: Speaker; readonly intent: Intent } => {
  expect(heard).toHaveLength(1);
  return heard[0]!;
};

const postTo = async (conversation: string, view: Card = APPROVAL) => {
  const address = { platform: 'teams', conversation, serviceUrl: connector.serviceUrl } as const;
  const delivery = await teams.notifier.post(address, view);
  if (delivery.kind !== 'sent') throw new Error(`not sent: ${delivery.detail}`);
  return connector.message(conversation, ({ id }) => id === delivery.ref.message);
};

describe('a person', () => {
  it('is known by Entra id, name, e-mail, zone and the 1:1 chat', async () => {
    await connector.say(TESS, 'jit list', { zone: 'Europe/Lisbon' });
    expect(only().speaker).toEqual({
      identity: {
        key: `teams:${TESS.aadObjectId}`,
        platform: 'teams',
        name: 'Tess',
        email: 'tess@msp.example',
        zone: 'Europe/Lisbon',
        address: { platform: 'teams', conversation: connector.chatOf(TESS), serviceUrl: connector.serviceUrl },
      },
      direct: true,
      conversation: { platform: 'teams', conversation: connector.chatOf(TESS), serviceUrl: connector.serviceUrl },
    });
  });

  it('has no address in a channel, and no zone that is none', async () => {
    const place = { conversation: `${CHANNEL};messageid=1`, conversationType: 'channel', zone: 'Mars/Base' } as const;
    await connector.say(TESS, 'jit list', place);
    const { identity, direct } = only().speaker;
    expect(direct).toBe(false);
    expect(identity.address).toBeUndefined();
    expect(identity.zone).toBeUndefined();
  });

  it('whom Teams does not name by Entra id is turned away', async () => {
    const { aadObjectId: _none, ...unknown } = aTeamsPerson('Nobody');
    await connector.say(unknown, 'jit list');
    await connector.message(connector.chatOf(unknown), ({ summary }) => summary.includes('who you are'));
    expect(heard).toEqual([]);
  });

  it('is heard without an e-mail address when the roster keeps silent', async () => {
    connector.silenceRoster(true);
    const person = aTeamsPerson('Luis');
    await connector.say(person, 'jit list');
    connector.silenceRoster(false);
    expect(only().speaker.identity).toMatchObject({ name: 'Luis' });
    expect(only().speaker.identity.email).toBeUndefined();
  });

  it('is greeted when the bot is installed, once', async () => {
    const person = aTeamsPerson('Noor');
    await connector.install(person);
    await connector.send(person, { type: 'conversationUpdate', membersAdded: [{ id: '28:bot' }] });
    expect(only()).toMatchObject({ intent: { kind: 'command', text: 'help' }, speaker: { direct: true } });
  });
});

describe('a command', () => {
  it('in a channel is answered in its thread', async () => {
    const place = { conversation: `${CHANNEL};messageid=7`, conversationType: 'channel' } as const;
    const bot_ = { id: '28:11111111-1111-4111-8111-111111111111', name: 'Latchkey', text: '<at>Latchkey</at>' };
    await connector.say(TESS, '<at>Latchkey</at> jit can contoso', { ...place, mentions: [bot_] });
    expect(only().intent).toEqual({ kind: 'command', text: 'can contoso' });
    const answer = await connector.message(place.conversation, ({ summary }) => summary === 'Heard');
    expect(answer.replyTo).toBeDefined();
    expect(answer.activity['text']).toBeUndefined();
  });

  it('that mentions somebody means the person’s Entra account', async () => {
    await connector.say(DANA, 'jit list');
    heard.length = 0;
    const mention = { id: DANA.id, name: 'Dana', text: '<at>Dana</at>' };
    await connector.say(TESS, 'jit admin group add leads <at>Dana</at>', { mentions: [mention] });
    expect(only().intent).toEqual({
      kind: 'command',
      text: `admin group add leads teams:${DANA.aadObjectId?.toLowerCase()}`,
    });
  });

  it('opens a form in a 1:1 chat, never where others read along', async () => {
    answerWith = async () => show(FORM);
    await connector.say(TESS, 'jit request');
    await connector.message(connector.chatOf(TESS), ({ summary }) => summary === 'Request admin access');
    const place = { conversation: CHANNEL, conversationType: 'channel' } as const;
    await connector.say(TESS, 'jit request', place);
    const told = await connector.message(CHANNEL, ({ summary }) => summary.includes('for your eyes alone'));
    expect(inputsOf(told.card)).toEqual([]);
  });

  it('never gets a credential in a message, nor is one taken out for it', async () => {
    answerWith = async () => show(CREDENTIAL);
    await connector.say(TESS, 'jit reveal R-7K2M');
    const offered = await connector.message(connector.chatOf(TESS), ({ summary }) => summary.includes('R-7K2M'));
    expect(buttonOf(offered.card, 'reveal').data).toEqual({ id: 'R-7K2M' });
    expect(heard).toEqual([]);
    await connector.say(TESS, 'jit something else');
    await connector.message(connector.chatOf(TESS), ({ summary }) => summary.includes('never stands in a message'));
    expect(JSON.stringify(connector.messages())).not.toContain('c0rrect-h0rse');
  });

  it('whose conversation breaks is answered all the same', async () => {
    answerWith = () => Promise.reject(new Error('a secret detail'));
    expect(await connector.say(TESS, 'jit list')).toMatchObject({ status: 200 });
    await connector.message(connector.chatOf(TESS), ({ summary }) => summary.includes('not your fault'));
    expect(JSON.stringify(connector.messages())).not.toContain('a secret detail');
  });
});

describe('a click', () => {
  it('carries verb, id and message, and its answer replaces the card', async () => {
    answerWith = async () => ({ kind: 'replace', view: card('Approved by Dana') });
    const message = await postTo(CHANNEL);
    const answer = await connector.click(DANA, message, 'approve');
    expect(only().intent).toEqual({
      kind: 'button',
      verb: 'approve',
      id: 'R-7K2M',
      source: {
        address: { platform: 'teams', conversation: CHANNEL, serviceUrl: connector.serviceUrl },
        message: message.id,
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' },
    });
    expect(textOf(answer.body)).toBe('Approved by Dana');
  });

  it('that is refused leaves the shared card alone', async () => {
    answerWith = async () => ({ kind: 'show', tone: 'refusal', view: card('You asked for this yourself.') });
    const answer = await connector.click(TESS, await postTo(CHANNEL), 'approve');
    expect(answer).toEqual({
      status: 200,
      body: {
        statusCode: 200,
        type: 'application/vnd.microsoft.activity.message',
        value: 'You asked for this yourself.',
      },
    });
  });

  it('with nothing to say is answered as Teams wants it', async () => {
    answerWith = async () => ({ kind: 'nothing' });
    const answer = await connector.click(TESS, await postTo(CHANNEL), 'approve');
    expect(answer.body).toEqual({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: '' });
  });

  it('gets the credential as its answer in the 1:1 chat, in no message', async () => {
    answerWith = async () => show(CREDENTIAL);
    const answer = await connector.click(TESS, await postTo(connector.chatOf(TESS)), 'reveal');
    expect(textOf(answer.body)).toContain('c0rrect-h0rse');
    expect(JSON.stringify(connector.messages())).not.toContain('c0rrect-h0rse');
  });

  it('takes no credential out where others read along, or where the client could not show it', async () => {
    answerWith = async () => show(CREDENTIAL);
    expect(await connector.click(TESS, await postTo(CHANNEL), 'reveal')).toMatchObject({ status: 200 });
    await connector.clickAsSubmit(TESS, await postTo(connector.chatOf(TESS)), 'reveal');
    expect(heard).toEqual([]);
  });

  it('brings the reason of a denial', async () => {
    await connector.click(DANA, await postTo(CHANNEL), 'deny', { note: '  not today ' });
    expect(only().intent).toMatchObject({ kind: 'button', verb: 'deny', id: 'R-7K2M', note: 'not today' });
  });

  it('on the form brings what was chosen, several roles among them', async () => {
    answerWith = async () => show({ ...FORM, problem: 'Too long.' });
    const message = await postTo(connector.chatOf(TESS));
    const shown = await connector.click(TESS, message, 'approve');
    heard.length = 0;
    const inputs = { roles: 'role-1,role-2', reason: ' why, and why not ', ticket: '', tap: 'no' };
    const answer = await connector.clickOn(TESS, shown.body, message, 'form-submit', inputs);
    expect(only().intent).toMatchObject({ kind: 'form', form: 'request', id: 'about', submit: true });
    expect(only().intent).toHaveProperty('values', {
      tenant: 'contoso',
      roles: ['role-1', 'role-2'],
      reason: 'why, and why not',
      tap: 'no',
    });
    expect(textOf(answer.body)).toContain('Too long.');
  });

  it('on “Other tenant” asks for the form without one, forgets its roles and keeps what was typed', async () => {
    answerWith = async () => show(FORM);
    const message = await postTo(connector.chatOf(TESS));
    const shown = await connector.click(TESS, message, 'approve');
    heard.length = 0;
    const other = buttonsOf(shown.body).find(({ title }) => title === 'Other tenant');
    const data = { ...other?.data, roles: 'role-1', reason: 'because', tap: 'yes' };
    const value = { action: { type: 'Action.Execute', verb: other?.verb, data }, trigger: 'manual' };
    await connector.send(TESS, { type: 'invoke', name: 'adaptiveCard/action', value, replyToId: message.id });
    expect(only().intent).toMatchObject({ kind: 'form', submit: false });
    expect(only().intent).toHaveProperty('values', { reason: 'because', tap: 'yes' });
  });

  it.each([
    ['marks that are no JSON', { marks: '{' }],
    ['marks of another shape', { marks: '[1]' }],
    ['fields named as what every object has', { constructor: 'x', toString: 'y', lists: '__proto__,roles' }],
  ])('on a form that somebody tampered with, with %s, is read as far as it makes sense', async (_name, data) => {
    const value = { action: { verb: 'form-submit', data: { form: 'request', id: '', reason: 'why', ...data } } };
    const answer = await connector.send(TESS, { type: 'invoke', name: 'adaptiveCard/action', value });
    expect(answer.status).toBe(200);
    expect(only().intent).toMatchObject({ kind: 'form', values: { reason: 'why' } });
  });

  it('from a client that knows only Action.Submit means the same', async () => {
    answerWith = async () => ({ kind: 'replace', view: card('Approved by Dana') });
    const message = await postTo(CHANNEL);
    await connector.clickAsSubmit(DANA, message, 'approve');
    expect(only().intent).toMatchObject({ kind: 'button', verb: 'approve', id: 'R-7K2M' });
    const updated = await connector.message(CHANNEL, ({ id, updates }) => id === message.id && updates === 1);
    expect(textOf(updated.card)).toBe('Approved by Dana');
  });

  it('that no human made is no click', async () => {
    const value = {
      action: { type: 'Action.Execute', verb: 'approve', data: { id: 'R-1' } },
      trigger: 'automatic',
    };
    const answer = await connector.send(DANA, { type: 'invoke', name: 'adaptiveCard/action', value });
    expect(answer.status).toBe(200);
    expect(heard).toEqual([]);
  });

  it.each([
    ['without a verb', { action: { data: {} } }],
    ['that is nothing', null],
    ['with an id that is no text', { action: { verb: 'approve', data: { id: { $ne: '' } } } }],
  ])('%s is answered, and nothing is asked', async (_name, value) => {
    const answer = await connector.send(DANA, { type: 'invoke', name: 'adaptiveCard/action', value });
    expect(answer).toMatchObject({ status: 200, body: { type: 'application/vnd.microsoft.activity.message' } });
    expect(heard).toEqual([]);
  });

  it('that takes long is answered in time, and its outcome follows', async () => {
    let finish: (answer: Answer) => void = () => undefined;
    answerWith = () => new Promise<Answer>((resolve) => (finish = resolve));
    const message = await postTo(CHANNEL);
    const answer = await connector.click(DANA, message, 'approve');
    expect(textOf(answer.body)).toBe('');
    expect(JSON.stringify(answer.body)).toContain('Still working');
    finish({ kind: 'replace', view: card('Approved at last') });
    const updated = await connector.message(CHANNEL, ({ id, updates }) => id === message.id && updates === 1);
    expect(textOf(updated.card)).toBe('Approved at last');
  });

  it('that reveals too late says how to get another credential', async () => {
    let finish: (answer: Answer) => void = () => undefined;
    answerWith = () => new Promise<Answer>((resolve) => (finish = resolve));
    await connector.click(TESS, await postTo(connector.chatOf(TESS)), 'reveal');
    finish(show(CREDENTIAL));
    const told = await connector.message(connector.chatOf(TESS), ({ summary }) => summary.includes('too late'));
    expect(textOf(told.card)).toContain('jit reveal R-7K2M --again');
    expect(JSON.stringify(connector.messages())).not.toContain('c0rrect-h0rse');
  });
});

describe('a message of the bot', () => {
  const address = (): { platform: 'teams'; conversation: string; serviceUrl: string } => ({
    platform: 'teams',
    conversation: CHANNEL,
    serviceUrl: connector.serviceUrl,
  });

  it.each([
    [403, 'MessageWritesBlocked'],
    [403, 'BotNotInConversationRoster'],
    [404, 'ConversationNotFound'],
  ])('that meets %i %s cannot be delivered', async (status, code) => {
    connector.refuse({ status, code });
    expect(await teams.notifier.post(address(), card('x'))).toEqual({
      kind: 'unreachable',
      detail: expect.stringContaining(code) as string,
    });
  });

  it.each([412, 429, 500, 502, 503, 504])('that meets %i is tried again later, by the caller', async (status) => {
    const asked = connector.requests.length;
    connector.refuse({ status, retryAfter: '7' });
    expect(await teams.notifier.post(address(), card('x'))).toMatchObject({ kind: 'later', retryAfterMs: 7_000 });
    expect(connector.requests.length - asked).toBe(1);
  });

  it('to a service that does not answer is tried again later', async () => {
    const nobody = { ...address(), serviceUrl: 'http://127.0.0.1:9/' };
    expect(await teams.notifier.post(nobody, card('x'))).toMatchObject({ kind: 'later' });
  });

  it('changes in place, and is gone when Teams no longer has it', async () => {
    const message = await postTo(CHANNEL);
    const ref = { address: address(), message: message.id };
    expect(await teams.notifier.update(ref, card('Changed'))).toEqual({ kind: 'sent', ref });
    expect(connector.messages(CHANNEL).find(({ id }) => id === message.id)?.summary).toBe('Changed');
    expect(await teams.notifier.update({ ...ref, message: 'gone' }, card('x'))).toMatchObject({ kind: 'unreachable' });
  });

  it('finds the service of a channel that the bot was added to, threads included, even after a restart', async () => {
    await connector.installIn('19:desk@thread.tacv2', TESS);
    await connector.say(TESS, 'x', { conversation: '19:other@thread.tacv2;messageid=3', conversationType: 'channel' });
    expect(noted.get('19:desk@thread.tacv2')).toBe(connector.serviceUrl);
    const after = createTeams({
      config: { tenants: [], auth: 'none' },
      clock: systemClock,
      log: silentLog,
      conversations,
      dispatch: DEFAULT,
    });
    for (const conversation of ['19:desk@thread.tacv2', '19:other@thread.tacv2']) {
      const delivery = await after.notifier.post({ platform: 'teams', conversation }, card('Hello'));
      expect(delivery).toMatchObject({ kind: 'sent' });
    }
    await after.stop();
  });
});

describe('the door', () => {
  const post = (body: string | undefined, method = 'POST'): Promise<Response> =>
    fetch(`${bot.url}/api/messages`, { method, ...(body === undefined ? {} : { body }) });

  it.each([
    ['malformed JSON', '{"type":'],
    ['no body', ''],
    ['a body that is no activity', '[]'],
    ['an activity without a sender', '{"type":"message"}'],
  ])('answers 400 to %s', async (_name, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('answers 405 to anything but a POST', async () => {
    const response = await post(undefined, 'GET');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('answers 413 to more than any activity holds', async () => {
    expect((await post(JSON.stringify({ text: 'x'.repeat(300_000) }))).status).toBe(413);
  });

  it('lets nobody send the bot elsewhere while there is no authentication', async () => {
    const sent = await connector.send(TESS, { type: 'message', text: 'x', serviceUrl: 'http://169.254.169.254/' });
    expect(sent.status).toBe(403);
    expect(heard).toEqual([]);
  });

  it('says that it does not know other invokes', async () => {
    expect((await connector.send(TESS, { type: 'invoke', name: 'task/fetch' })).status).toBe(501);
  });
});
