import { setTimeout as wait } from 'node:timers/promises';
import { MongoNetworkError, MongoServerError } from 'mongodb';

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
      if (!(thrown instanceof MongoNetworkError)) throw thrown;
    }
    await wait(pauseMs);
  }
  return await operation(pausesMs.length + 1);
};

const DUPLICATE_KEY = 11_000;

export const isDuplicate = (thrown: unknown): boolean =>
  thrown instanceof MongoServerError && thrown.code === DUPLICATE_KEY;
