import { IANAZone } from 'luxon';
import { DAY, MINUTE } from '../lib/clock.js';

/** Weekdays and hours in a named zone. */
export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. An end before the beginning lies on the next day; equal ones are a whole day apart. */
  readonly fromMinute: number;
  readonly untilMinute: number;
  /** IANA name. */
  readonly zone: string;
}

const DAY_MINUTES = DAY / MINUTE;

/** In any so many days every weekday comes whole, even where clocks are changed. */
const EVERY_WEEKDAY_MS = 9 * DAY;

/** Whether clocks in the window's zone show a moment within it. A night belongs to the day on which it begins. */
export const isWithin = (window: Window, at: Date): boolean => {
  const here = clockAt(window.zone, at.getTime());
  return here !== undefined && opensIn(window, here, here);
};

/**
 * Whether any moment of `durationMs` from `at` on lies within the window. What cannot be told counts as yes: this keeps
 * people out.
 */
export const touches = (window: Window, at: Date, durationMs: number): boolean => {
  const from = at.getTime();
  const last = durationMs >= 1 ? from + durationMs - 1 : from;
  if (Number.isNaN(from) || !Number.isFinite(last) || offsetAt(window.zone, from) === undefined) return true;
  if (last - from >= EVERY_WEEKDAY_MS) return window.days.length > 0;
  return touchesBetween(window, from, last);
};

/** Clocks go on evenly between two moments where neither is a change's far side; else each half is looked at. */
const touchesBetween = (window: Window, from: number, last: number): boolean => {
  const [begin, end] = [clockAt(window.zone, from), clockAt(window.zone, last)];
  if (begin === undefined || end === undefined) return true;
  const even = end - begin === Math.floor(last / MINUTE) - Math.floor(from / MINUTE);
  if (even) return opensIn(window, begin, end);
  const middle = Math.floor((from + last) / 2);
  return touchesBetween(window, from, middle) || touchesBetween(window, middle + 1, last);
};

/** Whether the window is open in any minute from one to another, both on clocks that go on evenly between them. */
const opensIn = ({ days, fromMinute, untilMinute }: Window, begin: number, end: number): boolean => {
  const lengthMinutes = untilMinute > fromMinute ? untilMinute - fromMinute : untilMinute - fromMinute + DAY_MINUTES;
  for (let day = Math.floor(begin / DAY_MINUTES) - 1; day <= Math.floor(end / DAY_MINUTES); day += 1) {
    const opens = day * DAY_MINUTES + fromMinute;
    if (opens <= end && opens + lengthMinutes > begin && days.includes(weekdayOf(day))) return true;
  }
  return false;
};

/** The first of January 1970, day 0, was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** What clocks there show, in minutes since they showed the beginning of 1970. */
const clockAt = (zone: string, ms: number): number | undefined => {
  const offset = offsetAt(zone, ms);
  return offset === undefined ? undefined : Math.floor(ms / MINUTE + offset);
};

/** Asking the system what time it is elsewhere is slow, and many rules ask it of the same few moments. */
const MOST_REMEMBERED = 1_000;
const known = new Map<string, Map<number, number>>();

/** Minutes east of Greenwich; nothing where there is no such zone or no such moment. Clocks change on whole minutes. */
const offsetAt = (zone: string, ms: number): number | undefined => {
  const minute = Math.floor(ms / MINUTE);
  const found = known.get(zone)?.get(minute);
  if (found !== undefined) return found;
  const read = readOffset(zone, ms);
  if (read === undefined) return undefined;
  if (known.size >= MOST_REMEMBERED) known.clear();
  const offsets = known.get(zone) ?? new Map<number, number>();
  if (offsets.size >= MOST_REMEMBERED) offsets.clear();
  known.set(zone, offsets.set(minute, read));
  return read;
};

/** The last moment of which the calendar knows. */
const LAST_MS = 8.64e15;

const readOffset = (zone: string, ms: number): number | undefined => {
  const there = IANAZone.create(zone);
  if (!there.isValid || !(Math.abs(ms) <= LAST_MS)) return undefined;
  const offset = there.offset(ms);
  return Number.isFinite(offset) ? offset : undefined;
};
