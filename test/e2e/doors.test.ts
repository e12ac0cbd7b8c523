import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { systemRandom } from '../../src/lib/random.js';
import { generateAuditKey } from '../../src/vault/audit-key.js';
import { generateIdentity } from '../../src/vault/vault.js';
import { createTestDatabase } from '../fakes/database.js';
import type { TestDatabase } from '../fakes/database.js';
import { postForm, postSigned, SIGNING_SECRET } from '../fakes/slack/signed.js';
import { aTeamsPerson, startTeamsConnector } from '../fakes/teams-connector.js';
import type { TeamsConnector } from '../fakes/teams-connector.js';
import { startChannelAuthority } from '../fakes/teams/channel-authority.js';
import type { ChannelAuthority, TokenClaims } from '../fakes/teams/channel-authority.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { settled } from './settled.js';
import { openSlackDesk } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// Whatever comes to a door that must not come in gets a clear answer, and changes nothing in the database.

const APP = '11111111-1111-4111-8111-111111111111';
const PASSWORD = 'the-bots-password';
const AUDIT_KEY = generateAuditKey(systemRandom).reveal();
const TESS = aTeamsPerson('Tess');
const MALLORY = aTeamsPerson('Mallory', { tenant: 'eeeeeeee-0000-4000-8000-00000000000e' });

let rig: Rig;
let desk: SlackDesk;
let database: TestDatabase;
let authority: ChannelAuthority;
let connector: TeamsConnector;
let bot: RunningBot;
let identity: string;
beforeAll(async () => {
  [rig, desk, database, authority] = await Promise.all([
    openRig(),
    openSlackDesk(),
    createTestDatabase(),
    startChannelAuthority({ appId: APP, password: PASSWORD }),
  ]);
  connector = await startTeamsConnector({
    token: (serviceUrl) => authority.token({ audience: APP, serviceUrl }),
    isBotToken: (authorization) => authority.isBotToken(authorization),
  });
  identity = (await generateIdentity()).reveal();
  bot = await rig.startBot({
    ...desk.env,
    MONGODB_URI: database.uri,
    VAULT_IDENTITY: identity,
    AUDIT_KEY,
    MICROSOFT_APP_ID: APP,
    MICROSOFT_APP_PASSWORD: PASSWORD,
    MICROSOFT_APP_TENANT_ID: TESS.tenant,
    TEAMS_OPENID_METADATA_URL: authority.openIdMetadataUrl,
    TEAMS_TOKEN_URL: authority.tokenUrl,
  });
  desk.connect(bot);
  connector.connect(bot.url);
  await desk.setUp();
}, 90_000);
afterAll(async () => {
  await desk.close();
  await connector.close();
  await rig.close();
  await authority.close();
  await database.close();
});

// Alarms are no truth, and whoever speaks to the bot is remembered even where they may do nothing.
const PASSING = ['alarms', 'chores'];
const SPEAKERS = ['people', 'identities', 'aliases', 'conversations'];

const dump = async (without: readonly string[]): Promise<string> => {
  const { db } = database;
  await settled(db);
  const names = (await db.listCollections().toArray())
    .map(({ name }) => name)
    .filter((name) => !without.includes(name));
  const all = names.toSorted().map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()]);
  return JSON.stringify(await Promise.all(all));
};

const changesNothing = async <T>(act: () => Promise<T>, without: readonly string[] = PASSING): Promise<T> => {
  const before = await dump(without);
  const result = await act();
  expect(await dump(without)).toBe(before);
  return result;
};

const bySpeaker = [...PASSING, ...SPEAKERS];

interface AuditLine {
  readonly event: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> };
}

const onRecord = (): Promise<AuditLine[]> =>
  database.db.collection<AuditLine>('audit').find().sort({ _id: 1 }).toArray();

/** Changes nothing either, but that it was tried is on record: one line, of just what was attempted. */
const refuses = async <T>(attempted: string, act: () => Promise<T>): Promise<T> => {
  await settled(database.db);
  const before = await onRecord();
  const result = await changesNothing(act, [...bySpeaker, 'audit']);
  const added = await eventually('the refusal on record', async () => {
    const lines = (await onRecord()).slice(before.length);
    return lines.length > 0 ? lines : undefined;
  });
  expect(added).toMatchObject([{ event: { what: 'refused', facts: { attempted } } }]);
  return result;
};

