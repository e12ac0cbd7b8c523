import { identityKey } from './engine/ids.js';
import type { IdentityKey } from './engine/ids.js';
import type { Address, Platform } from './engine/person.js';
import type { AppCredential } from './entra/credential.js';
import type { EntraConfig } from './entra/reach.js';
import { isLoopback, readPort, readUrl } from './lib/addresses.js';
import { readEnvironment } from './lib/environment.js';
import type { Environment, EnvironmentReader } from './lib/environment.js';
import { redacted } from './lib/redacted.js';
import type { Redacted } from './lib/redacted.js';
import { err, ok } from './lib/result.js';
import type { Result } from './lib/result.js';
import type { SlackConfig } from './slack/connection.js';
import type { TeamsConfig } from './teams/adapter.js';

/** Everything the environment says, read once and checked as a whole. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly mongodbUri?: string;
  readonly slack?: SlackConfig;
  readonly teams?: TeamsConfig;
  readonly entra: EntraConfig;
  /** The app that alone reaches break-glass accounts; absent: whatever app does the rest. */
  readonly breakGlass?: EntraConfig;
  /** Newest first; empty: one is kept in `dataDir`, which only the embedded engine's single process may rely on. */
  readonly vaultIdentities: readonly Redacted<string>[];
  /** A folder elsewhere, where every sealed break-glass password is kept as well. */
  readonly vaultCopyDir?: string;
  /** As with `vaultIdentities`: the newest signs, all of them confirm. */
  readonly auditKeys: readonly Redacted<string>[];
  readonly owners: readonly IdentityKey[];
  readonly approvalChannels: readonly Address[];
  readonly logLevel: string;
}

const DATA_DIR = '.data';

/** The configuration, or every fault in it at once, each one sentence. */
export const readConfig = (env: Environment): Result<Config, readonly string[]> => {
  const reader = readEnvironment(env);
  const { faults, text, oneOf } = reader;
  const host = text('HOST') ?? '0.0.0.0';
  const port = readPort(reader, 'PORT', 3978);
  const publicUrl = readUrl(reader, 'PUBLIC_URL') ?? `http://${host === '0.0.0.0' ? 'localhost' : host}:${port}`;
  const mongodbUri = text('MONGODB_URI');
  const slack = readSlack(reader);
  const entra = readEntra(reader);
  const breakGlass = readBreakGlass(reader, entra);
  const teams = readTeams(reader, { host, publicUrl, entra });
  const tried = faults.some((fault) => /SLACK_BOT_TOKEN|MICROSOFT_APP_ID/u.test(fault));
  if (slack === undefined && teams === undefined && !tried) {
    faults.push('Neither Slack (SLACK_BOT_TOKEN) nor Teams (MICROSOFT_APP_ID) is configured; set up at least one.');
  }
  const vaultIdentities = readVaultIdentities(reader);
  const vaultCopyDir = text('VAULT_COPY_DIR');
  const auditKeys = readAuditKeys(reader);
  if (mongodbUri !== undefined) {
    const missing = { VAULT_IDENTITY: vaultIdentities, AUDIT_KEY: auditKeys };
    for (const [name, values] of Object.entries(missing)) {
      if (values.length > 0) continue;
      faults.push(
        `${name} is missing: with MONGODB_URI set, every process needs the same one. Make it with npm run secrets.`,
      );
    }
  }
  const config: Config = {
    host,
    port,
    publicUrl,
    dataDir: text('DATA_DIR') ?? DATA_DIR,
    ...(mongodbUri === undefined ? {} : { mongodbUri }),
    ...(slack === undefined ? {} : { slack }),
    ...(teams === undefined ? {} : { teams }),
    entra,
    ...(breakGlass === undefined ? {} : { breakGlass }),
    vaultIdentities,
    ...(vaultCopyDir === undefined ? {} : { vaultCopyDir }),
    auditKeys,
    owners: readOwners(reader),
    approvalChannels: readChannels(reader),
    logLevel: oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
  };
  return faults.length === 0 ? ok(config) : err(faults);
};

/** Where the log lies and what confirms its heads: all that reading and checking it takes. */
export type AuditConfig = Pick<Config, 'dataDir' | 'mongodbUri' | 'auditKeys'>;

/** The part of the environment that concerns the audit log, for who reads it where no bot runs. */
export const readAuditConfig = (env: Environment): Result<AuditConfig, readonly string[]> => {
  const reader = readEnvironment(env);
  const config: AuditConfig = { ...readDatabase(reader), auditKeys: readAuditKeys(reader) };
  return reader.faults.length === 0 ? ok(config) : err(reader.faults);
};

/** Where everything lies. */
type DatabaseConfig = Pick<Config, 'dataDir' | 'mongodbUri'>;

export const readDatabaseConfig = (env: Environment): Result<DatabaseConfig, readonly string[]> => {
  const reader = readEnvironment(env);
  const config = readDatabase(reader);
  return reader.faults.length === 0 ? ok(config) : err(reader.faults);
};

