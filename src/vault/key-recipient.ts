import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Encrypter, Stanza } from 'age-encryption';
import type { Recipient } from 'age-encryption';
import { VaultError } from './vault-error.js';

/**
 * The X25519 recipient of the age format (age-encryption.org/v1), on the runtime's own cryptography: the library's, in
 * JavaScript, takes three times as long, and a night of rotations seals to thousands of them. What it writes is the same.
 * Throws `VaultError` where the text is no such recipient; the format's other kinds are none.
 */
export const createKeyRecipient = (recipient: string): Recipient => {
  const raw = rawKeyOf(recipient);
  const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: raw.toString('base64url') }, format: 'jwk' });
  return {
    wrapFileKey: (fileKey) => {
      const { privateKey, publicKey } = generateKeyPairSync('x25519');
      const share = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
      const salt = Buffer.concat([share, raw]);
      const key = Buffer.from(hkdfSync('sha256', agreed(privateKey, theirs), salt, LABEL, 32));
      return [new Stanza(['X25519', unpadded(share)], encryptOnce(key, fileKey))];
    },
  };
};

const LABEL = 'age-encryption.org/v1/X25519';

/** `age1`, 256 bits and a checksum in Bech32: nothing longer, as other kinds of recipients are. */
const SHAPE = /^age1(?<bits>[a-z0-9]{52})[a-z0-9]{6}$/u;

const rawKeyOf = (recipient: string): Buffer => {
  const bits = SHAPE.exec(recipient)?.groups?.['bits'];
  if (bits === undefined) throw new VaultError('bad-recipient');
  try {
    // For its checksum alone.
    new Encrypter().addRecipient(recipient);
  } catch {
    throw new VaultError('bad-recipient');
  }
  return bytesOf(bits);
};

/** Of Bech32 (BIP 173): five bits a character. */
const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

const bytesOf = (text: string): Buffer => {
  const bits = Array.from(text, (character) => ALPHABET.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Buffer.from(
    Array.from({ length: 32 }, (_, index) => Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2)),
  );
};

/** A point of low order agrees with everybody on the same secret, which the runtime refuses. */
const agreed = (privateKey: KeyObject, publicKey: KeyObject): Buffer => {
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    throw new VaultError('bad-recipient');
  }
};

/** Under a key that is used once, so that its nonce may always be the same. */
const encryptOnce = (key: Buffer, text: Uint8Array): Buffer => {
  const cipher = createCipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 });
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
};

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/u, '');
