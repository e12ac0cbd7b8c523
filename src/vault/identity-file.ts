import type { Redacted } from '../lib/redacted.js';
import { keptSecret } from './kept-secret.js';
import { generateIdentity } from './vault.js';

/** The identity that stands in for `VAULT_IDENTITY` where the embedded engine is the database. */
export const identityIn = (dataDir: string): Promise<Redacted<string>> =>
  keptSecret(dataDir, 'vault-identity', generateIdentity);
