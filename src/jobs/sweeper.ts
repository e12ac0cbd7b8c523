import type { RequestId } from '../engine/ids.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { createPool, type PoolDependencies } from './pool.js';
import { type Every, systemEvery } from './timers.js';

export interface SweeperDependencies {
  /** Requests whose time has come. */
  readonly due: () => Promise<readonly RequestId[]>;
  readonly tend: (id: RequestId) => Promise<void>;
  /** Requests with effects nobody performs. */
  readonly undelivered: () => Promise<readonly RequestId[]>;
  readonly deliver: (id: RequestId) => Promise<void>;
  readonly log: Log;
  /** How often it looks: 5 s. */
  readonly everyMs?: number;
  /** How many requests of each kind it works on at a time: 16. */
  readonly concurrency?: number;
  readonly every?: Every;
}

export interface Sweeper {
  /** Looks at once, then regularly. */
  start(): void;
  /** Looks no more and waits for what is under way, `graceMs` at most (20 s). */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_EVERY_MS = 5 * SECOND;
const DEFAULT_CONCURRENCY = 16;
const DEFAULT_GRACE_MS = 20 * SECOND;

/** Finds in the documents themselves whatever an alarm that was lost, late or locked has left undone. */
export const createSweeper = (dependencies: SweeperDependencies): Sweeper => {
  const { due, tend, undelivered, deliver, log } = dependencies;
  const { everyMs = DEFAULT_EVERY_MS, concurrency = DEFAULT_CONCURRENCY, every = systemEvery } = dependencies;
  const sweep = (what: string, find: PoolDependencies['find'], work: PoolDependencies['work']) =>
    createPool({
      find,
      work,
      failed: (thrown, id) =>
        log.error({ ...describeError(thrown), request: id }, `${what} failed; the next sweep retries`),
      concurrency,
      everyMs,
      every,
    });
  const pools = [sweep('tending', due, tend), sweep('delivering', undelivered, deliver)];
  return {
    start: () => pools.forEach((pool) => pool.start()),
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      const left = (await Promise.all(pools.map((pool) => pool.stop(graceMs)))).reduce((sum, more) => sum + more, 0);
      if (left > 0) log.warn({ left }, 'stopped in the middle of some work; the sweep at the next start finds it');
    },
  };
};