describe('the Slack door', () => {
  const events = (): string => `${bot.url}/slack/events`;
  const command = (): Record<string, string> => ({
    command: '/jit',
    text: 'admin group add Intruders --member me',
    user_id: desk.slack.people.dana.id,
    user_name: 'dana',
    channel_id: 'D1',
    team_id: 'T1',
    trigger_id: '1',
    response_url: desk.slack.api.responseUrl(),
  });

  test.each([
    ['forged', { secret: 'not the secret' }],
    ['stale', { skew: -301 }],
    ['unsigned', { headers: { 'x-slack-signature': '' } }],
    [
      'signed for another moment',
      { headers: { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000) - 5) } },
    ],
  ])('refuses what is %s', async (_what, signing) => {
    expect(await changesNothing(() => postForm(events(), command(), signing))).toEqual({ status: 401, text: '' });
  });

  test('refuses what makes no sense or is too large, and stays open', async () => {
    const { status } = await changesNothing(() => postSigned(events(), '{"type":', 'application/json'));
    expect(status).toBe(400);
    const large = await changesNothing(() => postSigned(events(), 'x'.repeat(1_100_000), 'application/json'));
    expect(large.status).toBe(413);
    expect(await desk.say('tess', 'list')).toContain('Your requests');
  });
});

describe('the Teams door', () => {
  const bearer = async (claims: Partial<TokenClaims>): Promise<string> =>
    `Bearer ${await authority.token({ audience: APP, serviceUrl: connector.serviceUrl, ...claims })}`;

  test.each<[string, () => Promise<string | null>]>([
    ['without a token', async () => null],
    ['with a token for another bot', () => bearer({ audience: '22222222-2222-4222-8222-222222222222' })],
    ['with an expired token', () => bearer({ expiresIn: -600 })],
    ['with a forged token', () => bearer({ signedBy: 'stranger' })],
    ['with a token for another service', () => bearer({ serviceUrl: 'https://evil.example/' })],
  ])('refuses who comes %s', async (_what, authorization) => {
    const token = await authorization();
    const posted = await changesNothing(() => connector.say(TESS, 'jit list', { authorization: token }));
    expect(posted.status).toBe(401);
  });

  test('tells a foreign organization that it is not served', async () => {
    await changesNothing(async () => {
      expect(await connector.say(MALLORY, 'jit list')).toMatchObject({ status: 200 });
      await connector.message(connector.chatOf(MALLORY), ({ summary }) => summary.includes('do not serve'));
    });
  });

  test('refuses what is no activity, or too large', async () => {
    const post = (body: string): Promise<number> =>
      fetch(`${bot.url}/api/messages`, { method: 'POST', body }).then(({ status }) => status);
    expect(await changesNothing(() => post('{"type":'))).toBe(400);
    expect(await changesNothing(() => post('{}'))).toBe(400);
    expect(await changesNothing(() => post('x'.repeat(300_000)))).toBe(413);
  });

  test('serves who belongs', async () => {
    expect(await connector.say(TESS, 'jit list')).toMatchObject({ status: 200 });
    await connector.message(connector.chatOf(TESS), ({ summary }) => summary === 'Your requests');
  });

  test('without authentication still serves its own organization alone', async () => {
    const open = await rig.startBot({
      MONGODB_URI: database.uri,
      VAULT_IDENTITY: identity,
      AUDIT_KEY,
      BOOTSTRAP_ADMINS: `slack:${desk.slack.people.dana.id}`,
      TEAMS_AUTH: 'none',
      TEAMS_TENANTS: TESS.tenant,
    });
    const nearby = await startTeamsConnector();
    nearby.connect(open.url);
    await changesNothing(async () => {
      await nearby.say(MALLORY, 'jit list');
      await nearby.message(nearby.chatOf(MALLORY), ({ summary }) => summary.includes('do not serve'));
      const value = { action: { type: 'Action.Execute', verb: 'approve', data: { id: 'R-1' } } };
      const click = { type: 'invoke', name: 'adaptiveCard/action', value };
      expect(await nearby.send(MALLORY, click)).toMatchObject({ status: 403 });
      const elsewhere = { type: 'message', text: 'jit list', serviceUrl: 'https://evil.example/' };
      expect(await nearby.send(TESS, elsewhere)).toMatchObject({ status: 403 });
    });
    await nearby.close();
    await open.stop();
  });
});

