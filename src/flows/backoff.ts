import { MINUTE, SECOND } from '../lib/clock.js';
import type { Random } from '../lib/random.js';

const FIRST_MS = SECOND;
const CAP_MS = 2 * MINUTE;

/**
 * How long to wait before the next attempt, in ms: doubling from one second, capped at two minutes, jittered by a
 * quarter so that what failed together does not come back together. Never less than what the other side asked for.
 */
export const backoffMs = (attempts: number, random: Random, atLeastMs = 0): number => {
  const base = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 16));
  const jitter = random.below(Math.max(1, Math.floor(base / 4)));
  return Math.max(atLeastMs, base + jitter);
};
