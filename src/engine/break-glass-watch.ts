/** What the directory has on record of break-glass accounts, and whether anybody was meant to be using them then. */
import { addMs, DAY, MINUTE } from '../lib/clock.js';
import type { BreakGlassAccount, Use } from './break-glass.js';
import type { BreakGlassView } from './break-glass-view.js';
import type { BreakGlassId } from './ids.js';

/** The clocks of a directory and of this machine agree no better. */
const SLACK_MS = 2 * MINUTE;

/** Microsoft's logs show most of what happened within minutes, and some of it hours later. */
const LATE_MS = DAY;

/** The look at this account that was open at this time; of several the last one. */
export const lookAt = (views: readonly BreakGlassView[], account: BreakGlassId, at: Date): BreakGlassView | undefined =>
  views
    .filter((view) => view.accounts.includes(account) && isOpenAt(view, at))
    .toSorted((one, other) => Number(other.shownAt) - Number(one.shownAt))[0];

const isOpenAt = ({ state, shownAt, overAt }: BreakGlassView, at: Date): boolean => {
  if (shownAt === undefined || at < addMs(shownAt, -SLACK_MS)) return false;
  return overAt === undefined ? state === 'open' : at <= addMs(overAt, SLACK_MS);
};

/** The later of two. */
export const laterUse = (known: Use | undefined, found: Use): Use =>
  known !== undefined && known.at >= found.at ? known : found;

interface WatchedFrom {
  readonly id: BreakGlassId;
  readonly from: Date;
}

/** Since when each is watched: since it is kept. */
export const watchedFrom = (
  known: readonly WatchedFrom[],
  accounts: readonly BreakGlassAccount[],
  now: Date,
): readonly WatchedFrom[] =>
  accounts.map((account) => {
    const { id, keptSince } = account;
    const from = known.find((one) => one.id === id)?.from ?? keptSince ?? now;
    // A clock that was ahead must not hide what happens until it would have been right.
    return { id, from: earlier(from, now) };
  });

/** From when on the records are to be read again, because some may have come late; `undefined`: there is nothing to read. */
export const readFrom = (watched: readonly WatchedFrom[], readTo: Date | undefined, now: Date): Date | undefined => {
  const [first] = watched.map(({ from }) => from).toSorted((one, other) => Number(one) - Number(other));
  if (first === undefined || readTo === undefined) return first;
  const again = addMs(earlier(readTo, now), -LATE_MS);
  return again > first ? again : first;
};

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