describe('any other door', () => {
  test.each([
    ['GET', '/slack/events', 405],
    ['PUT', '/api/messages', 405],
    ['POST', '/slack/other', 404],
    ['GET', '/', 404],
    ['GET', '/../../etc/passwd', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const response = await changesNothing(() => fetch(`${bot.url}${path}`, { method }));
    expect(response.status).toBe(status);
  });
});

describe('who comes in but may not, or asks for what cannot be', () => {
  test.each([
    ['an unknown tenant', 'request contosso --role "Helpdesk Administrator" --reason x', 'contosso'],
    ['an unknown role', 'request contoso --role "Helpdesk Admiral" --reason x', 'Helpdesk Admiral'],
    ['a role nobody gives', 'request contoso --role "Global Administrator" --reason x', 'You may not ask for'],
    ['too long a time', 'request contoso --role "Helpdesk Administrator" --for 5h --reason x', 'at most 4 h'],
    [
      'a past time',
      'request contoso --role "Helpdesk Administrator" --until "2020-01-01 10:00" --reason x',
      'in the past',
    ],
    ['too long a reason', `request contoso --role "Helpdesk Administrator" --reason "${'x'.repeat(1_001)}"`, 'at most'],
    ['to decide what is not there', 'approve R-ZZZZ', 'No request R-ZZZZ'],
    ['to configure', 'admin group add Intruders --member me', 'Only admins'],
    ['nothing known', 'destroy everything', 'help'],
  ])('%s is refused', async (_what, command, expected) => {
    const attempted = /^(?:admin \w+ \w+|approve|request)/u.exec(command)?.[0] ?? 'unreadable command';
    expect(await refuses(attempted, () => desk.say('tess', command))).toContain(expected);
  });

  test('a request is decided once, by those alone who may', async () => {
    const id = await desk.ask();
    const card = await desk.message('dana', id, 'Approve');
    const refused = (who: 'tess' | 'mallory' | 'dana'): Promise<string> =>
      refuses('button approve', () => desk.pressAndHear(who, card, 'approve'));
    expect(await refused('tess')).toContain('someone else has to approve');
    expect(await refused('mallory')).toContain('not yours to decide');
    const long = `approve ${id} "${'x'.repeat(1_001)}"`;
    expect(await refuses('approve', () => desk.say('dana', long))).toContain('at most');
    expect(await refuses('status', () => desk.say('mallory', `status ${id}`))).toContain('that you may see');

    await desk.say('luis', `deny ${id} "Not today"`);
    await desk.message('dana', id, 'Denied by Luis Ferreira');
    expect(await refused('dana')).toContain('Luis Ferreira denied');
    // The same word once more is no fault; it only changes nothing.
    await changesNothing(() => desk.say('luis', `deny ${id} "Not today"`), bySpeaker);
    expect(await refuses('cancel', () => desk.say('tess', `cancel ${id}`))).toContain('nothing to cancel');
    expect(await refuses('end', () => desk.say('tess', `end ${id}`))).toContain('nothing to end');
  });

  test('a signed click that is sent again decides nothing anew', async () => {
    const id = await desk.ask('--for 2h');
    const { slack } = desk;
    const card = await desk.message('dana', id, 'Approve');
    const payload = JSON.stringify({
      type: 'block_actions',
      team: { id: 'T000000001' },
      user: { id: slack.people.dana.id, username: 'dana', name: 'dana', team_id: 'T000000001' },
      trigger_id: '1.2',
      response_url: slack.api.responseUrl(),
      container: { type: 'message', message_ts: card.ts, channel_id: card.channel },
      channel: { id: card.channel, name: 'x' },
      message: { type: 'message', ...card },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'b', action_ts: '1', value: id }],
    });
    const send = () => postForm(`${bot.url}/slack/events`, { payload }, { secret: SIGNING_SECRET });
    await send();
    await desk.message('tess', id, 'Reveal credential');
    await changesNothing(async () => {
      expect(await send()).toMatchObject({ status: 200 });
      await desk.say('dana', 'list');
    }, bySpeaker);
    await desk.say('tess', `end ${id}`);
    await desk.message('tess', id, 'Ended and confirmed');
  });
});
