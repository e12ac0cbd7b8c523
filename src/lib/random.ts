import { randomBytes, randomInt } from 'node:crypto';

/** The only source of chance. Both come from the operating system's CSPRNG outside tests. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Buffer;
  /** A uniform integer in `[0, below)`. */
  below(below: number): number;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length), below: (below) => randomInt(below) };

/** 128 random bits in URL-safe text, for ids nobody has to read aloud. */
export const randomId = (random: Random): string => random.bytes(16).toString('base64url');

// Crockford's alphabet: no I, L, O or U, so that an id read over the phone is typed back right.
const READABLE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `length` characters that survive being read aloud, for ids and codes that people type. */
export const readableId = (random: Random, length: number): string =>
  Array.from({ length }, () => READABLE[random.below(READABLE.length)]).join('');
