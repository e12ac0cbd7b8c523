import { setTimeout as wait } from 'node:timers/promises';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';
import { SECOND } from '../lib/clock.js';

/** The embedded engine is back within a second of a crash; a server that stays away longer is the caller's to report. */
const PAUSES_MS: readonly number[] = [50, 150, 400, 900];

/**
 * How long an attempt may take; all after the first may take the longer. The driver never gives up on what it writes to a
 * connection that closes in that very moment, and the server works on nothing for longer than ten seconds.
 */
const LIMITS_MS = { first: 5 * SECOND, later: 12 * SECOND } as const;

/** Nothing was heard of an operation for as long as any may take. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/**
 * Tries again after the connection broke, or nothing was heard. Only for what may happen twice: the first attempt may have been carried out
 * although its answer was lost. `attempt` counts from 1.
 */
export const retrying = async <T>(
  operation: (attempt: number) => Promise<T>,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<T> => {
  for (const [index, pauseMs] of pausesMs.entries()) {
    try {
      return await inTime(operation(index + 1), index === 0 ? LIMITS_MS.first : LIMITS_MS.later);
    } catch (thrown) {
      if (!isBrokenConnection(thrown)) throw thrown;
    }
    await wait(pauseMs);
  }
  return await inTime(operation(pausesMs.length + 1), LIMITS_MS.later);
};

const inTime = async <T>(operation: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer from the database for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([operation, late]);
  } finally {
    clearTimeout(timer);
  }
};

// The driver lets the operating system's own error through where a connection breaks in the middle of a write.
const BROKEN_CODES: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ECONNABORTED'];

const isBrokenConnection = (thrown: unknown): boolean =>
  // Where several operations went out in one command, the driver has wrapped what broke it as if the server had said it.
  (thrown instanceof MongoBulkWriteError && isBrokenConnection(thrown.errorResponse)) ||
  thrown instanceof MongoNetworkError ||
  thrown instanceof NoAnswer ||
  (thrown instanceof Error && 'code' in thrown && BROKEN_CODES.includes(thrown.code));

const DUPLICATE_KEY = 11_000;

export const isDuplicate = (thrown: unknown): boolean =>
  thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;
