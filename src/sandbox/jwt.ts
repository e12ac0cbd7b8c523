import { constants, createPublicKey, verify } from 'node:crypto';

import { isRecord, type Body } from './properties.js';

/** JSON Web Tokens that others signed. */

export interface Jwt {
  readonly header: Body;
  readonly claims: Body;
  /** Whether this key (PEM) signed it, by an algorithm that Entra takes. */
  readonly isSignedBy: (publicKeyPem: string) => boolean;
}

const part = (text: string | undefined): Body | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const PADDING: Readonly<Record<string, number>> = {
  RS256: constants.RSA_PKCS1_PADDING,
  PS256: constants.RSA_PKCS1_PSS_PADDING,
};

export const parseJwt = (text: string): Jwt | undefined => {
  const [headerPart = '', claimsPart = '', signature = '', ...rest] = text.split('.');
  const header = part(headerPart);
  const claims = part(claimsPart);
  if (header === undefined || claims === undefined || signature === '' || rest.length > 0) return undefined;
  const padding = typeof header.alg === 'string' ? PADDING[header.alg] : undefined;
  const signed = Buffer.from(`${headerPart}.${claimsPart}`);
  return {
    header,
    claims,
    isSignedBy: (publicKeyPem) =>
      padding !== undefined &&
      verify('sha256', signed, { key: createPublicKey(publicKeyPem), padding }, Buffer.from(signature, 'base64url')),
  };
};
