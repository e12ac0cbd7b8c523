import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Intent } from '../../../src/chat/speaker.js';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog, type Log } from '../../../src/lib/log.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createAdapter, TeamsConfigFault, type TeamsConfig } from '../../../src/teams/adapter.js';
import { createTeams, type Teams } from '../../../src/teams/teams.js';
import { aTeamsPerson, startTeamsConnector, type TeamsConnector } from '../../fakes/teams-connector.js';
import { startChannelAuthority, type ChannelAuthority, type TokenClaims } from '../../fakes/teams/channel-authority.js';
import { listen, type Listening } from '../../fakes/teams/listen.js';

const APP = '11111111-1111-4111-8111-111111111111';
const PASSWORD = 'the-bots-password';
const TESS = aTeamsPerson('Tess');

let authority: ChannelAuthority;
let connector: TeamsConnector;
let teams: Teams;
let bot: Listening;
const heard: Intent[] = [];
const warnings: { readonly fields: object; readonly message: string }[] = [];
const log: Log = { ...silentLog, warn: (fields, message) => void warnings.push({ fields, message }) };

const config = (overrides: Partial<TeamsConfig> = {}): TeamsConfig => ({
  appId: APP,
  appPassword: redacted(PASSWORD),
  appType: 'SingleTenant',
  appTenantId: TESS.tenant,
  tenants: [TESS.tenant.toUpperCase()],
  auth: 'required',
  openIdMetadataUrl: authority.openIdMetadataUrl,
  tokenUrl: authority.tokenUrl,
  ...overrides,
});

beforeAll(async () => {
  authority = await startChannelAuthority({ appId: APP, password: PASSWORD });
  connector = await startTeamsConnector({
    token: (serviceUrl) => authority.token({ audience: APP, serviceUrl }),
    isBotToken: (authorization) => authority.isBotToken(authorization),
  });
  teams = createTeams({
    config: config(),
    clock: systemClock,
    log,
    dispatch: async (_speaker, intent) => {
      heard.push(intent);
      return {
        kind: 'show',
        tone: 'answer',
        view: { kind: 'card', title: 'Heard', lines: [], buttons: [] },
      };
    },
  });
  bot = await listen(teams.listener);
  connector.connect(bot.url);
});

afterAll(async () => {
  await bot.close();
  await teams.stop();
  await connector.close();
  await authority.close();
});

afterEach(() => {
  heard.length = 0;
});

const bearer = async (claims: Partial<TokenClaims>): Promise<string> =>
  `Bearer ${await authority.token({ audience: APP, serviceUrl: connector.serviceUrl, ...claims })}`;

describe('a channel service that signs its activities', () => {
  it('is heard, and is answered with the bot’s own token', async () => {
    expect(await connector.say(TESS, 'jit list')).toMatchObject({ status: 200 });
    expect(heard).toEqual([{ kind: 'command', text: 'list' }]);
    await connector.message(connector.chatOf(TESS), ({ summary }) => summary === 'Heard');
  });

  it('can be written to before it said anything', async () => {
    const address = { platform: 'teams', conversation: 'a:elsewhere', serviceUrl: connector.serviceUrl } as const;
    const delivery = await teams.notifier.post(address, { kind: 'card', title: 'Hello', lines: [], buttons: [] });
    expect(delivery).toMatchObject({ kind: 'sent' });
  });

  it('does not have its keys read again for every activity', async () => {
    await connector.say(TESS, 'jit list');
    const read = authority.keysRead();
    await connector.say(TESS, 'jit list');
    expect(authority.keysRead()).toBe(read);
  });
});