const readDatabase = ({ text }: EnvironmentReader): DatabaseConfig => {
  const mongodbUri = text('MONGODB_URI');
  return { dataDir: text('DATA_DIR') ?? DATA_DIR, ...(mongodbUri === undefined ? {} : { mongodbUri }) };
};

const readVaultIdentities = ({ faults, list }: EnvironmentReader): readonly Redacted<string>[] => {
  const identities = list('VAULT_IDENTITY').map(redacted);
  if (identities.some((identity) => !identity.reveal().startsWith('AGE-SECRET-KEY-1'))) {
    faults.push('VAULT_IDENTITY must hold age identities (AGE-SECRET-KEY-1…), separated by commas.');
  }
  return identities;
};

/** A posted head lets anybody try keys at leisure, so that one which could be guessed is none. */
const SHORTEST_AUDIT_KEY = 32;

const readAuditKeys = ({ faults, list }: EnvironmentReader): readonly Redacted<string>[] => {
  const keys = list('AUDIT_KEY').map(redacted);
  if (keys.some((key) => key.reveal().length < SHORTEST_AUDIT_KEY)) {
    faults.push(
      `AUDIT_KEY must hold random text of at least ${SHORTEST_AUDIT_KEY} characters, several separated by commas.`,
    );
  }
  return keys;
};

const readSlack = (reader: EnvironmentReader): SlackConfig | undefined => {
  const botToken = reader.secret('SLACK_BOT_TOKEN');
  const signingSecret = reader.secret('SLACK_SIGNING_SECRET');
  const appToken = reader.secret('SLACK_APP_TOKEN');
  const apiUrl = readUrl(reader, 'SLACK_API_URL');
  if (botToken === undefined) {
    if (signingSecret !== undefined || appToken !== undefined) {
      reader.faults.push('SLACK_BOT_TOKEN is missing, though other Slack variables are set.');
    }
    return undefined;
  }
  if (signingSecret === undefined && appToken === undefined) {
    reader.faults.push('Slack needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).');
  }
  return {
    botToken,
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(apiUrl === undefined ? {} : { apiUrl: `${apiUrl}/` }),
  };
};

const readEntra = (reader: EnvironmentReader): EntraConfig => {
  const { faults, text } = reader;
  const clientId = text('ENTRA_CLIENT_ID');
  if (clientId === undefined) faults.push('ENTRA_CLIENT_ID is missing: the id of the app that tenants consent to.');
  const ways = [...readOwnWays(reader, 'ENTRA'), ...readFederation(reader)];
  const [credential, ...others] = ways;
  if (credential === undefined || others.length > 0) {
    const names = 'ENTRA_CLIENT_SECRET, ENTRA_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE';
    faults.push(`Exactly one of ${names} must be set.`);
  }
  const authorityHost = readUrl(reader, 'ENTRA_AUTHORITY_HOST', true);
  const graphBaseUrl = readUrl(reader, 'GRAPH_BASE_URL', true);
  if (graphBaseUrl?.endsWith('/v1.0') === true) faults.push('GRAPH_BASE_URL is given without /v1.0.');
  return {
    clientId: clientId ?? '',
    credential: credential ?? NO_CREDENTIAL,
    cloud: reader.oneOf('ENTRA_CLOUD', ['global', 'usgov', 'usdod', 'china'], 'global'),
    ...(authorityHost === undefined ? {} : { authorityHost }),
    ...(graphBaseUrl === undefined ? {} : { graphBaseUrl }),
  };
};

const NO_CREDENTIAL: AppCredential = { kind: 'secret', secret: redacted('') };

const readOwnWays = ({ text, secret }: EnvironmentReader, app: 'ENTRA' | 'BREAK_GLASS'): readonly AppCredential[] => {
  const clientSecret = secret(`${app}_CLIENT_SECRET`);
  const path = text(`${app}_CLIENT_CERTIFICATE_PATH`);
  return [
    ...(clientSecret === undefined ? [] : [{ kind: 'secret' as const, secret: clientSecret }]),
    ...(path === undefined ? [] : [{ kind: 'certificate' as const, path }]),
  ];
};

/** The platform fills one file for the whole process, whichever apps trust its token. */
const readFederation = ({ text }: EnvironmentReader): readonly AppCredential[] => {
  const tokenFile = text('AZURE_FEDERATED_TOKEN_FILE');
  return tokenFile === undefined ? [] : [{ kind: 'federated', tokenFile }];
};

/** A second app in the same cloud. */
const readBreakGlass = (reader: EnvironmentReader, entra: EntraConfig): EntraConfig | undefined => {
  const { faults, text } = reader;
  const clientId = text('BREAK_GLASS_CLIENT_ID');
  const own = readOwnWays(reader, 'BREAK_GLASS');
  if (clientId === undefined) {
    if (own.length > 0) faults.push('BREAK_GLASS_CLIENT_ID is missing, though its credential is set.');
    return undefined;
  }
  if (clientId.toLowerCase() === entra.clientId.toLowerCase()) {
    faults.push('BREAK_GLASS_CLIENT_ID is ENTRA_CLIENT_ID: name a second app, or leave it out.');
  }
  const [credential, ...others] = own.length > 0 ? own : readFederation(reader);
  if (credential === undefined || others.length > 0) {
    const names = 'BREAK_GLASS_CLIENT_SECRET, BREAK_GLASS_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE';
    faults.push(`With BREAK_GLASS_CLIENT_ID set, exactly one of ${names} must be set.`);
  }
  return { ...entra, clientId, credential: credential ?? NO_CREDENTIAL };
};

