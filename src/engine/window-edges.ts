import { DateTime } from 'luxon';
import type { Window } from './window.js';

const MINUTES_A_DAY = 24 * 60;
const DAYS_AHEAD = 8;

/** When the window next begins and next ends after a moment. */
export const edgesAfter = ({ days, fromMinute, untilMinute, zone }: Window, at: Date): readonly Date[] => {
  const midnight = DateTime.fromJSDate(at, { zone }).startOf('day');
  // Yesterday's night may end today.
  const begun = Array.from({ length: DAYS_AHEAD + 1 }, (_, index) => midnight.plus({ days: index - 1 }));
  const held = begun.filter(({ weekday }) => days.includes(weekday));
  const edge = (minute: number, later: number): Date | undefined =>
    held
      .map((day) =>
        day
          .plus({ days: later })
          .set({ hour: Math.floor(minute / 60), minute: minute % 60 })
          .toJSDate(),
      )
      .find((moment) => moment > at);
  const wholeDays = Math.floor(untilMinute / MINUTES_A_DAY);
  const ends = edge(untilMinute % MINUTES_A_DAY, wholeDays + (untilMinute <= fromMinute ? 1 : 0));
  return [edge(fromMinute, 0), ends].filter((moment) => moment !== undefined);
};
