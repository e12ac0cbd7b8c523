import type { RequestId } from '../engine/ids.js';
import { type Every, settleWithin } from './timers.js';

export interface PoolDependencies {
  /** What there is to do now, most urgent first. */
  readonly find: () => Promise<readonly RequestId[]>;
  readonly work: (id: RequestId) => Promise<void>;
  /** Told of what `find` or `work` threw. */
  readonly failed: (thrown: unknown, id?: RequestId) => void;
  readonly concurrency: number;
  readonly everyMs: number;
  readonly every: Every;
}

export interface Pool {
  /** Looks at once, then regularly. */
  start(): void;
  /** Begins nothing new and waits for what is under way, `graceMs` at most; how many were left. */
  stop(graceMs: number): Promise<number>;
}

/**
 * Works on what is found, several at a time, each once a look. A slow one holds up its own place only: meanwhile others
 * are found and worked on, but never the same one twice at once.
 */
export const createPool = ({ find, work, failed, concurrency, everyMs, every }: PoolDependencies): Pool => {
  const waiting = new Set<RequestId>();
  const busy = new Set<RequestId>();
  const running = new Set<Promise<void>>();
  let looking = false;
  let stopTimer: (() => void) | undefined;

  const track = (task: Promise<void>): void => {
    running.add(task);
    void task.then(() => running.delete(task));
  };

  const workOn = async (id: RequestId): Promise<void> => {
    busy.add(id);
    try {
      await work(id);
    } catch (thrown) {
      failed(thrown, id);
    }
    busy.delete(id);
    fill();
  };

  const fill = (): void => {
    for (const id of waiting) {
      if (busy.size >= concurrency) return;
      waiting.delete(id);
      track(workOn(id));
    }
  };

  const look = async (): Promise<void> => {
    looking = true;
    try {
      const found = await find();
      // Stopped while it looked: what was found is for the next start.
      if (stopTimer !== undefined) found.filter((id) => !busy.has(id)).forEach((id) => waiting.add(id));
    } catch (thrown) {
      failed(thrown);
    }
    looking = false;
    fill();
  };

  const lookUnlessLooking = (): void => {
    if (!looking) track(look());
  };

  return {
    start: () => {
      stopTimer ??= every(everyMs, lookUnlessLooking);
      lookUnlessLooking();
    },
    stop: async (graceMs) => {
      stopTimer?.();
      stopTimer = undefined;
      waiting.clear();
      return await settleWithin(running, graceMs);
    },
  };
};
