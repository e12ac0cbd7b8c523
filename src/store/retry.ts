import { setTimeout as wait } from 'node:timers/promises';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from 'mongodb';

/** The embedded engine is back within a second of a crash; a server that stays away longer is the caller's to report. */
const PAUSES_MS: readonly number[] = [50, 150, 400, 900];

/**
 * Tries again after the connection broke. Only for what may happen twice: the first attempt may have been carried out
 * although its answer was lost. `attempt` counts from 1.
 */
export const retrying = async <T>(
  operation: (attempt: number) => Promise<T>,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<T> => {
  for (const [index, pauseMs] of pausesMs.entries()) {
    try {
      return await operation(index + 1);
    } catch (thrown) {
      if (!isBrokenConnection(thrown)) throw thrown;
    }
    await wait(pauseMs);
  }
  return await operation(pausesMs.length + 1);
};

// The driver lets the operating system's own error through where a connection breaks in the middle of a write.
const BROKEN_CODES: readonly unknown[] = ['EPIPE', 'ECONNRESET', 'ECONNABORTED'];

const isBrokenConnection = (thrown: unknown): boolean =>
  // Where several operations went out in one command, the driver has wrapped what broke it as if the server had said it.
  (thrown instanceof MongoBulkWriteError && isBrokenConnection(thrown.errorResponse)) ||
  thrown instanceof MongoNetworkError ||
  (thrown instanceof Error && 'code' in thrown && BROKEN_CODES.includes(thrown.code));

const DUPLICATE_KEY = 11_000;

export const isDuplicate = (thrown: unknown): boolean =>
  thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;
