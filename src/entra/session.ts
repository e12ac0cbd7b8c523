import type { Client } from '@microsoft/microsoft-graph-client';
import type { Tokens } from './tokens.js';

/** A tenant's client, which goes with its token: Graph may stop accepting one long before the credential renews it. */
export interface Session {
  client(): Client;
  /** Resolves where there is a token, or one could be had; otherwise throws what the sign-in threw. */
  signIn(): Promise<void>;
  /** Puts another client, with a new token, in the place of one whose token was refused. */
  renew(refused: Client): void;
}

interface Connection {
  readonly client: Client;
  readonly tokens: Tokens;
}

export const createSession = (connect: () => Connection): Session => {
  let current = connect();
  return {
    client: () => current.client,
    signIn: async () => void (await current.tokens.current()),
    // Calls that were refused together renew together: who comes late finds the new one in place.
    renew: (refused) => {
      if (current.client === refused) current = connect();
    },
  };
};
