import type { Client } from '@microsoft/microsoft-graph-client';

/** A tenant's client, which goes with its token: Graph may stop accepting one long before the credential renews it. */
export interface Session {
  client(): Client;
  /** Puts another client, with a new token, in the place of one whose token was refused. */
  renew(refused: Client): void;
}

export const createSession = (connect: () => Client): Session => {
  let current = connect();
  return {
    client: () => current,
    // Calls that were refused together renew together: who comes late finds the new one in place.
    renew: (refused) => {
      if (current === refused) current = connect();
    },
  };
};
