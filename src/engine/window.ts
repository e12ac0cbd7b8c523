import { DateTime } from 'luxon';

/** Weekdays and hours in a named zone. */
export interface Window {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. An end before the beginning lies on the next day. */
  readonly fromMinute: number;
  readonly untilMinute: number;
  /** IANA name. */
  readonly zone: string;
}

/** Whether clocks in the window's zone show a moment within it. A night belongs to the day on which it begins. */
export const isWithin = ({ days, fromMinute, untilMinute, zone }: Window, at: Date): boolean => {
  const there = DateTime.fromJSDate(at, { zone });
  const minute = there.hour * 60 + there.minute;
  const today = days.includes(there.weekday);
  if (fromMinute < untilMinute) return today && minute >= fromMinute && minute < untilMinute;
  const yesterday = days.includes(there.weekday === 1 ? 7 : there.weekday - 1);
  return (today && minute >= fromMinute) || (yesterday && minute < untilMinute);
};
