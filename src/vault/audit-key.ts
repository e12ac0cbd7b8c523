import { createPrivateKey, createPublicKey, hkdfSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AuditHead } from '../engine/audit-chain.js';
import { headClaim } from '../engine/audit-head.js';
import type { SignedHead } from '../engine/audit-head.js';
import type { HeadSigner, HeadVerifier } from '../flows/ports/audit.js';
import type { Random } from '../lib/random.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { keptSecret, secretKept } from './kept-secret.js';

/**
 * Signs heads of the audit log with Ed25519: whoever checks one needs the public key alone, and so cannot sign another
 * in its place, as the holder of a shared secret could. Newest key first: it signs, all of them confirm, so that a key
 * can be replaced and the heads of its time still count.
 */
export const createHeadSigner = (keys: readonly [Redacted<string>, ...Redacted<string>[]]): HeadSigner => {
  const newest = privateKeyOf(keys[0]);
  const publicKeys = keys.map((key) => createPublicKey(privateKeyOf(key)));
  return {
    sign: (head) => ({ ...pick(head), signature: sign(null, claimOf(head), newest).toString('base64url') }),
    confirms: (head) => publicKeys.some((key) => confirms(key, head)),
    publicKey: printPublicKey(createPublicKey(newest)),
  };
};

/** For those who hold the public key alone, as `HeadSigner.publicKey` prints it; `undefined`: that is none. */
export const createHeadVerifier = (publicKey: string): HeadVerifier | undefined => {
  const raw = PRINTED_KEY.exec(publicKey.trim())?.[1];
  if (raw === undefined) return undefined;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' });
  return { confirms: (head) => confirms(key, head) };
};

/** A new `AUDIT_KEY`. */
export const generateAuditKey = (random: Random): Redacted<string> => redacted(random.bytes(32).toString('base64url'));

const FILE = 'audit-key';

/** The key that stands in for `AUDIT_KEY` where the embedded engine is the database, made at the first start. */
export const auditKeyIn = (dataDir: string, random: Random): Promise<Redacted<string>> =>
  keptSecret(dataDir, FILE, async () => generateAuditKey(random));

/** The same without making one. */
export const auditKeyKeptIn = (dataDir: string): Promise<Redacted<string> | undefined> => secretKept(dataDir, FILE);

const SEED_LENGTH = 32;

/** What PKCS #8 says before an Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Any text is a key: its seed is drawn from it, so that nobody has to keep to a format. */
const privateKeyOf = (key: Redacted<string>): KeyObject => {
  const seed = Buffer.from(hkdfSync('sha256', key.reveal(), '', 'latchkey audit key 1', SEED_LENGTH));
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
};

const PRINTED_KEY = /^LKP1\.([\w-]{43})$/u;

const printPublicKey = (key: KeyObject): string => `LKP1.${key.export({ format: 'jwk' }).x}`;

const claimOf = (head: AuditHead): Buffer => Buffer.from(headClaim(head));

const confirms = (key: KeyObject, head: SignedHead): boolean =>
  verify(null, claimOf(head), key, Buffer.from(head.signature, 'base64url'));

const pick = ({ seq, hash }: AuditHead): AuditHead => ({ seq, hash });
