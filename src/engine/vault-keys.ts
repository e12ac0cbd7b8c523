/** What can be told of a key to a vault without opening anything: whether it is one, and how to compare it by voice. */
import type { VaultKey } from './vault.js';

/** Of the age format's own kind: a plugin's or a hybrid one could not be opened by every page and tool. */
const X25519_RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/u;

export const isX25519Recipient = (text: string): boolean => X25519_RECIPIENT.test(text);

/** Of a public key what two people can compare by voice: `m9q4 x7k2 8dhs`. */
export const fingerprintOf = (recipient: string): string => recipient.slice(-12).match(/.{4}/gu)?.join(' ') ?? '';

const ARMOR = /^-----BEGIN AGE ENCRYPTED FILE-----\n([A-Za-z0-9+/=\n]+)\n-----END AGE ENCRYPTED FILE-----\n?$/u;

/** An identity is 74 characters; sealed and armored it takes less than a kilobyte. */
export const LONGEST_SEALED = 2_000;

/** So many doublings of work for each guess at a passphrase, as the page asks for. */
const LEAST_WORK = 18;

const BASE64 = '[A-Za-z0-9+/]';

/** The only way in, and nothing beside it: whoever could name a second recipient would have a second key. */
const HEADERS: Readonly<Record<VaultKey['sealedBy'], RegExp>> = {
  passkey: new RegExp(
    `^age-encryption\\.org/v1\\n-> age-encryption\\.org/fido2prf ${BASE64}{22}\\n${BASE64}{43}\\n--- ${BASE64}{43}\\n`,
    'u',
  ),
  passphrase: new RegExp(
    `^age-encryption\\.org/v1\\n-> scrypt ${BASE64}{22} (\\d{1,2})\\n${BASE64}{43}\\n--- ${BASE64}{43}\\n`,
    'u',
  ),
};

/** Header, nonce, and one chunk that holds an identity and its tag. */
const IDENTITY_BYTES = 16 + 74 + 16;

/** Whether this is an identity in an age file that a passkey, or a passphrase worth its work, opens and nothing else does. */
export const isSealedIdentity = (armored: string, sealedBy: VaultKey['sealedBy']): boolean => {
  const body = armored.length > LONGEST_SEALED ? undefined : ARMOR.exec(armored)?.[1];
  if (body === undefined) return false;
  const file = Buffer.from(body, 'base64').toString('latin1');
  const header = HEADERS[sealedBy].exec(file);
  if (header === null || file.length - header[0].length !== IDENTITY_BYTES) return false;
  return sealedBy === 'passkey' || Number(header[1]) >= LEAST_WORK;
};