interface Surroundings {
  readonly host: string;
  readonly publicUrl: string;
  readonly entra: EntraConfig;
}

const readTeams = (reader: EnvironmentReader, { host, publicUrl, entra }: Surroundings): TeamsConfig | undefined => {
  const { faults, text } = reader;
  const auth = reader.oneOf('TEAMS_AUTH', ['required', 'none'], 'required');
  const appId = text('MICROSOFT_APP_ID');
  const appPassword = reader.secret('MICROSOFT_APP_PASSWORD');
  const appTenantId = text('MICROSOFT_APP_TENANT_ID');
  const openIdMetadataUrl = readUrl(reader, 'TEAMS_OPENID_METADATA_URL');
  const tokenUrl = readUrl(reader, 'TEAMS_TOKEN_URL');
  for (const [name, url] of [
    ['TEAMS_OPENID_METADATA_URL', openIdMetadataUrl],
    ['TEAMS_TOKEN_URL', tokenUrl],
  ] as const) {
    if (url !== undefined && !isLoopback(url)) faults.push(`${name} must be a loopback address.`);
  }
  const tenants = reader.list('TEAMS_TENANTS').map((tenant) => tenant.toLowerCase());
  const own = appTenantId === undefined ? [] : [appTenantId.toLowerCase()];
  if (auth === 'none') {
    // A tunnel forwards to loopback too, so the bot's own address alone proves nothing.
    const around = {
      HOST: host,
      PUBLIC_URL: publicUrl,
      ENTRA_AUTHORITY_HOST: entra.authorityHost,
      GRAPH_BASE_URL: entra.graphBaseUrl,
    };
    const open = Object.entries(around).filter(([, address]) => !isLoopback(address));
    if (open.length > 0) {
      faults.push(
        `TEAMS_AUTH=none is for this machine alone; these are not loopback: ${open.map(([name]) => name).join(', ')}.`,
      );
    }
    return { auth, tenants: tenants.length > 0 ? tenants : own, ...(appId === undefined ? {} : { appId }) };
  }
  if (appId === undefined) {
    if (appPassword !== undefined) faults.push('MICROSOFT_APP_ID is missing, though MICROSOFT_APP_PASSWORD is set.');
    return undefined;
  }
  const appType = reader.oneOf(
    'MICROSOFT_APP_TYPE',
    ['SingleTenant', 'UserAssignedMSI', 'MultiTenant'],
    'SingleTenant',
  );
  if (appPassword === undefined && appType !== 'UserAssignedMSI') faults.push('MICROSOFT_APP_PASSWORD is missing.');
  if (appTenantId === undefined && appType !== 'MultiTenant') faults.push('MICROSOFT_APP_TENANT_ID is missing.');
  if (tenants.length === 0 && own.length === 0 && appType === 'MultiTenant')
    faults.push('TEAMS_TENANTS is missing: whose Teams users may speak to it?');
  return {
    auth,
    appId,
    appType,
    tenants: tenants.length > 0 ? tenants : own,
    ...(appPassword === undefined ? {} : { appPassword }),
    ...(appTenantId === undefined ? {} : { appTenantId }),
    ...(openIdMetadataUrl === undefined ? {} : { openIdMetadataUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
  };
};

const PLATFORMS: readonly Platform[] = ['slack', 'teams'];

/** `slack:C012` and `teams:19:abc@thread.v2`: what stands behind the first colon is the platform's own id. */
const readAddressed = (reader: EnvironmentReader, name: string): readonly { platform: Platform; id: string }[] =>
  reader.list(name).flatMap((entry) => {
    const colon = entry.indexOf(':');
    const platform = PLATFORMS.find((known) => known === entry.slice(0, Math.max(0, colon)));
    const id = entry.slice(colon + 1);
    if (platform !== undefined && id !== '') return [{ platform, id }];
    reader.faults.push(`${name}: ${entry} must begin with slack: or teams:.`);
    return [];
  });

const readOwners = (reader: EnvironmentReader): readonly IdentityKey[] => {
  const owners = readAddressed(reader, 'BOOTSTRAP_ADMINS').map(({ platform, id }) => identityKey(platform, id));
  if (reader.list('BOOTSTRAP_ADMINS').length === 0) {
    reader.faults.push('BOOTSTRAP_ADMINS is missing: without a first owner nobody could configure anything.');
  }
  return owners;
};

const readChannels = (reader: EnvironmentReader): readonly Address[] =>
  readAddressed(reader, 'APPROVALS_CHANNEL').map(({ platform, id }) => ({ platform, conversation: id }));
