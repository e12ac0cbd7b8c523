import { addMs, HOUR, MINUTE } from '../lib/clock.js';
import type { AccessRequest } from './request.js';
import type { Quorum } from './rule.js';

/** How long before the end its requester is reminded; shorter accesses are not. */
export const WARN_MS = 15 * MINUTE;

/** Whoever has not answered by then is not asked once more. */
const MOST_REMINDERS = 3;

/** A reminder later than so long before the lapse would only say that it is too late. */
const REMINDABLE_MS = 5 * MINUTE;

/** How late an end may be before people are alarmed. */
export const ALARM_MS = 2 * MINUTE;

/** From one alarm to the next; after the last of these it stays so. */
const ALARM_GAPS: readonly number[] = [10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR];

/** When this request next needs somebody to look at it; `undefined`: never again. A function of the request alone. */
export const dueAt = (request: AccessRequest): Date | undefined => {
  switch (request.state) {
    case 'pending':
      return earliest([
        request.lapsesAt,
        reminderAt(request),
        ...request.quorums.map((quorum) => escalationAt(request, quorum)),
      ]);
    case 'approved':
      return request.startsAt ?? request.decidedAt;
    case 'provisioning':
      return earliest([request.retryAt ?? request.decidedAt, request.endsAt]);
    case 'active':
      return earliest([request.retryAt, warningAt(request), request.endsAt]);
    case 'closing':
      return earliest([attemptAt(request), alarmAt(request)]);
    case 'cancelled':
      return request.retryAt;
    case 'closed':
    case 'denied':
    case 'lapsed':
      return undefined;
    default:
      return request.state satisfies never;
  }
};

/** When to remind of the end: once, and only where the access was longer than the warning. */
export const warningAt = (request: AccessRequest): Date | undefined => {
  if (request.warnedAt !== undefined || request.endsAt === undefined || request.readyAt === undefined) return undefined;
  if (request.endsAt.getTime() - request.readyAt.getTime() <= WARN_MS) return undefined;
  return addMs(request.endsAt, -WARN_MS);
};

/** When to remind those who were asked to decide. */
export const reminderAt = ({ remindEveryMs, reminded, createdAt, lapsesAt }: AccessRequest): Date | undefined => {
  if (remindEveryMs === 0 || (reminded?.times ?? 0) >= MOST_REMINDERS) return undefined;
  const at = addMs(reminded?.at ?? createdAt, remindEveryMs);
  return at > addMs(lapsesAt, -REMINDABLE_MS) ? undefined : at;
};

/** When to see whether another group has to be asked as well. */
export const escalationAt = (
  { createdAt }: Pick<AccessRequest, 'createdAt'>,
  { escalation }: Quorum,
): Date | undefined => {
  if (escalation === undefined || escalation.at !== undefined) return undefined;
  return escalation.lookAt ?? addMs(createdAt, escalation.afterMs);
};

/** When to try again to end it. */
export const attemptAt = ({ retryAt, closingSince }: AccessRequest): Date | undefined => retryAt ?? closingSince;

/**
 * When to alarm people, again and again until the end is confirmed. What Entra itself holds for a while is not late
 * before it can be let go.
 */
export const alarmAt = (request: AccessRequest): Date | undefined => {
  const { alarmedAt, alarms = 1 } = request;
  if (alarmedAt === undefined || request.state !== 'closing') return overdueFrom(request);
  return addMs(alarmedAt, alarmGapMs(alarms));
};

/** How long to wait after so many alarms, one at least, before the next. */
export const alarmGapMs = (alarms: number): number => ALARM_GAPS[Math.min(alarms, ALARM_GAPS.length) - 1] ?? ALARM_MS;

const overdueFrom = ({ state, closingSince, hold }: AccessRequest): Date | undefined => {
  if (state !== 'closing' || closingSince === undefined) return undefined;
  return addMs(hold !== undefined && hold.until > closingSince ? hold.until : closingSince, ALARM_MS);
};

/** How long an end is overdue, in ms; `undefined`: it is not. */
export const overdueMs = (request: AccessRequest, now: Date): number | undefined => {
  const from = overdueFrom(request);
  return from === undefined || from > now ? undefined : now.getTime() - (endedAt(request) ?? from).getTime();
};

/** When the access was to be over: its time may have come while no process was awake to see it. */
export const endedAt = ({ closeCause, endsAt, closingSince }: AccessRequest): Date | undefined =>
  closeCause === 'expired' && endsAt !== undefined && closingSince !== undefined && endsAt < closingSince
    ? endsAt
    : closingSince;

const earliest = (dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce<Date | undefined>(
    (first, date) => (date !== undefined && (first === undefined || date < first) ? date : first),
    undefined,
  );