describe('anybody else', () => {
  it.each<[string, () => Promise<string | null>]>([
    ['without a token', async () => null],
    ['with something else than a token', async () => 'Bearer of.bad.news'],
    ['with basic credentials', async () => 'Basic dGVzczp0ZXNz'],
    ['with a token for another bot', () => bearer({ audience: '22222222-2222-4222-8222-222222222222' })],
    ['with a token of another issuer', () => bearer({ issuer: 'https://sts.windows.net/evil/' })],
    ['with a token for another service URL', () => bearer({ serviceUrl: 'https://evil.example/' })],
    ['with an expired token', () => bearer({ expiresIn: -600 })],
    ['with a token under a stranger’s signature', () => bearer({ signedBy: 'stranger' })],
    ['with a token under an unknown key', () => bearer({ signedBy: 'unknown' })],
    ['with a token whose key does not speak for Teams', () => bearer({ signedBy: 'unendorsed' })],
  ])('%s is refused, and nothing happens', async (_name, authorization) => {
    const posted = connector.messages().length;
    expect(await connector.say(TESS, 'jit list', { authorization: await authorization() })).toMatchObject({
      status: 401,
    });
    expect(heard).toEqual([]);
    expect(connector.messages()).toHaveLength(posted);
  });

  it('who leaves the service URL away does not escape the check that it is the token’s', async () => {
    const sent = { type: 'message', text: 'jit list', serviceUrl: undefined };
    expect(await connector.send(TESS, sent)).toMatchObject({ status: 400 });
    const elsewhere = { ...sent, serviceUrl: 'https://evil.example/' };
    expect(await connector.send(TESS, elsewhere)).toMatchObject({ status: 401 });
    expect(heard).toEqual([]);
  });

  it('on another channel is refused', async () => {
    const sent = { type: 'message', text: 'jit list', channelId: 'webchat' };
    expect(await connector.send(TESS, sent)).toMatchObject({ status: 401 });
    expect(heard).toEqual([]);
  });

  it('fills neither the console nor the log', async () => {
    const console_ = (['error', 'warn', 'log'] as const).map((name) => vi.spyOn(console, name));
    warnings.length = 0;
    for (const signedBy of ['stranger', 'unknown', 'unendorsed'] as const) {
      for (const expiresIn of [-600, 3_600]) {
        await connector.say(TESS, 'x', { authorization: await bearer({ signedBy, expiresIn }) });
      }
    }
    for (const spy of console_) expect(spy).not.toHaveBeenCalled();
    expect(warnings.length).toBeLessThanOrEqual(1);
  });
});

describe('a person of a tenant that is not served', () => {
  const MALLORY = aTeamsPerson('Mallory', { tenant: 'eeeeeeee-0000-4000-8000-00000000000e' });

  it('is told so, and changes nothing', async () => {
    warnings.length = 0;
    expect(await connector.say(MALLORY, 'jit list')).toMatchObject({ status: 200 });
    await connector.say(MALLORY, 'jit list');
    await connector.message(connector.chatOf(MALLORY), ({ summary }) => summary.includes('do not serve'));
    expect(heard).toEqual([]);
    expect(warnings.filter(({ fields }) => 'tenant' in fields)).toHaveLength(1);
  });

  it('clicks in vain', async () => {
    const value = { action: { type: 'Action.Execute', verb: 'approve', data: { id: 'R-1' } } };
    const click = { type: 'invoke', name: 'adaptiveCard/action', value };
    expect(await connector.send(MALLORY, click)).toMatchObject({ status: 403 });
    expect(heard).toEqual([]);
  });

  it('cannot pass by naming a served tenant beside the own, nor by naming none', async () => {
    const message = { type: 'message', text: 'jit list' };
    await connector.send(MALLORY, { ...message, channelData: { tenant: { id: TESS.tenant } } });
    await connector.send(MALLORY, {
      ...message,
      channelData: {},
      conversation: { id: 'a:x', conversationType: 'personal' },
    });
    expect(heard).toEqual([]);
  });
});

describe('while the keys of the channel service cannot be read', () => {
  it('nobody is heard, and the service is asked to come again', async () => {
    authority.breakKeys(true);
    const apart = createTeams({
      config: config(),
      clock: systemClock,
      log: silentLog,
      dispatch: () => Promise.reject(new Error('must not be called')),
    });
    const door = await listen(apart.listener);
    connector.connect(door.url);
    expect(await connector.say(TESS, 'jit list')).toMatchObject({ status: 503 });
    authority.breakKeys(false);
    connector.connect(bot.url);
    await door.close();
    await apart.stop();
  });
});

describe('a configuration', () => {
  it('that would leave the door open, or cannot work, is refused', () => {
    const create = (overrides: Partial<TeamsConfig>): Teams =>
      createTeams({ config: config(overrides), clock: systemClock, log, dispatch: async () => ({ kind: 'nothing' }) });
    expect(() => create({ tenants: [] })).toThrow(TeamsConfigFault);
    expect(() => create({ appId: '' })).toThrow(TeamsConfigFault);
    const { appPassword: _none, openIdMetadataUrl: _url, tokenUrl: _token, ...withoutPassword } = config();
    expect(() => createAdapter(withoutPassword, systemClock)).toThrow(TeamsConfigFault);
  });
});
