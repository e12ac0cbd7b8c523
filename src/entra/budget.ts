import type { DirectoryFault } from '../engine/faults.js';
import { MINUTE } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { createBucket } from './bucket.js';
import type { Bucket } from './bucket.js';
import { allowancesOf, narrowestOf } from './cost.js';
import type { Allowance, Cost } from './cost.js';
import type { Patience } from './patience.js';

/**
 * Keeps one app in one tenant under Microsoft's limits, and one tenant from taking more than its share of us: calls wait
 * here for their turn, in order, as long as their patience lasts. Each tenant has a queue of its own.
 */
export interface Budget {
  /** Makes the call when its turn comes. */
  spend<T>(cost: Cost, patience: Patience, call: () => Promise<T>): Promise<Result<T, DirectoryFault>>;
  /** Whether a call would not wait for what is scarcest of this, nor take it from others who wait for it. */
  isFree(cost: Cost): boolean;
  /** Graph refused this for being too many; nobody asks the like before so many milliseconds are over. */
  hold(cost: Cost, ms: number): void;
  strain(): Strain;
}

export interface Strain {
  /** How many requests Graph refused for being too many, in the last ten minutes. */
  readonly refused: number;
  /** How much of the directory's limit the last ten seconds used, 0 to 1. */
  readonly used: number;
}

export interface BudgetOptions {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Calls under way in one tenant at a time: enough to use up its units at 200 ms a call. */
const MOST_UNDER_WAY = 16;

const REMEMBERED_MS = 10 * MINUTE;

interface Waiter {
  readonly cost: Cost;
  /** When its patience ends. */
  readonly until: number;
  readonly answer: (refusal?: DirectoryFault) => void;
}

const throttled = (retryAfterMs: number): DirectoryFault => ({
  code: 'directory.throttled',
  detail: 'the limit of calls to this tenant is used up',
  retryAfterMs,
});

const CROWDED: DirectoryFault = {
  code: 'directory.unavailable',
  detail: 'calls to this tenant take so long that others found no place',
};

interface Admission {
  /** Who waits no longer, and why those who may not go are refused. */
  readonly gone: ReadonlyMap<Waiter, DirectoryFault | undefined>;
  readonly admitted: number;
  /** When to look again. */
  readonly next: number;
}

/** Lets in whoever may go, as many as there are places. Nobody overtakes another who waits for the same. */
const admit = (queue: readonly Waiter[], bucket: Bucket, at: number, places: number): Admission => {
  const gone = new Map<Waiter, DirectoryFault | undefined>();
  const awaited = new Set<Allowance>();
  let admitted = 0;
  let next = Infinity;
  for (const waiter of queue) {
    const { cost, until } = waiter;
    const freeAt = bucket.freeAt(cost, at);
    const isBehind = allowancesOf(cost).some((allowance) => awaited.has(allowance));
    const isShort = freeAt > at || isBehind;
    if (at > until) {
      gone.set(waiter, isShort ? throttled(freeAt - at) : CROWDED);
    } else if (freeAt > until) {
      gone.set(waiter, throttled(freeAt - at));
    } else if (isShort) {
      for (const allowance of allowancesOf(cost)) {
        if (bucket.freeAt({ [allowance]: cost[allowance] ?? 0 }, at) > at) awaited.add(allowance);
      }
      next = Math.min(next, freeAt > at ? freeAt : until + 1);
    } else if (admitted < places) {
      bucket.take(cost, at);
      admitted += 1;
      gone.set(waiter, undefined);
    }
  }
  return { gone, admitted, next };
};

export const createBudget = ({ clock, sleep }: BudgetOptions): Budget => {
  const bucket = createBucket();
  let queue: readonly Waiter[] = [];
  let underWay = 0;
  let wakesAt = Infinity;
  const refusals = createRefusals();
  const now = (): number => clock.now().getTime();

  const look = (): void => {
    const at = now();
    const { gone, admitted, next } = admit(queue, bucket, at, MOST_UNDER_WAY - underWay);
    queue = queue.filter((waiter) => !gone.has(waiter));
    underWay += admitted;
    for (const [waiter, refusal] of gone) waiter.answer(refusal);
    if (next < wakesAt) void lookAgain(next, next - at);
  };

  const lookAgain = async (next: number, ms: number): Promise<void> => {
    wakesAt = next;
    await sleep(ms);
    wakesAt = Infinity;
    look();
  };

  const turn = (cost: Cost, patience: Patience): Promise<DirectoryFault | undefined> =>
    new Promise((answer) => {
      queue = [...queue, { cost, until: now() + patience.leftMs(), answer }];
      look();
    });

  return {
    spend: async (cost, patience, call) => {
      const since = now();
      const refusal = await turn(cost, patience);
      patience.waited(now() - since);
      if (refusal !== undefined) return err(refusal);
      try {
        return ok(await call());
      } finally {
        underWay -= 1;
        look();
      }
    },
    isFree: (cost) => {
      const at = now();
      const scarce = narrowestOf(cost);
      const isAwaited = queue.some((waiter) => waiter.cost[scarce] !== undefined);
      return !isAwaited && bucket.freeAt({ [scarce]: cost[scarce] ?? 0 }, at) <= at;
    },
    hold: (cost, ms) => {
      const at = now();
      refusals.add(at);
      bucket.hold(narrowestOf(cost), at + ms);
    },
    strain: () => ({ refused: refusals.count(now()), used: bucket.used(now()) }),
  };
};

const createRefusals = () => {
  let times: readonly number[] = [];
  const recent = (now: number): readonly number[] => times.filter((time) => now - time < REMEMBERED_MS);
  return {
    add: (now: number): void => {
      times = [...recent(now), now];
    },
    count: (now: number): number => recent(now).length,
  };
};
