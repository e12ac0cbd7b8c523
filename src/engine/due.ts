import { addMs, MINUTE } from '../lib/clock.js';
import type { AccessRequest } from './request.js';
import type { Quorum } from './rule.js';

/** How long before the end its requester is reminded; shorter accesses are not. */
export const WARN_MS = 15 * MINUTE;

/** Whoever has not answered by then is not asked once more. */
const MOST_REMINDERS = 3;

/** A reminder later than so long before the lapse would only say that it is too late. */
const REMINDABLE_MS = 5 * MINUTE;

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
      return request.retryAt ?? request.closingSince;
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

const earliest = (dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce<Date | undefined>(
    (first, date) => (date !== undefined && (first === undefined || date < first) ? date : first),
    undefined,
  );
