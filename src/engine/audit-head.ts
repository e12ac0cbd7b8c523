import type { AuditHead } from './audit-chain.js';

/** A head with a signature of its claim (base64url): from then on, nothing up to that line can be rewritten unseen. */
export interface SignedHead extends AuditHead {
  readonly signature: string;
}

/** What is signed: the printed form up to its signature. */
export const headClaim = ({ seq, hash }: AuditHead): string => `LK1.${seq}.${hash}`;

/** One line fit for a chat message, `LK1.1234.<hash>.<signature>`. */
export const printHead = (head: SignedHead): string => `${headClaim(head)}.${head.signature}`;

const PRINTED = /^LK1\.([1-9]\d{0,14})\.([0-9a-f]{64})\.([\w-]{86})$/u;

/** `undefined`: not a signed head. Spaces and back-quotes around it, as copied out of a chat, are forgiven. */
export const parseHead = (text: string): SignedHead | undefined => {
  const [, seq, hash, signature] = PRINTED.exec(text.replaceAll(/^[\s`]+|[\s`]+$/gu, '')) ?? [];
  if (seq === undefined || hash === undefined || signature === undefined) return undefined;
  return { seq: Number(seq), hash, signature };
};
