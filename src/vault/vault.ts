import {
  armor,
  Decrypter,
  Encrypter,
  generateIdentity as generateAgeIdentity,
  identityToRecipient,
} from 'age-encryption';
import type { Vault } from '../flows/ports.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { createKeyRecipient } from './key-recipient.js';
import { VaultError } from './vault-error.js';
import type { VaultErrorReason } from './vault-error.js';

/** Seals secrets in the age format, so that what lies in the database opens only with an identity that does not. */

/** A new age identity, `AGE-SECRET-KEY-1…`. */
export const generateIdentity = async (): Promise<Redacted<string>> => redacted(await generateAgeIdentity());

interface VaultOptions {
  /** Newest first: it alone seals, all of them open, so that an identity can be replaced without losing anything. */
  readonly identities: readonly [Redacted<string>, ...Redacted<string>[]];
}

const createEncrypter = async (identity: Redacted<string>): Promise<Encrypter> => {
  const encrypter = new Encrypter();
  const recipient = await identityToRecipient(identity.reveal());
  // The post-quantum kind is the library's own.
  encrypter.addRecipient(recipient.startsWith('age1pq') ? recipient : createKeyRecipient(recipient));
  return encrypter;
};

const createDecrypter = (identities: readonly Redacted<string>[]): Decrypter => {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity.reveal());
  return decrypter;
};

const FOREIGN = /no identity matched/;

const reasonOf = (thrown: unknown): VaultErrorReason =>
  thrown instanceof Error && FOREIGN.test(thrown.message) ? 'foreign' : 'damaged';

/** Throws `VaultError` where one of the identities is none. */
export const createVault = async ({ identities }: VaultOptions): Promise<Vault> => {
  const keys = await openIdentities(identities);
  return {
    seal: async (secret) => armor.encode(await keys.encrypter.encrypt(secret.reveal())),
    open: async (sealed) => {
      try {
        return redacted(await keys.decrypter.decrypt(armor.decode(sealed), 'text'));
      } catch (thrown) {
        throw new VaultError(reasonOf(thrown));
      }
    },
  };
};

const openIdentities = async (
  identities: VaultOptions['identities'],
): Promise<{ encrypter: Encrypter; decrypter: Decrypter }> => {
  try {
    return { encrypter: await createEncrypter(identities[0]), decrypter: createDecrypter(identities) };
  } catch {
    throw new VaultError('bad-identity');
  }
};
