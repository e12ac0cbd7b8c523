import { DateTime } from 'luxon';
import { addMs, DAY, HOUR, MINUTE } from '../lib/clock.js';

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

const AGO = /^(\d{1,5})\s*([mhdw])$/u;

const LONGEST_TEXT = 40;

/**
 * Where a look back begins: `30m`, `12h`, `7d`, `2w` ago, or an ISO 8601 day or time, in `zone` unless it says its own.
 * `undefined`: none of these, or not in the past.
 */
export const parseSince = (text: string, zone: string, now: Date): Date | undefined => {
  const asked = text.trim().slice(0, LONGEST_TEXT);
  const [, amount, unit = ''] = AGO.exec(asked.toLowerCase()) ?? [];
  if (amount !== undefined) return addMs(now, -Number(amount) * (UNITS[unit] ?? 0));
  const moment = DateTime.fromISO(asked, { zone });
  return moment.isValid && moment.toJSDate() < now ? moment.toJSDate() : undefined;
};
