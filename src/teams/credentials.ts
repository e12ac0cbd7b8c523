import type { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { z } from 'zod';
import { MINUTE, SECOND, addMs, type Clock } from '../lib/clock.js';
import type { Redacted } from '../lib/redacted.js';
import { ConnectorFault } from './connector-http.js';

type Factory = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;
type Credentials = Awaited<ReturnType<Factory['createCredentials']>>;

const Answer = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });

const fetchToken = async (
  tokenUrl: string,
  appId: string,
  password: Redacted<string>,
): Promise<z.infer<typeof Answer>> => {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: password.reveal(),
      scope: 'https://api.botframework.com/.default',
    }),
    signal: AbortSignal.timeout(5 * SECOND),
    redirect: 'error',
  });
  if (!response.ok) throw new ConnectorFault(`the token service answers ${response.status}`);
  return Answer.parse(await response.json());
};

/** The bot's own sign-in at a token service other than Microsoft's, which the library's credentials do not allow. */
export const createLocalCredentials = (
  tokenUrl: string,
  appId: string,
  password: Redacted<string>,
  clock: Clock,
): Factory => {
  let token = { text: '', renewAt: clock.now() };
  const currentToken = async (): Promise<string> => {
    if (token.renewAt <= clock.now()) {
      const fresh = await fetchToken(tokenUrl, appId, password);
      token = { text: fresh.access_token, renewAt: addMs(clock.now(), fresh.expires_in * SECOND - MINUTE) };
    }
    return token.text;
  };
  const credentials: Credentials = {
    signRequest: async (request) => {
      request.headers.set('authorization', `Bearer ${await currentToken()}`);
      return request;
    },
  };
  return {
    isValidAppId: async (candidate) => candidate === appId,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => credentials,
  };
};
