import {
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  type Activity,
  type InvokeResponse,
  type TurnContext,
} from 'botbuilder';
import type { Clock } from '../lib/clock.js';
import type { Redacted } from '../lib/redacted.js';
import type { IncomingActivity } from './activity.js';
import { CHANNEL_ISSUER, createTokenCheck, type TokenCheck } from './channel-token.js';
import { createConnectorHttp } from './connector-http.js';
import { createLocalCredentials } from './credentials.js';
import { createSigningKeys } from './signing-keys.js';

export interface TeamsConfig {
  readonly appId?: string;
  readonly appPassword?: Redacted<string>;
  /** `SingleTenant`, `UserAssignedMSI` or `MultiTenant`. */
  readonly appType?: string;
  readonly appTenantId?: string;
  /** Entra tenant ids whose people may speak to the bot; none named means any, and only without authentication. */
  readonly tenants: readonly string[];
  readonly auth: 'required' | 'none';
  /** A channel service other than Microsoft's, on this machine. */
  readonly openIdMetadataUrl?: string;
  readonly tokenUrl?: string;
}

/** A configuration with which the door would stand open, or that cannot work. */
export class TeamsConfigFault extends Error {
  override readonly name = 'TeamsConfigFault';
}

/** The library itself does not take the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

type Turn = (context: TurnContext) => Promise<void>;

/** The library's adapter without its HTTP part, which prints every failure and shows the library's words to strangers. */
export class TeamsAdapter extends CloudAdapter {
  /** @throws TokenRefused */
  async receive(
    activity: IncomingActivity,
    authorization: string | undefined,
    turn: Turn,
  ): Promise<InvokeResponse | undefined> {
    const incoming = activity as unknown as Activity;
    const caller = await this.botFrameworkAuthentication
      .authenticateRequest(incoming, authorization ?? '')
      .catch((thrown: unknown) => {
        throw new TokenRefused('the Bot Framework refuses the token', { cause: thrown });
      });
    return this.processActivity(caller, incoming, turn);
  }
}

const PUBLIC_METADATA = 'https://login.botframework.com/v1/.well-known/openidconfiguration';
const PUBLIC_LOGIN = 'https://login.microsoftonline.com/botframework.com';
const PUBLIC_SCOPE = 'https://api.botframework.com';
const PUBLIC_OAUTH = 'https://api.botframework.com';

const appIdOf = ({ appId }: TeamsConfig): string => {
  if (appId === undefined || appId === '') throw new TeamsConfigFault('Teams needs the id of the bot registration');
  return appId;
};

const registration = (config: TeamsConfig): Record<string, string> => ({
  MicrosoftAppId: appIdOf(config),
  ...(config.appPassword === undefined ? {} : { MicrosoftAppPassword: config.appPassword.reveal() }),
  ...(config.appType === undefined ? {} : { MicrosoftAppType: config.appType }),
  ...(config.appTenantId === undefined ? {} : { MicrosoftAppTenantId: config.appTenantId }),
});

const localService = (metadataUrl: string, tokenUrl: string): Record<string, string> => ({
  ToChannelFromBotLoginUrl: tokenUrl,
  ToChannelFromBotOAuthScope: PUBLIC_SCOPE,
  ToBotFromChannelTokenIssuer: CHANNEL_ISSUER,
  OAuthUrl: PUBLIC_OAUTH,
  ToBotFromChannelOpenIdMetadataUrl: metadataUrl,
  ToBotFromEmulatorOpenIdMetadataUrl: metadataUrl,
  ValidateAuthority: 'false',
});

const authenticationOf = (config: TeamsConfig, clock: Clock): ConfigurationBotFrameworkAuthentication => {
  const http = { httpClient: createConnectorHttp(clock) };
  if (config.auth === 'none') {
    return new ConfigurationBotFrameworkAuthentication({}, undefined, undefined, undefined, http);
  }
  const { openIdMetadataUrl, tokenUrl, appPassword } = config;
  if (openIdMetadataUrl === undefined && tokenUrl === undefined) {
    return new ConfigurationBotFrameworkAuthentication(registration(config), undefined, undefined, undefined, http);
  }
  if (tokenUrl !== undefined && appPassword === undefined) {
    throw new TeamsConfigFault('a token service on this machine needs the password of the bot registration');
  }
  return new ConfigurationBotFrameworkAuthentication(
    {
      ...registration(config),
      ...localService(openIdMetadataUrl ?? PUBLIC_METADATA, tokenUrl ?? PUBLIC_LOGIN),
    },
    tokenUrl === undefined || appPassword === undefined
      ? undefined
      : createLocalCredentials(tokenUrl, appIdOf(config), appPassword, clock),
    undefined,
    undefined,
    http,
  );
};

/** @throws TeamsConfigFault */
export const createAdapter = (config: TeamsConfig, clock: Clock): TeamsAdapter => {
  if (config.auth === 'required' && config.tenants.length === 0) {
    throw new TeamsConfigFault('Teams needs the Entra tenants whose people may speak to the bot');
  }
  try {
    return new TeamsAdapter(authenticationOf(config, clock));
  } catch (thrown) {
    if (thrown instanceof TeamsConfigFault || !(thrown instanceof Error)) throw thrown;
    // The library names the setting that it misses, never its value.
    throw new TeamsConfigFault(thrown.message, { cause: thrown });
  }
};

/** `undefined`: no authentication. */
export const tokenCheckOf = (config: TeamsConfig, clock: Clock): TokenCheck | undefined =>
  config.auth === 'none'
    ? undefined
    : createTokenCheck(appIdOf(config), createSigningKeys(config.openIdMetadataUrl ?? PUBLIC_METADATA, clock), clock);
