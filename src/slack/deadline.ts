import { setTimeout as delay } from 'node:timers/promises';

/** What `work` comes to within `ms`, or `undefined`; late work goes on, and its failure is its owner's to see. */
export const within = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> => {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
};
