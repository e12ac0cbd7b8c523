import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import type { Config } from '../../src/config.js';

type Environment = Readonly<Record<string, string | undefined>>;

const SECRETS = {
  slackToken: 'xoxb-a-secret-token',
  signing: 'a-secret-signing-key',
  entra: 'a-secret-of-the-app',
  teams: 'a-secret-of-the-bot',
  breakGlass: 'a-secret-of-the-second-app',
  identity: 'AGE-SECRET-KEY-1QQQQQQQQQQQQQQ',
  auditKey: 'a-secret-of-the-audit-log-long-enough',
} as const;

const SLACK: Environment = {
  SLACK_BOT_TOKEN: SECRETS.slackToken,
  SLACK_SIGNING_SECRET: SECRETS.signing,
  ENTRA_CLIENT_ID: 'app',
  ENTRA_CLIENT_SECRET: SECRETS.entra,
  BOOTSTRAP_ADMINS: 'slack:U1',
};

const TEAMS: Environment = {
  MICROSOFT_APP_ID: '11111111-1111-4111-8111-111111111111',
  MICROSOFT_APP_PASSWORD: SECRETS.teams,
  MICROSOFT_APP_TENANT_ID: 'AAAAAAAA-0000-4000-8000-000000000001',
  ENTRA_CLIENT_ID: 'app',
  ENTRA_CLIENT_SECRET: SECRETS.entra,
  BOOTSTRAP_ADMINS: 'teams:aaaaaaaa-0000-4000-8000-00000000000b',
};

/** A bot for trying things on one machine, its Teams door open. */
const OPEN: Environment = {
  HOST: '127.0.0.1',
  PUBLIC_URL: 'http://localhost:3978',
  TEAMS_AUTH: 'none',
  ENTRA_AUTHORITY_HOST: 'https://localhost:4433',
  GRAPH_BASE_URL: 'https://127.0.0.1:4433',
  ENTRA_CLIENT_ID: 'app',
  ENTRA_CLIENT_SECRET: SECRETS.entra,
  BOOTSTRAP_ADMINS: 'teams:aaaaaaaa-0000-4000-8000-00000000000b',
};

const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const faultsOf = (env: Environment): readonly string[] => {
  const config = readConfig(env);
  return config.ok ? [] : config.error;
};

const configOf = (env: Environment): Config => {
  const config = readConfig(env);
  if (!config.ok) throw new Error(config.error.join('\n'));
  return config.value;
};

describe('a complete configuration', () => {
  it('of Slack alone, of Teams alone, and of both is taken', () => {
    expect(configOf(SLACK)).toMatchObject({ host: '0.0.0.0', port: 3978, dataDir: '.data', logLevel: 'info' });
    expect(configOf(SLACK)).not.toHaveProperty('teams');
    expect(configOf(TEAMS).teams).toMatchObject({
      auth: 'required',
      tenants: ['aaaaaaaa-0000-4000-8000-000000000001'],
    });
    const both = configOf({ ...SLACK, ...TEAMS });
    expect([both.slack === undefined, both.teams === undefined]).toEqual([false, false]);
  });

  it('lists owners and channels as given, in order', () => {
    const config = configOf({
      ...SLACK,
      BOOTSTRAP_ADMINS: 'slack:U1, teams:AAAA-1 ,',
      APPROVALS_CHANNEL: 'slack:C1,teams:19:abc@thread.v2',
    });
    expect(config.owners).toEqual(['slack:U1', 'teams:aaaa-1']);
    expect(config.approvalChannels).toEqual([
      { platform: 'slack', conversation: 'C1' },
      { platform: 'teams', conversation: '19:abc@thread.v2' },
    ]);
  });

  it('takes an empty variable for an absent one', () => {
    expect(configOf({ ...SLACK, MONGODB_URI: '', SLACK_APP_TOKEN: ' ', MICROSOFT_APP_ID: '' })).toEqual(
      configOf(SLACK),
    );
  });

  it('tells no secret to whoever prints it', () => {
    const config = configOf({ ...SLACK, ...TEAMS, VAULT_IDENTITY: SECRETS.identity, AUDIT_KEY: SECRETS.auditKey });
    for (const secret of Object.values(SECRETS)) expect(JSON.stringify(config)).not.toContain(secret);
  });
});

