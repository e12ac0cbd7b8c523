import { SECOND } from '../lib/clock.js';
import { allowancesOf } from './cost.js';
import type { Allowance, Cost } from './cost.js';

/**
 * Tokens for each limit of an app in a tenant. A token comes back one window after it was taken, so that no window,
 * wherever it begins, sees more than the limit. Times are milliseconds of one clock.
 */
export interface Bucket {
  /** From when on there are tokens enough for this, by what was taken so far. */
  freeAt(cost: Cost, now: number): number;
  take(cost: Cost, now: number): void;
  /** Nothing of this kind before then. */
  hold(allowance: Allowance, until: number): void;
  /** How much of the directory's units the last window used, 0 to 1. */
  used(now: number): number;
}

interface Limit {
  readonly most: number;
  readonly windowMs: number;
}

// learn.microsoft.com/graph/throttling-limits, as for the smallest tenants.
const LIMITS: Readonly<Record<Allowance, Limit>> = {
  units: { most: 3_500, windowMs: 10 * SECOND },
  writes: { most: 3_000, windowMs: 150 * SECOND },
  authentication: { most: 5, windowMs: 10 * SECOND },
  'conditional-access': { most: 1, windowMs: SECOND },
  logs: { most: 5, windowMs: 10 * SECOND },
};

/** Requests travel for different times, so that they may arrive closer together than they were sent. */
const TRAVEL_MS = 500;

/** What was taken within so short a time comes back together, with the latest of it, and takes one entry. */
const GRAIN_MS = 100;

interface Taken {
  count: number;
  readonly from: number;
  until: number;
}

const createPurse = ({ most, windowMs }: Limit) => {
  const taken: Taken[] = [];
  let held = -Infinity;

  const forget = (now: number): void => {
    while (taken[0] !== undefined && taken[0].until + windowMs + TRAVEL_MS <= now) taken.shift();
  };
  const inUse = (): number => taken.reduce((sum, { count }) => sum + count, 0);

  return {
    freeAt: (wanted: number, now: number): number => {
      forget(now);
      // What costs more than there ever is waits until nothing is in use.
      let missing = inUse() + Math.min(wanted, most) - most;
      let at = Math.max(now, held);
      for (const { count, until } of taken) {
        if (missing <= 0) break;
        missing -= count;
        at = Math.max(at, until + windowMs + TRAVEL_MS);
      }
      return at;
    },
    take: (count: number, now: number): void => {
      const last = taken.at(-1);
      if (last === undefined || now - last.from >= GRAIN_MS) {
        taken.push({ count, from: now, until: now });
        return;
      }
      last.count += count;
      last.until = now;
    },
    hold: (until: number): void => {
      held = Math.max(held, until);
    },
    used: (now: number): number => {
      forget(now);
      return now < held ? 1 : Math.min(1, inUse() / most);
    },
  };
};

export const createBucket = (): Bucket => {
  const purses = {
    units: createPurse(LIMITS.units),
    writes: createPurse(LIMITS.writes),
    authentication: createPurse(LIMITS.authentication),
    'conditional-access': createPurse(LIMITS['conditional-access']),
    logs: createPurse(LIMITS.logs),
  };
  return {
    freeAt: (cost, now) =>
      Math.max(now, ...allowancesOf(cost).map((allowance) => purses[allowance].freeAt(cost[allowance] ?? 0, now))),
    take: (cost, now) => allowancesOf(cost).forEach((allowance) => purses[allowance].take(cost[allowance] ?? 0, now)),
    hold: (allowance, until) => purses[allowance].hold(until),
    used: (now) => purses.units.used(now),
  };
};
