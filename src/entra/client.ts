import { AuthenticationHandler, Client, HTTPMessageHandler, TelemetryHandler } from '@microsoft/microsoft-graph-client';
import type { AuthenticationProvider, Context, Middleware } from '@microsoft/microsoft-graph-client';
import type { TokenCredential } from '@azure/identity';
import { carry, lostConnection, signInFailure } from './errors.js';

interface ClientOptions {
  readonly credential: TokenCredential;
  /** Without a version. */
  readonly graphBaseUrl: string;
  /** What the token is for: always the cloud's own Graph, wherever this one is reached. */
  readonly scope: string;
  readonly deadlineMs: number;
}

class NoToken extends Error {
  override readonly name = 'NoToken';
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** The credential keeps the token and renews it in time; only the first call of a tenant waits for one. */
const signIn = ({ credential, scope, deadlineMs }: ClientOptions): AuthenticationProvider => ({
  getAccessToken: async () => {
    try {
      const token = await Promise.race([credential.getToken(scope), aborted(AbortSignal.timeout(deadlineMs))]);
      if (token === null) throw new NoToken('the login authority gave no token');
      return token.token;
    } catch (thrown) {
      throw carry(signInFailure(thrown));
    }
  },
});

const transport = (): Middleware => {
  const http = new HTTPMessageHandler();
  return {
    execute: async (context: Context) => {
      try {
        await http.execute(context);
      } catch (thrown) {
        throw carry(lostConnection(thrown));
      }
    },
  };
};

/**
 * A Graph client for one tenant, out of the SDK's own links but two: the one that retries, because it replays writes
 * as well, and the one that follows redirections, because Graph answers none that a token should follow.
 */
export const createClient = (options: ClientOptions): Client =>
  Client.initWithMiddleware({
    middleware: [new AuthenticationHandler(signIn(options)), new TelemetryHandler(), transport()],
    baseUrl: options.graphBaseUrl,
    customHosts: new Set([new URL(options.graphBaseUrl).hostname]),
    fetchOptions: { redirect: 'manual' },
  });
