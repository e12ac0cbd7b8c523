import { setTimeout as wait } from 'node:timers/promises';

/** Calls `act` every so many milliseconds until the function it returns is called. */
export type Every = (ms: number, act: () => void) => () => void;

export const systemEvery: Every = (ms, act) => {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
};

/** Waits for all of them, but not for ever; how many were still unfinished then. They never reject. */
export const settleWithin = async (running: ReadonlySet<Promise<void>>, ms: number): Promise<number> => {
  const left = new Set(running);
  const all = [...running].map(async (one) => {
    await one;
    left.delete(one);
  });
  const settled = new AbortController();
  const timeout = wait(ms, undefined, { signal: settled.signal }).catch(() => undefined);
  await Promise.race([Promise.all(all), timeout]);
  settled.abort();
  return left.size;
};
