import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** The login authority's own signature, under what it says of users. */
export interface Signer {
  /** A signed JSON Web Token, RS256. */
  readonly sign: (claims: Readonly<Record<string, unknown>>) => string;
  /** The public key as a JSON Web Key Set holds it. */
  readonly publicJwk: () => Readonly<Record<string, unknown>>;
}

interface Keys {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const makeKeys = (): Keys => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { keyId, privateKey, publicKey };
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const createSigner = (): Signer => {
  let made: Keys | undefined;
  // Most sandboxes never sign anybody in, and a key takes a while.
  const keys = (): Keys => (made ??= makeKeys());

  return {
    sign: (claims) => {
      const { keyId, privateKey } = keys();
      const text = `${encode({ typ: 'JWT', alg: 'RS256', kid: keyId })}.${encode(claims)}`;
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
    publicJwk: () => {
      const { keyId, publicKey } = keys();
      return { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: keyId };
    },
  };
};
