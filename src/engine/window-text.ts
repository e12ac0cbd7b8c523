/** Windows as people write them: `Mon-Fri 08:00-18:00 Europe/Berlin`. What is said of one can be typed again. */
import { IANAZone } from 'luxon';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Window } from './window.js';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const WHOLE_WEEK = [1, 2, 3, 4, 5, 6, 7];
const MINUTES_A_DAY = 24 * 60;
const LONGEST_TEXT = 120;
const EXAMPLE = 'Mon-Fri 08:00-18:00 Europe/Berlin';

const NAMED_DAYS: ReadonlyMap<string, readonly number[]> = new Map([
  ['daily', WHOLE_WEEK],
  ['weekdays', [1, 2, 3, 4, 5]],
  ['weekends', [6, 7]],
]);

/** Days (none said: every day), hours, zone, in this order. The error is what is wrong, as one clause. */
export const parseWindow = (text: string): Result<Window, string> => {
  const asked = text
    .trim()
    .replaceAll(/\s*[–—-]\s*/gu, '-')
    .replaceAll(/\s*,\s*/gu, ',');
  if (asked.length > LONGEST_TEXT) return err(`that is too long; write it like ${EXAMPLE}`);
  const hours = /(?:^|\s)(\d{1,2}:\d{2})-(\d{1,2}:\d{2})(?:\s|$)/u.exec(asked);
  if (hours === null) return err(`say the hours, like ${EXAMPLE}`);
  const days = parseDays(asked.slice(0, hours.index).trim());
  if (!days.ok) return days;
  const from = parseMinute(hours[1] ?? '');
  const until = parseMinute(hours[2] ?? '');
  if (from === undefined || from === MINUTES_A_DAY) return err(`${hours[1]} is no time of day`);
  if (until === undefined) return err(`${hours[2]} is no time of day`);
  if (from === until) return err('it begins when it ends; write 00:00-24:00 for the whole day');
  const zone = parseZone(asked.slice(hours.index + hours[0].length).trim());
  return zone.ok ? ok({ days: days.value, fromMinute: from, untilMinute: until, zone: zone.value }) : zone;
};

const parseDays = (text: string): Result<readonly number[], string> => {
  if (text === '') return ok(WHOLE_WEEK);
  const days = new Set<number>();
  for (const part of text.toLowerCase().split(',')) {
    const named = NAMED_DAYS.get(part);
    const [from, until, ...rest] = part.split('-').map(dayNamed);
    if (named === undefined && (from === undefined || rest.length > 0 || (part.includes('-') && until === undefined))) {
      return err(`I cannot read the days in ${part}; write them like Mon-Fri or Sat,Sun`);
    }
    for (const day of named ?? daysFrom(from ?? 1, until ?? from ?? 1)) days.add(day);
  }
  return ok([...days].toSorted((one, other) => one - other));
};

/** `Mon`, `monday`: a day by at least three of its letters. */
const dayNamed = (text: string): number | undefined => {
  const full = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  const index = text.length < 3 ? -1 : full.findIndex((day) => day.startsWith(text));
  return index === -1 ? undefined : index + 1;
};

/** Round the week's end where need be: Fri-Mon. */
const daysFrom = (from: number, until: number): readonly number[] =>
  Array.from({ length: ((until - from + 7) % 7) + 1 }, (_, index) => ((from - 1 + index) % 7) + 1);

const parseMinute = (text: string): number | undefined => {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  const total = hour * 60 + minute;
  return minute < 60 && total <= MINUTES_A_DAY ? total : undefined;
};

const parseZone = (text: string): Result<string, string> => {
  if (text === '') return err(`say the time zone, like ${EXAMPLE}`);
  if (IANAZone.isValidZone(text)) return ok(text);
  const meant = zoneMeant(text);
  return err(`there is no time zone ${text.slice(0, 40)}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
};

/** People remember the city. */
const zoneMeant = (text: string): string | undefined => {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = text.toLowerCase().replaceAll(/\s+/gu, '_');
  return zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`)) ?? closest(text, zones);
};

export const sayWindow = ({ days, fromMinute, untilMinute, zone }: Window): string =>
  `${sayDays(days)} ${sayMinute(fromMinute)}-${sayMinute(untilMinute)} ${zone}`;

/** Three days in a row and more are a range. */
const sayDays = (days: readonly number[]): string => {
  if (days.length === WHOLE_WEEK.length) return 'daily';
  const runs: number[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run?.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  return runs.map(sayRun).join(',');
};

const sayRun = (run: readonly number[]): string => {
  const names = run.map((day) => DAYS[day - 1] ?? '');
  return names.length > 2 ? `${names[0]}-${names.at(-1)}` : names.join(',');
};

const sayMinute = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
