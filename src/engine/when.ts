import { DateTime } from 'luxon';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Fault } from './faults.js';

const UNITS: Readonly<Record<string, number>> = { d: DAY, h: HOUR, m: MINUTE, s: SECOND };

/** Nothing can be asked, approved and used in less. */
const SHORTEST_MS = 10 * SECOND;

/** No access is asked for further ahead, and none lasts longer, whatever a rule says. */
export const FURTHEST_MS = 30 * DAY;

/** No time or duration takes more characters to write; what does is not searched for one. */
const LONGEST_TEXT = 60;

const DURATION = /^(?:(\d{1,4})\s*d)?\s*(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*m(?:in)?)?\s*(?:(\d{1,6})\s*s)?$/u;

/** `2h`, `90m`, `1h30m`, `1 h 30 min`, `1d`; a bare number is hours. Milliseconds. */
export const parseDuration = (text: string): Result<number, Fault> => {
  const asked = text.trim().toLowerCase();
  if (asked.length > LONGEST_TEXT) return err({ code: 'duration.invalid', asked: text });
  const match = DURATION.exec(asked);
  const bare = /^\d{1,4}$/u.test(asked) ? Number(asked) * HOUR : undefined;
  const parts = match?.slice(1).map((amount, index) => Number(amount ?? 0) * (UNITS['dhms'.charAt(index)] ?? 0));
  const total = bare ?? parts?.reduce((sum, part) => sum + part, 0) ?? 0;
  if (asked === '' || total === 0) return err({ code: 'duration.invalid', asked: text });
  if (total < SHORTEST_MS) return err({ code: 'duration.too-short', leastMs: SHORTEST_MS });
  if (total > FURTHEST_MS) return err({ code: 'time.too-far', asked: text, mostMs: FURTHEST_MS });
  return ok(total);
};

/** A duration as `parseDuration` reads it: `1d2h30m`. */
export const writeDuration = (ms: number): string => {
  let rest = ms;
  const parts = Object.entries(UNITS).map(([unit, length]) => {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    return amount === 0 ? '' : `${amount}${unit}`;
  });
  return parts.join('') || '0s';
};

const FORMATS = ['yyyy-MM-dd HH:mm', "yyyy-MM-dd'T'HH:mm", 'd MMM yyyy HH:mm'];

/**
 * A moment as people write it, in their zone: `16:30` or `23 Nov 16:30` (the next time clock and calendar show it),
 * `tomorrow 9:00`, `2026-11-23 16:30`, an ISO time with its own offset, or `in 2h` / `+2h`. Past times are refused.
 */
export const parseMoment = (text: string, zone: string, now: Date): Result<Date, Fault> => {
  const asked = text.trim();
  if (asked.length > LONGEST_TEXT) return err({ code: 'time.invalid', asked: text });
  const relative = /^(?:in\s+|\+)(.+)$/iu.exec(asked)?.[1];
  if (relative !== undefined) {
    const duration = parseDuration(relative);
    if (duration.ok) return ok(addMs(now, duration.value));
    return err(
      duration.error.code === 'time.too-far'
        ? { ...duration.error, asked: text }
        : { code: 'time.invalid', asked: text },
    );
  }
  const moment = clockTime(asked, zone, now) ?? dayTime(asked, zone, now) ?? calendarTime(asked, zone);
  if (moment === undefined) return err({ code: 'time.invalid', asked: text });
  if (moment <= now) return err({ code: 'time.past', asked: text });
  if (moment.getTime() - now.getTime() > FURTHEST_MS) {
    return err({ code: 'time.too-far', asked: text, mostMs: FURTHEST_MS });
  }
  return ok(moment);
};

const clockTime = (asked: string, zone: string, now: Date): Date | undefined => {
  const match = /^(?:(today|tomorrow)\s+)?(\d{1,2}):(\d{2})$/iu.exec(asked);
  if (match === null) return undefined;
  const [, day, hour, minute] = match;
  const here = DateTime.fromJSDate(now, { zone });
  const wanted = here.set({ hour: Number(hour), minute: Number(minute), second: 0, millisecond: 0 });
  if (!wanted.isValid || Number(hour) > 23 || Number(minute) > 59) return undefined;
  if (day?.toLowerCase() === 'tomorrow') return wanted.plus({ days: 1 }).toJSDate();
  return (day === undefined && wanted <= here ? wanted.plus({ days: 1 }) : wanted).toJSDate();
};

const isAhead = (moment: Date, now: Date): boolean => moment > now && moment.getTime() - now.getTime() <= FURTHEST_MS;

/** A day without its year is this year's, or at the turn of the year the one just ahead. */
const dayTime = (asked: string, zone: string, now: Date): Date | undefined => {
  const { year } = DateTime.fromJSDate(now, { zone });
  const days = [year, year + 1]
    .map((candidate) => DateTime.fromFormat(`${candidate} ${asked}`, 'yyyy d MMM HH:mm', { zone, locale: 'en' }))
    .flatMap((day) => (day.isValid ? [day.toJSDate()] : []));
  return days.find((day) => isAhead(day, now)) ?? days[0];
};

const calendarTime = (asked: string, zone: string): Date | undefined => {
  for (const format of FORMATS) {
    const read = DateTime.fromFormat(asked, format, { zone, locale: 'en' });
    if (read.isValid) return read.toJSDate();
  }
  // A day alone would silently mean midnight, a time alone the day it is on this machine; both are asked for.
  const iso = /^\d{4}.*T\d/u.test(asked) ? DateTime.fromISO(asked, { zone }) : undefined;
  return iso?.isValid === true ? iso.toJSDate() : undefined;
};

export const isZone = (zone: string): boolean => DateTime.local({ zone }).isValid;

export const sameDay = (one: Date, other: Date, zone: string): boolean => dayOf(one, zone) === dayOf(other, zone);

const dayOf = (at: Date, zone: string): string | null => DateTime.fromJSDate(at, { zone }).toISODate();
