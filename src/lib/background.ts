import { describeError } from './log.js';
import type { Log } from './log.js';

/** Work that nobody waits for, yet that must neither vanish with its errors nor be cut off by a shutdown. */
export interface Background {
  run(what: string, work: () => Promise<void>): void;
  /** Resolves when everything started so far, and whatever it started, has ended. */
  idle(): Promise<void>;
}

export const createBackground = (log: Log): Background => {
  const running = new Set<Promise<void>>();
  return {
    run: (what, work) => {
      const current = work()
        .catch((thrown: unknown) => log.error({ what, ...describeError(thrown) }, 'background work failed'))
        .finally(() => running.delete(current));
      running.add(current);
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
};
