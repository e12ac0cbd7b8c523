import { AuthenticationHandler, Client, HTTPMessageHandler, TelemetryHandler } from '@microsoft/microsoft-graph-client';
import type { AuthenticationProvider, Context, Middleware } from '@microsoft/microsoft-graph-client';
import { carry, lostConnection, signInFailure } from './errors.js';
import type { Tokens } from './tokens.js';

interface ClientOptions {
  readonly tokens: Tokens;
  /** Without a version. */
  readonly graphBaseUrl: string;
}

const signedIn = (tokens: Tokens): AuthenticationProvider => ({
  getAccessToken: async () => {
    try {
      return await tokens.current();
    } catch (thrown) {
      throw carry(signInFailure(thrown));
    }
  },
});

/** Node's own fetch, which keeps connections to a host open for the next call and opens more where calls run side by side. */
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
export const createClient = ({ tokens, graphBaseUrl }: ClientOptions): Client =>
  Client.initWithMiddleware({
    middleware: [new AuthenticationHandler(signedIn(tokens)), new TelemetryHandler(), transport()],
    baseUrl: graphBaseUrl,
    customHosts: new Set([new URL(graphBaseUrl).hostname]),
    fetchOptions: { redirect: 'manual' },
  });