describe('the app for break-glass accounts', () => {
  const SECOND: Environment = { BREAK_GLASS_CLIENT_ID: 'second', BREAK_GLASS_CLIENT_SECRET: SECRETS.breakGlass };

  it('is none unless it is named', () => {
    expect(configOf(SLACK)).not.toHaveProperty('breakGlass');
  });

  it('has a credential of its own and shares the cloud and its addresses', () => {
    const there = { ENTRA_CLOUD: 'usgov', ENTRA_AUTHORITY_HOST: 'https://localhost:4433' };
    const config = configOf({ ...SLACK, ...there, ...SECOND });
    expect(config.entra).toMatchObject({ clientId: 'app', cloud: 'usgov' });
    expect(config.breakGlass).toMatchObject({
      clientId: 'second',
      credential: { kind: 'secret' },
      cloud: 'usgov',
      authorityHost: 'https://localhost:4433',
    });
    expect(JSON.stringify(config)).not.toContain(SECRETS.breakGlass);
  });

  it.each<[string, Environment, object]>([
    ['its secret in a file', { BREAK_GLASS_CLIENT_SECRET_FILE: file('secret', 'from-a-file') }, { kind: 'secret' }],
    [
      'its certificate',
      { BREAK_GLASS_CLIENT_CERTIFICATE_PATH: '/run/second.pem' },
      { kind: 'certificate', path: '/run/second.pem' },
    ],
    [
      'the token of the platform',
      { ENTRA_CLIENT_SECRET: undefined, AZURE_FEDERATED_TOKEN_FILE: '/run/token' },
      { kind: 'federated', tokenFile: '/run/token' },
    ],
    [
      'its own secret beside the token of the platform, which is for the everyday app then',
      {
        ENTRA_CLIENT_SECRET: undefined,
        AZURE_FEDERATED_TOKEN_FILE: '/run/token',
        BREAK_GLASS_CLIENT_SECRET: SECRETS.breakGlass,
      },
      { kind: 'secret' },
    ],
  ])('proves itself by %s', (_how, env, credential) => {
    const config = configOf({ ...SLACK, BREAK_GLASS_CLIENT_ID: 'second', ...env });
    expect(config.breakGlass).toMatchObject({ clientId: 'second', credential });
  });
});

