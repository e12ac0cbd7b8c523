import { createHash, timingSafeEqual } from 'node:crypto';

/** Secrets are kept as digests, so that no dump of the state can show one. Unsalted: nothing here guards anything real. */
export const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export const matches = (secret: string, expected: string): boolean =>
  timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(expected));
