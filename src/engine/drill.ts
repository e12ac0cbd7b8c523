/** Drills: only a way in that was tried is known to be one. */
import { addMs, DAY } from '../lib/clock.js';
import type { BreakGlassAccount } from './break-glass.js';

/** One is due so long after the last, or after the account was first kept. */
export const DRILL_EVERY_MS = 90 * DAY;

/** When the account is to be tried again; `undefined`: it is not kept. */
export const drillDueAt = ({
  rotateAt,
  keptSince,
  drilled,
}: Pick<BreakGlassAccount, 'rotateAt' | 'keptSince' | 'drilled'>): Date | undefined => {
  const since = [keptSince, drilled?.at].filter((at) => at !== undefined).toSorted((one, other) => +other - +one)[0];
  return rotateAt === undefined || since === undefined ? undefined : addMs(since, DRILL_EVERY_MS);
};
