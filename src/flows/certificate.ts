import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Fault } from '../engine/faults.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

/** A certificate that an app proves itself with, and the private key that belongs to it. */
export interface AppCertificate {
  /** Both, and nothing else of what was given. */
  readonly pem: Redacted<string>;
  readonly expiresAt: Date;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;
const PRIVATE_KEY = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/u;

/** Reads PEM text that holds both, perhaps among other certificates. A problem names nothing of the text. */
export const readCertificate = (text: Redacted<string>, now: Date): Result<AppCertificate, Fault> => {
  const certificates = certificatesIn(text.reveal());
  const key = privateKeyIn(text.reveal());
  if (certificates.length === 0) return invalid('holds no readable certificate (-----BEGIN CERTIFICATE-----)');
  if (key === undefined)
    return invalid('holds no readable private key without a passphrase (-----BEGIN PRIVATE KEY-----)');
  if (key.asymmetricKeyType !== 'rsa') return invalid('is not of kind RSA, which Entra asks for');
  const certificate = certificates.find((one) => one.checkPrivateKey(key));
  if (certificate === undefined) return invalid('holds a private key that belongs to none of its certificates');
  const expiresAt = endOf(certificate);
  if (expiresAt <= now) return invalid(`has expired on ${expiresAt.toISOString().slice(0, 10)}`);
  if (new Date(certificate.validFrom) > now) return invalid('is not valid yet');
  const pem = `${certificate.toString().trim()}\n${key.export({ type: 'pkcs8', format: 'pem' }).toString()}`;
  return ok({ pem: redacted(pem), expiresAt });
};

/** When the first certificate in a PEM text ends; `undefined`: there is none. */
export const certificateEnd = (text: string): Date | undefined => {
  const [certificate] = certificatesIn(text);
  return certificate === undefined ? undefined : endOf(certificate);
};

const endOf = ({ validTo }: X509Certificate): Date => new Date(validTo);

const invalid = (problem: string): Result<never, Fault> =>
  err({ code: 'admin.invalid', field: 'Certificate', problem });

const certificatesIn = (text: string): readonly X509Certificate[] =>
  [...text.matchAll(CERTIFICATES)].flatMap(([pem]) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });

// The library's own message may repeat what it could not read.
const privateKeyIn = (text: string): KeyObject | undefined => {
  const [pem] = PRIVATE_KEY.exec(text) ?? [];
  try {
    return pem === undefined ? undefined : createPrivateKey(pem);
  } catch {
    return undefined;
  }
};
