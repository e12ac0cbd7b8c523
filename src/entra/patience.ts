import type { Clock } from '../lib/clock.js';
import type { Random } from '../lib/random.js';

/** How long one operation waits and tries in all, shared by everything it does. */
export interface Patience {
  /**
   * Waits before the next attempt: as long as the directory asked, otherwise a little longer each time. `false`, at
   * once: that would take too long.
   */
  pause(attempt: number, askedMs?: number): Promise<boolean>;
  /** How long it may still wait, in milliseconds. */
  leftMs(): number;
  /** Counts time that was spent waiting elsewhere. */
  waited(ms: number): void;
  /** Whether it is too late to begin another call. */
  isSpent(): boolean;
  /** Whether a token that Graph refuses may be replaced by a new one: true once. */
  takeRenewal(): boolean;
}

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: (ms: number) => Promise<void>;
}

/** All pauses of one operation together: a little more than the ten seconds after which most limits start anew. */
const LONGEST_WAIT_MS = 11_000;

/** No call begins later than this after the operation did; together with the deadline of a call it bounds the whole. */
const LATEST_CALL_MS = 25_000;

const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3_000;

export const createPatience = ({ clock, random, sleep }: PatienceOptions): Patience => {
  const startedAt = clock.now().getTime();
  let waitedMs = 0;
  let renewed = false;
  const elapsedMs = (): number => clock.now().getTime() - startedAt;

  // Jitter only ever adds to what the directory asked for, so that many waiters do not come back at once, nor too early.
  const pauseMs = (attempt: number, askedMs: number | undefined): number => {
    if (askedMs !== undefined) return askedMs + random.below(250);
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
    return longest / 2 + random.below(longest / 2);
  };

  const leftMs = (): number => Math.max(0, Math.min(LONGEST_WAIT_MS - waitedMs, LATEST_CALL_MS - elapsedMs()));

  return {
    pause: async (attempt, askedMs) => {
      const ms = pauseMs(attempt, askedMs);
      if (attempt >= MOST_ATTEMPTS || ms > leftMs()) return false;
      waitedMs += ms;
      await sleep(ms);
      return true;
    },
    leftMs,
    waited: (ms) => {
      waitedMs += ms;
    },
    isSpent: () => elapsedMs() > LATEST_CALL_MS,
    takeRenewal: () => {
      const isFirst = !renewed;
      renewed = true;
      return isFirst;
    },
  };
};
