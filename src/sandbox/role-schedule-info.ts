import { addMs, DAY, HOUR, MINUTE, SECOND } from '../lib/clock.js';
import type { Span } from './model.js';
import { invalidSchedule, tooShort } from './pim.js';
import type { Body, Shape } from './properties.js';

/** `scheduleInfo`: from when until when, in the three ways to say it. */

export const scheduleInfoShape: Shape = {
  startDateTime: { type: 'dateTime', nullable: true },
  recurrence: { type: 'object', nullable: true },
  expiration: {
    required: true,
    type: {
      type: { type: 'string', required: true },
      endDateTime: { type: 'dateTime', nullable: true },
      duration: { type: 'string', nullable: true },
    },
  },
};

export const SHORTEST_MS = 5 * MINUTE;

// Days at the most: months and years are no part of this type, because they have no fixed length.
const DURATION = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration as OData has it; undefined: it is none. */
export const readDuration = (text: string): number | undefined => {
  const parts = DURATION.exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts;
  return days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
};

const readEnd = (expiration: Body, start: Date): Date | null => {
  switch (String(expiration.type).toLowerCase()) {
    case 'noexpiration':
      return null;
    case 'afterdatetime':
      if (typeof expiration.endDateTime !== 'string') throw invalidSchedule();
      return new Date(expiration.endDateTime);
    case 'afterduration': {
      const ms = typeof expiration.duration === 'string' ? readDuration(expiration.duration) : undefined;
      if (ms === undefined || ms <= 0) throw invalidSchedule();
      return addMs(start, ms);
    }
    default:
      throw invalidSchedule();
  }
};

/** The span that is asked for. What was to begin in the past begins now; `begun` is when what is there already began. */
export const readSpan = (info: Body | undefined, now: Date, begun: Date = now): Span => {
  if (info === undefined || (info.recurrence ?? null) !== null) throw invalidSchedule();
  const asked = typeof info.startDateTime === 'string' ? new Date(info.startDateTime) : now;
  const start = asked > now ? asked : now;
  const until = readEnd(info.expiration as Body, start);
  const from = start > now || begun > now ? start : begun;
  if (until !== null && until <= start) throw invalidSchedule();
  if (until !== null && until.getTime() - from.getTime() < SHORTEST_MS) throw tooShort();
  return { from, until };
};

/** A span as every answer shows it. */
export const scheduleInfoOf = ({ from, until }: Span): Body => ({
  startDateTime: from.toISOString(),
  recurrence: null,
  expiration: {
    type: until === null ? 'noExpiration' : 'afterDateTime',
    endDateTime: until?.toISOString() ?? null,
    duration: null,
  },
});
