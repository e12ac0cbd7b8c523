import type { Every } from '../../src/jobs/timers.js';

/** A timer that a test rings. */
export const createManualTimer = (): {
  readonly every: Every;
  readonly ring: () => void;
  readonly live: () => number;
} => {
  const acts = new Set<() => void>();
  return {
    every: (_ms, act) => {
      acts.add(act);
      return () => void acts.delete(act);
    },
    ring: () => acts.forEach((act) => act()),
    live: () => acts.size,
  };
};
