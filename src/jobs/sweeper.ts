import { tenantId } from '../engine/ids.js';
import type { RequestId, TenantId } from '../engine/ids.js';
import type { DueRequest } from '../flows/ports.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { createPool, type Found, type PoolDependencies } from './pool.js';
import { type Every, systemEvery } from './timers.js';

type SweepPool = PoolDependencies<RequestId>;

export interface SweeperDependencies {
  /** Requests whose time has come, but none of these tenants. */
  readonly due: (except: readonly TenantId[]) => Promise<readonly DueRequest[]>;
  readonly tend: (id: RequestId) => Promise<void>;
  /** Requests with effects nobody performs. */
  readonly undelivered: () => Promise<readonly RequestId[]>;
  readonly deliver: (id: RequestId) => Promise<void>;
  readonly log: Log;
  /** How often it looks: 5 s. */
  readonly everyMs?: number;
  /** How many requests it tends at a time: 128. */
  readonly concurrency?: number;
  /** How many of them may be of one tenant: 16. */
  readonly share?: number;
  readonly every?: Every;
}

export interface Sweeper {
  /** Looks at once, then regularly. */
  start(): void;
  /** Something has just become due: looks for that at once. */
  nudge(): void;
  /** Looks no more and waits for what is under way, `graceMs` at most (20 s). */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_EVERY_MS = 5 * SECOND;
const DEFAULT_CONCURRENCY = 128;
const DEFAULT_SHARE = 16;
const DELIVERIES = 16;
const DEFAULT_GRACE_MS = 20 * SECOND;

/** Finds in the documents themselves whatever an alarm that was lost, late or locked has left undone. */
export const createSweeper = (dependencies: SweeperDependencies): Sweeper => {
  const { due, tend, undelivered, deliver, log } = dependencies;
  const { everyMs = DEFAULT_EVERY_MS, every = systemEvery } = dependencies;
  const { concurrency = DEFAULT_CONCURRENCY, share = DEFAULT_SHARE } = dependencies;
  const sweep = (what: string, { find, work, concurrency }: Pick<SweepPool, 'find' | 'work' | 'concurrency'>) =>
    createPool({
      find,
      work,
      failed: (thrown, id) =>
        log.error({ ...describeError(thrown), request: id }, `${what} failed; the next sweep retries`),
      concurrency,
      share,
      everyMs,
      every,
    });
  const tending = sweep('tending', { find: (except) => findDue(due, except), work: tend, concurrency });
  const findOwed = async (): Promise<readonly Found<RequestId>[]> => (await undelivered()).map((id) => ({ id }));
  const pools = [tending, sweep('delivering', { find: findOwed, work: deliver, concurrency: DELIVERIES })];
  return {
    start: () => pools.forEach((pool) => pool.start()),
    nudge: () => tending.nudge(),
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      const left = (await Promise.all(pools.map((pool) => pool.stop(graceMs)))).reduce((sum, more) => sum + more, 0);
      if (left > 0) log.warn({ left }, 'stopped in the middle of some work; the sweep at the next start finds it');
    },
  };
};

/** The keys of the pool are the tenants, as whatever makes a request wait is its tenant's. */
const findDue = async (
  due: SweeperDependencies['due'],
  full: readonly string[],
): Promise<readonly Found<RequestId>[]> =>
  (await due(full.map(tenantId))).map(({ id, tenant }) => ({ id, key: tenant }));
