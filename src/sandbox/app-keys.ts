import { X509Certificate } from 'node:crypto';

import { addMs, DAY } from '../lib/clock.js';
import type { AppCertificate, AppSecret } from './model.js';
import { digest } from './secrets.js';

/** The secrets and certificates of an app registration. */

// What Graph gives a secret that nobody names an end for.
const SECRET_LIFETIME_MS = 2 * 365 * DAY;

export interface CredentialTerms {
  readonly displayName?: string | undefined;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
}

export const newSecret = (keyId: string, value: string, now: Date, terms: CredentialTerms = {}): AppSecret => ({
  keyId,
  digest: digest(value),
  hint: value.slice(0, 3),
  displayName: terms.displayName ?? null,
  startsAt: terms.startsAt ?? now,
  endsAt: terms.endsAt ?? addMs(now, SECRET_LIFETIME_MS),
});

const thumbprint = (colonSeparatedHex: string): string =>
  Buffer.from(colonSeparatedHex.replaceAll(':', ''), 'hex').toString('base64url');

/** `pem` is the public certificate; throws when it is none. Its own validity holds where `terms` say nothing. */
export const newCertificate = (keyId: string, pem: string, terms: CredentialTerms = {}): AppCertificate => {
  const certificate = new X509Certificate(pem);
  return {
    keyId,
    displayName: terms.displayName ?? certificate.subject,
    publicKeyPem: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    thumbprint: thumbprint(certificate.fingerprint),
    thumbprint256: thumbprint(certificate.fingerprint256),
    startsAt: terms.startsAt ?? new Date(certificate.validFrom),
    endsAt: terms.endsAt ?? new Date(certificate.validTo),
  };
};
