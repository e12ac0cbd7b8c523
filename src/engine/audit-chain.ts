import { createHash } from 'node:crypto';

/**
 * The chain that makes the audit log tell on whoever changes it: each line holds the hash of the one before, so that a
 * line that is altered, taken out, moved or slipped in breaks the chain at a place that can be named.
 */

/** How far a chain reaches. A hash is SHA-256 in lower-case hex. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** One link. Lines count from 1 without a gap. */
export interface ChainLine<Event = unknown> extends AuditHead {
  /** The same for every attempt to append it. */
  readonly id: string;
  readonly event: Event;
  /** The hash of the line before. */
  readonly previous: string;
}

/** What the first line follows. */
export const BEFORE_THE_FIRST: AuditHead = { seq: 0, hash: '0'.repeat(64) };

export const lineAfter = <Event>(head: AuditHead, id: string, event: Event): ChainLine<Event> => {
  const content = { seq: head.seq + 1, previous: head.hash, id, event };
  return { ...content, hash: hashOf(content) };
};

/** The hash of everything a line holds besides its hash, in its canonical form. Throws `UnfitForAudit`. */
export const hashOf = (content: Omit<ChainLine, 'hash'>): string =>
  createHash('sha256').update(canonical(content)).digest('hex');

/** Why a line does not belong where it stands. `seq` names the line, also where it is the one that is missing. */
export interface ChainBreak {
  readonly seq: number;
  readonly why: 'missing' | 'misplaced' | 'altered' | 'unlinked';
}

/** What is wrong with the line that follows `head`; `undefined`: nothing. */
export const breakAfter = (head: AuditHead, line: ChainLine): ChainBreak | undefined => {
  const expected = head.seq + 1;
  if (line.seq > expected) return { seq: expected, why: 'missing' };
  if (line.seq !== expected) return { seq: line.seq, why: 'misplaced' };
  if (!hashFits(line)) return { seq: line.seq, why: 'altered' };
  return line.previous === head.hash ? undefined : { seq: line.seq, why: 'unlinked' };
};

const hashFits = ({ hash, ...content }: ChainLine): boolean => {
  try {
    return hashOf(content) === hash;
  } catch (thrown) {
    if (thrown instanceof UnfitForAudit) return false;
    throw thrown;
  }
};

/** Something that a line cannot hold: a secret's wrapper, or whatever else would not be read again as it was written. */
export class UnfitForAudit extends Error {
  override readonly name = 'UnfitForAudit';

  constructor(path: string) {
    super(`an audit line cannot hold what stands at ${path}`);
  }
}

/**
 * JSON without spaces, keys sorted by their UTF-16 code units, dates as ISO 8601 in UTC with milliseconds, absent fields
 * left out, lone surrogates as U+FFFD. An exported line, without its `hash` and sorted, is the very text that was hashed.
 */
export const canonical = (value: unknown, path = 'line'): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.replaceAll(/\p{Surrogate}/gu, '\uFFFD'));
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map((one, index) => canonical(one, `${path}.${index}`)).join()}]`;
  if (isPlain(value)) return canonicalObject(value, path);
  throw new UnfitForAudit(path);
};

const canonicalObject = (value: Readonly<Record<string, unknown>>, path: string): string => {
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${canonical(key)}:${canonical(value[key], `${path}.${key}`)}`);
  return `{${fields.join()}}`;
};

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
