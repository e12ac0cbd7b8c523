import { addMs, DAY, HOUR, MINUTE, SECOND } from '../lib/clock.js';
import type { Random } from '../lib/random.js';
import type { BreakGlassAccount, RotationCause } from './break-glass.js';

/** When a break-glass password is changed, when that is tried again, and when people are told that it does not succeed. */

/** How much sooner than the interval a rotation may come, as a part of it. */
const SPREAD = 4;

/**
 * The next one: never later than the interval, and up to a quarter of it sooner, so that what was enabled or caught up
 * with in one go is spread over the day soon, and nobody can tell the moment beforehand.
 */
export const nextRotation = (now: Date, everyMs: number, random: Random): Date =>
  addMs(now, everyMs - random.below(Math.max(1, Math.floor(everyMs / SPREAD))));

const FIRST_RETRY_MS = 30 * SECOND;
const LONGEST_RETRY_MS = HOUR;

/** How long to wait after so many failures in a row; in the end somewhat less than an hour. */
export const rotationRetryMs = (attempts: number, random: Random, atLeastMs = 0): number => {
  const base = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 16));
  const wait = base - random.below(Math.max(1, Math.floor(base / 4)));
  return Math.min(LONGEST_RETRY_MS, Math.max(atLeastMs, wait));
};

/** Why its password is to be changed now; `undefined`: it was not long ago, and only its role is owed. */
export const rotationOwed = (account: BreakGlassAccount, everyMs: number, now: Date): RotationCause | undefined => {
  const { rotateFor, isAdministrator, candidates, rotatedAt } = account;
  if (rotateFor !== undefined) return rotateFor;
  const isFresh = rotatedAt !== undefined && addMs(rotatedAt, everyMs / SPREAD) > now && rotatedAt <= now;
  return !isAdministrator && isFresh && candidates[0]?.answer?.kind === 'set' ? undefined : 'schedule';
};

/**
 * What a plan must not be later than. It is later after the machine's clock was ahead for a while, and where the interval
 * has become shorter.
 */
export const latestRotation = (account: BreakGlassAccount, everyMs: number, now: Date): Date => {
  const { trouble, rotatedAt = now } = account;
  if (trouble !== undefined) return addMs(now, LONGEST_RETRY_MS);
  return addMs(rotatedAt < now ? rotatedAt : now, everyMs);
};

/** A rotation that is later than this is told. */
export const OVERDUE_MS = 2 * HOUR;

/** Since when a rotation should have been done; `undefined`: none is late, or none is wanted. */
export const lateSince = ({ rotateAt, trouble }: BreakGlassAccount, now: Date): Date | undefined => {
  if (rotateAt === undefined) return undefined;
  const since = trouble === undefined || rotateAt < trouble.since ? rotateAt : trouble.since;
  return since <= now ? since : undefined;
};

export const isOverdue = (account: BreakGlassAccount, now: Date): boolean => {
  const since = lateSince(account, now);
  return since !== undefined && addMs(since, OVERDUE_MS) <= now;
};

/** From one alarm to the next; after the last of these it stays so. */
const ALARM_GAPS: readonly number[] = [2 * HOUR, 4 * HOUR, 8 * HOUR, DAY];

/** The alarm that is to be given now, counted from one for each lateness; `undefined`: none. */
export const alarmOwed = (
  account: BreakGlassAccount,
  now: Date,
): { readonly since: Date; readonly times: number } | undefined => {
  const since = lateSince(account, now);
  if (since === undefined || addMs(since, OVERDUE_MS) > now) return undefined;
  const { alarmed } = account;
  // One from before it became late was about something else.
  if (alarmed === undefined || alarmed.at < since) return { since, times: 1 };
  const gap = ALARM_GAPS[Math.min(alarmed.times, ALARM_GAPS.length) - 1] ?? DAY;
  return addMs(alarmed.at, gap) <= now ? { since, times: alarmed.times + 1 } : undefined;
};

/** Absence counts only from a read so long after a creation that may have happened. */
export const SETTLE_MS = 2 * MINUTE;