describe('a variable that is missing, wrong or at odds with another', () => {
  it.each<[string, Environment, string]>([
    [
      'break-glass without a credential',
      { ...SLACK, BREAK_GLASS_CLIENT_ID: 'second' },
      'BREAK_GLASS_CLIENT_CERTIFICATE_PATH',
    ],
    [
      'break-glass with two credentials',
      {
        ...SLACK,
        BREAK_GLASS_CLIENT_ID: 'second',
        BREAK_GLASS_CLIENT_SECRET: SECRETS.breakGlass,
        BREAK_GLASS_CLIENT_CERTIFICATE_PATH: '/run/second.pem',
      },
      'BREAK_GLASS_CLIENT_SECRET',
    ],
    [
      'break-glass with a credential of no app',
      { ...SLACK, BREAK_GLASS_CLIENT_SECRET: SECRETS.breakGlass },
      'BREAK_GLASS_CLIENT_ID',
    ],
    [
      'break-glass by the everyday app',
      { ...SLACK, BREAK_GLASS_CLIENT_ID: 'APP', BREAK_GLASS_CLIENT_SECRET: SECRETS.breakGlass },
      'BREAK_GLASS_CLIENT_ID',
    ],
    ['no chat platform', { ...SLACK, SLACK_BOT_TOKEN: undefined, SLACK_SIGNING_SECRET: undefined }, 'SLACK_BOT_TOKEN'],
    ['Slack without its token', { ...SLACK, SLACK_BOT_TOKEN: undefined }, 'SLACK_BOT_TOKEN'],
    ['Slack without a way in', { ...SLACK, SLACK_SIGNING_SECRET: undefined }, 'SLACK_APP_TOKEN'],
    ['a wrong address of Slack', { ...SLACK, SLACK_API_URL: 'slack.com/api' }, 'SLACK_API_URL'],
    ['Teams without its id', { ...TEAMS, MICROSOFT_APP_ID: undefined }, 'MICROSOFT_APP_ID'],
    ['Teams without its password', { ...TEAMS, MICROSOFT_APP_PASSWORD: undefined }, 'MICROSOFT_APP_PASSWORD'],
    ['Teams without its tenant', { ...TEAMS, MICROSOFT_APP_TENANT_ID: undefined }, 'MICROSOFT_APP_TENANT_ID'],
    ['an unknown kind of bot', { ...TEAMS, MICROSOFT_APP_TYPE: 'Multi' }, 'MICROSOFT_APP_TYPE'],
    [
      'many tenants and none named',
      { ...TEAMS, MICROSOFT_APP_TYPE: 'MultiTenant', MICROSOFT_APP_TENANT_ID: undefined },
      'TEAMS_TENANTS',
    ],
    ['an unknown way to authenticate', { ...TEAMS, TEAMS_AUTH: 'off' }, 'TEAMS_AUTH'],
    [
      'a channel service elsewhere',
      { ...TEAMS, TEAMS_OPENID_METADATA_URL: 'http://evil.example/m' },
      'TEAMS_OPENID_METADATA_URL',
    ],
    ['a token service elsewhere', { ...TEAMS, TEAMS_TOKEN_URL: 'https://evil.example/t' }, 'TEAMS_TOKEN_URL'],
    ['no Entra app', { ...SLACK, ENTRA_CLIENT_ID: undefined }, 'ENTRA_CLIENT_ID'],
    ['no Entra credential', { ...SLACK, ENTRA_CLIENT_SECRET: undefined }, 'ENTRA_CLIENT_SECRET'],
    ['two Entra credentials', { ...SLACK, AZURE_FEDERATED_TOKEN_FILE: '/t' }, 'AZURE_FEDERATED_TOKEN_FILE'],
    ['an unknown cloud', { ...SLACK, ENTRA_CLOUD: 'moon' }, 'ENTRA_CLOUD'],
    ['an authority without TLS', { ...SLACK, ENTRA_AUTHORITY_HOST: 'http://localhost:1' }, 'ENTRA_AUTHORITY_HOST'],
    ['a Graph without TLS', { ...SLACK, GRAPH_BASE_URL: 'http://localhost:1' }, 'GRAPH_BASE_URL'],
    ['a Graph with its version', { ...SLACK, GRAPH_BASE_URL: 'https://localhost:1/v1.0' }, 'GRAPH_BASE_URL'],
    ['no owner', { ...SLACK, BOOTSTRAP_ADMINS: undefined }, 'BOOTSTRAP_ADMINS'],
    ['an owner of no platform', { ...SLACK, BOOTSTRAP_ADMINS: 'dana@msp.example' }, 'BOOTSTRAP_ADMINS'],
    ['a channel of no platform', { ...SLACK, APPROVALS_CHANNEL: '#approvals' }, 'APPROVALS_CHANNEL'],
    ['a port that is none', { ...SLACK, PORT: '65536' }, 'PORT'],
    ['a port in words', { ...SLACK, PORT: 'http' }, 'PORT'],
    ['an address that is none', { ...SLACK, PUBLIC_URL: 'bot.example' }, 'PUBLIC_URL'],
    ['an unknown log level', { ...SLACK, LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    ['a vault key that is none', { ...SLACK, VAULT_IDENTITY: 'age1public' }, 'VAULT_IDENTITY'],
    ['a guessable audit key', { ...SLACK, AUDIT_KEY: `${SECRETS.auditKey},hunter2` }, 'AUDIT_KEY'],
    [
      'a shared database without the vault key',
      { ...SLACK, MONGODB_URI: 'mongodb://db', AUDIT_KEY: SECRETS.auditKey },
      'VAULT_IDENTITY',
    ],
    [
      'a shared database without the audit key',
      { ...SLACK, MONGODB_URI: 'mongodb://db', VAULT_IDENTITY: SECRETS.identity },
      'AUDIT_KEY',
    ],
  ])('%s: is named', (_case, env, name) => {
    const faults = faultsOf(env);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(name);
  });

  it('is named together with all the others', () => {
    expect(faultsOf({ ...SLACK, SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '', PORT: 'x' })).toHaveLength(2);
    const text = faultsOf({ PORT: 'x', LOG_LEVEL: 'y', SLACK_SIGNING_SECRET: 'z', MONGODB_URI: 'mongodb://db' }).join(
      '\n',
    );
    const names = [
      'PORT',
      'LOG_LEVEL',
      'SLACK_BOT_TOKEN',
      'ENTRA_CLIENT_ID',
      'ENTRA_CLIENT_SECRET',
      'BOOTSTRAP_ADMINS',
      'VAULT_IDENTITY',
      'AUDIT_KEY',
    ];
    for (const name of names) expect(text).toContain(name);
  });

  it('is told without what it holds, where that may be a secret', () => {
    const text = faultsOf({
      ...TEAMS,
      ...SECRETS,
      VAULT_IDENTITY: 'hunter2',
      AUDIT_KEY: 'hunter2',
      MICROSOFT_APP_ID: undefined,
    }).join('\n');
    expect(text).toContain('VAULT_IDENTITY');
    for (const secret of [...Object.values(SECRETS), 'hunter2']) expect(text).not.toContain(secret);
  });
});

describe('NAME_FILE', () => {
  it('stands in for NAME, without the line end', () => {
    const { SLACK_BOT_TOKEN: _, ...rest } = SLACK;
    const config = configOf({ ...rest, SLACK_BOT_TOKEN_FILE: file('token', 'xoxb-from-a-file\n') });
    expect(config.slack?.botToken.reveal()).toBe('xoxb-from-a-file');
  });

  it.each<[string, () => Environment]>([
    ['beside NAME', () => ({ ...SLACK, SLACK_BOT_TOKEN_FILE: file('beside', 'x') })],
    ['names nothing', () => ({ ...SLACK, SLACK_BOT_TOKEN: undefined, SLACK_BOT_TOKEN_FILE: join(folder, 'none') })],
    ['names a folder', () => ({ ...SLACK, SLACK_BOT_TOKEN: undefined, SLACK_BOT_TOKEN_FILE: folder })],
    [
      'names an empty file',
      () => ({ ...SLACK, SLACK_BOT_TOKEN: undefined, SLACK_BOT_TOKEN_FILE: file('empty', ' \n') }),
    ],
  ])('%s: is a fault, told once', (_case, env) => {
    const faults = faultsOf(env());
    expect(faults.filter((fault) => fault.includes('SLACK_BOT_TOKEN_FILE'))).toHaveLength(1);
  });

  it.each(['ENTRA_CLIENT_SECRET', 'BOOTSTRAP_ADMINS', 'VAULT_IDENTITY', 'MICROSOFT_APP_ID'])(
    'of %s is read once, so that its fault is told once',
    (name) => {
      const faults = faultsOf({ ...SLACK, [`${name}_FILE`]: join(folder, 'none') });
      expect(faults.filter((fault) => fault.includes(`${name}_FILE names`))).toHaveLength(1);
    },
  );
});

describe('TEAMS_AUTH=none', () => {
  it('is taken where everything is on this machine', () => {
    expect(configOf(OPEN).teams).toMatchObject({ auth: 'none' });
    expect(configOf({ ...OPEN, HOST: '::1', PUBLIC_URL: 'http://[::1]:3978' }).teams).toMatchObject({ auth: 'none' });
  });

  it.each([
    ['HOST', '0.0.0.0'],
    ['HOST', undefined],
    ['HOST', '127.evil.example'],
    ['PUBLIC_URL', 'https://bot.example'],
    ['PUBLIC_URL', 'https://localhost.evil.example'],
    ['PUBLIC_URL', 'https://127.0.0.1@evil.example'],
    ['ENTRA_AUTHORITY_HOST', 'https://login.microsoftonline.com'],
    ['ENTRA_AUTHORITY_HOST', undefined],
    ['GRAPH_BASE_URL', 'https://graph.microsoft.com'],
    ['GRAPH_BASE_URL', undefined],
  ])('is refused when %s is %s', (name, value) => {
    const faults = faultsOf({ ...OPEN, [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`TEAMS_AUTH=none.*${name}`, 'u'));
  });
});
