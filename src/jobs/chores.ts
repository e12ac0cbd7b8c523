import type { Chore, ChoreStore } from '../flows/ports/chores.js';
import { addMs, MINUTE, SECOND } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { settleWithin, systemEvery } from './timers.js';
import type { Every } from './timers.js';

export interface ChoresDependencies {
  readonly chores: readonly Chore[];
  readonly store: ChoreStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly every?: Every;
}

export interface RunningChores {
  /** Looks at once what is due, then regularly. */
  start(): void;
  /** Begins nothing new and waits for what is under way, `graceMs` at most (10 s). */
  stop(graceMs?: number): Promise<void>;
}

const LOOK_EVERY_MS = 5 * SECOND;
const DEFAULT_GRACE_MS = 10 * SECOND;

/** How long the chore of a process that was killed waits for another; a living one prolongs its right. */
const LEASE_MS = MINUTE;
const PROLONG_EVERY_MS = LEASE_MS / 4;

const FIRST_RETRY_MS = 10 * SECOND;
const LONGEST_RETRY_MS = 15 * MINUTE;

/** Does each chore when it is due, unless another process is at it. A failing one comes again soon, then less often. */
export const createChores = (dependencies: ChoresDependencies): RunningChores => {
  const { chores, every = systemEvery } = dependencies;
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  let stopTimer: (() => void) | undefined;

  const look = (): void => {
    for (const chore of chores.filter(({ name }) => !running.has(name))) {
      const doing = doIfDue({ ...dependencies, every }, chore, failures);
      running.set(chore.name, doing);
      void doing.then(() => running.delete(chore.name));
    }
  };

  return {
    start: () => {
      stopTimer ??= every(LOOK_EVERY_MS, look);
      look();
    },
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      stopTimer?.();
      stopTimer = undefined;
      const left = await settleWithin(new Set(running.values()), graceMs);
      if (left > 0)
        dependencies.log.warn({ left }, 'stopped in the middle of some chores; another process repeats them');
    },
  };
};

type Doing = Required<ChoresDependencies>;

/** Never rejects. */
const doIfDue = async (doing: Doing, chore: Chore, failures: Map<string, number>): Promise<void> => {
  const { store, clock, log } = doing;
  const claimedAt = clock.now();
  try {
    if (!(await store.claim(chore.name, claimedAt, chore.everyMs, LEASE_MS))) return;
    const failed = await attempt(doing, chore, claimedAt);
    const failuresInARow = failed ? (failures.get(chore.name) ?? 0) + 1 : 0;
    failures.set(chore.name, failuresInARow);
    await store.done(chore.name, claimedAt, failed ? addMs(clock.now(), retryMs(chore, failuresInARow)) : undefined);
  } catch (thrown) {
    log.warn({ chore: chore.name, ...describeError(thrown) }, 'the database did not say whether a chore is due');
  }
};

/** Whether it failed. */
const attempt = async ({ store, clock, log, every }: Doing, chore: Chore, claimedAt: Date): Promise<boolean> => {
  const prolong = async (): Promise<void> => {
    try {
      if (await store.prolong(chore.name, claimedAt, addMs(clock.now(), LEASE_MS))) return;
      log.warn({ chore: chore.name }, 'a chore took so long that another process may be at it too');
    } catch (thrown) {
      log.warn({ chore: chore.name, ...describeError(thrown) }, 'could not prolong the right to a chore');
    }
  };
  const stopProlonging = every(PROLONG_EVERY_MS, () => void prolong());
  try {
    await chore.run();
    return false;
  } catch (thrown) {
    log.error({ chore: chore.name, ...describeError(thrown) }, 'a chore failed; it is tried again');
    return true;
  } finally {
    stopProlonging();
  }
};

/** Never later than it would have come by itself. */
const retryMs = ({ everyMs }: Chore, failures: number): number =>
  Math.min(everyMs, LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16));
