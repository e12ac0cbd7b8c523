import { addMs, HOUR, MINUTE } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Fault } from './faults.js';
import type { AccessRequest, Outcome, RequestState, Trouble, Verdict } from './request.js';

/** Everything that can happen to a request. */
export type RequestEvent =
  | { readonly type: 'approve'; readonly verdict: Verdict }
  | { readonly type: 'deny'; readonly verdict: Verdict }
  | { readonly type: 'cancel'; readonly calledOff?: string }
  | { readonly type: 'unreachable'; readonly people: AccessRequest['asked'] }
  | { readonly type: 'lapse' }
  | { readonly type: 'start' }
  | { readonly type: 'progress'; readonly steps: readonly string[] }
  | { readonly type: 'ready'; readonly shared: boolean }
  | { readonly type: 'reissue' }
  | { readonly type: 'reveal' }
  | { readonly type: 'warn' }
  | { readonly type: 'end'; readonly cause: Outcome; readonly by?: string }
  | { readonly type: 'stumble'; readonly trouble: Trouble; readonly retryAt: Date }
  | { readonly type: 'alarm' }
  | { readonly type: 'confirm'; readonly readAt: Date; readonly accountShut: boolean };

/** Which events each state takes. `closing` has one way out: a read of the directory that confirms the end. */
const TAKES = {
  pending: ['approve', 'deny', 'cancel', 'lapse', 'unreachable'],
  approved: ['start', 'cancel'],
  provisioning: ['progress', 'ready', 'stumble', 'end'],
  active: ['reveal', 'reissue', 'warn', 'stumble', 'progress', 'ready', 'end'],
  closing: ['stumble', 'alarm', 'confirm'],
  closed: [],
  denied: [],
  cancelled: [],
  lapsed: [],
} as const satisfies Record<RequestState, readonly RequestEvent['type'][]>;

export const takes = (state: RequestState, event: RequestEvent['type']): boolean =>
  (TAKES[state] as readonly RequestEvent['type'][]).includes(event);

/** How long a pending request waits for a decision. */
export const LAPSE_MS = 8 * HOUR;

/** How long before the end its requester is reminded; shorter accesses are not. */
export const WARN_MS = 15 * MINUTE;

/** How late an end may be before people are alarmed. */
export const ALARM_MS = 2 * MINUTE;

/**
 * The request after an event, or why it cannot happen to it. The same decision by the same person again changes
 * nothing and is no fault, as long as it still stands: `value` is then the request itself.
 */
export const applyEvent = (request: AccessRequest, event: RequestEvent, now: Date): Result<AccessRequest, Fault> => {
  if (event.type === 'approve' || event.type === 'deny') return decide(request, event, now);
  if (!takes(request.state, event.type)) return err(wrongState(request, event.type));
  return ok(after(request, event, now));
};

const decide = (
  request: AccessRequest,
  { type, verdict }: Extract<RequestEvent, { type: 'approve' | 'deny' }>,
  now: Date,
): Result<AccessRequest, Fault> => {
  const pending = request.state === 'pending';
  const stands = pending || verdictOn(request) === (type === 'deny' ? 'denied' : 'approved');
  if (stands && lastWordOf(request, verdict.person) === type) return ok(request);
  if (!pending) return err(alreadyDecided(request, type));
  // Its time is over even if nobody was awake to record it.
  if (request.lapsesAt <= now) return err(wrongState({ ...request, state: 'lapsed' }, type));
  // Somebody's last word is the one that counts.
  const others = (verdicts: readonly Verdict[]): readonly Verdict[] =>
    verdicts.filter(({ person }) => person !== verdict.person);
  if (type === 'approve') {
    return ok({ ...request, approvals: [...others(request.approvals), verdict], denials: others(request.denials) });
  }
  const denials = [...others(request.denials), verdict];
  const heard = { ...request, approvals: others(request.approvals), denials };
  return ok(denials.length < request.denialsToEnd ? heard : { ...heard, state: 'denied', decidedAt: now });
};

const lastWordOf = (request: AccessRequest, person: Verdict['person']): 'approve' | 'deny' | undefined => {
  if (request.denials.some((denial) => denial.person === person)) return 'deny';
  return request.approvals.some((approval) => approval.person === person) ? 'approve' : undefined;
};

/** What people decided; nothing where they have not, or where it was called off whatever some of them had said. */
const verdictOn = ({ state, approvals }: AccessRequest): 'approved' | 'denied' | undefined => {
  if (state === 'denied') return 'denied';
  const open = state === 'pending' || state === 'cancelled' || state === 'lapsed';
  return open || approvals.length === 0 ? undefined : 'approved';
};

/** The request, approved, once its quorums are met. Who counts towards them is for the caller to say. */
export const approved = (request: AccessRequest, now: Date): AccessRequest => ({
  ...request,
  state: 'approved',
  decidedAt: now,
});

const alreadyDecided = (request: AccessRequest, verb: string): Fault => {
  const verdict = verdictOn(request);
  const last = request.state === 'denied' ? request.denials.at(-1) : request.approvals.at(-1);
  if (verdict === undefined || last === undefined || request.decidedAt === undefined) return wrongState(request, verb);
  return { code: 'request.decided', id: request.id, by: last.name, verdict, at: request.decidedAt };
};

const wrongState = ({ id, state }: AccessRequest, verb: string): Fault => ({
  code: 'request.wrong-state',
  id,
  state,
  verb,
});

type PlainEvent = Exclude<RequestEvent, { type: 'approve' | 'deny' }>;

const after = (request: AccessRequest, event: PlainEvent, now: Date): AccessRequest => {
  switch (event.type) {
    case 'cancel':
      return cancelled(request, event.calledOff, now);
    case 'unreachable':
      return {
        ...request,
        asked: request.asked.filter(({ id }) => !event.people.some((person) => person.id === id)),
        unreachable: [...new Set([...request.unreachable, ...event.people.map(({ name }) => name)])],
      };
    case 'lapse':
      return { ...request, state: 'lapsed', decidedAt: now };
    case 'start':
      return { ...request, state: 'provisioning', endsAt: endFrom(request, now) };
    case 'progress':
      return { ...request, progress: [...request.progress, ...event.steps] };
    case 'ready':
      return ready(request, event.shared, now);
    case 'reissue':
      return without({ ...request, reveal: 'none', retryAt: now }, ['revealedAt', 'trouble']);
    case 'reveal':
      return { ...request, reveal: 'taken', revealedAt: now };
    case 'warn':
      return { ...request, warnedAt: now };
    case 'end':
      return end(request, event, now);
    case 'stumble':
      return { ...request, trouble: event.trouble, retryAt: event.retryAt };
    case 'alarm':
      return { ...request, alarmedAt: now };
    case 'confirm':
      return without(
        {
          ...request,
          state: 'closed',
          outcome: request.closeCause ?? 'failed',
          confirmedAt: event.readAt,
          accountShut: event.accountShut,
        },
        ['retryAt', 'trouble'],
      );
    default:
      return event satisfies never;
  }
};

const cancelled = (request: AccessRequest, calledOff: string | undefined, now: Date): AccessRequest => ({
  ...request,
  state: 'cancelled',
  decidedAt: now,
  ...(calledOff === undefined ? {} : { calledOff }),
});

const endFrom = (request: AccessRequest, start: Date): Date => request.endsBy ?? addMs(start, request.durationMs);

/** The time granted counts from the first moment the credential could be had; a re-issue does not start it anew. */
const ready = (request: AccessRequest, shared: boolean, now: Date): AccessRequest => {
  const readyAt = request.readyAt ?? now;
  return without(
    { ...request, state: 'active', readyAt, endsAt: endFrom(request, readyAt), reveal: shared ? 'shared' : 'offered' },
    ['retryAt', 'trouble'],
  );
};

const end = (request: AccessRequest, event: Extract<PlainEvent, { type: 'end' }>, now: Date): AccessRequest => {
  const closing: AccessRequest = {
    ...request,
    state: 'closing',
    closeCause: event.cause,
    closingSince: now,
    ...(event.by === undefined ? {} : { closedBy: event.by }),
  };
  return without(closing, ['retryAt', 'trouble']);
};

const without = (request: AccessRequest, keys: readonly ('retryAt' | 'trouble' | 'revealedAt')[]): AccessRequest => {
  const copy = { ...request };
  for (const key of keys) delete copy[key];
  return copy;
};

/** When this request next needs somebody to look at it; `undefined`: never again. */
export const dueAt = (request: AccessRequest): Date | undefined => {
  switch (request.state) {
    case 'pending':
      return request.lapsesAt;
    case 'approved':
      return request.startsAt ?? request.decidedAt;
    case 'provisioning':
      return earliest([request.retryAt ?? request.decidedAt, request.endsAt]);
    case 'active':
      return earliest([request.retryAt, warningAt(request), request.endsAt]);
    case 'closing':
      return request.retryAt ?? request.closingSince;
    case 'closed':
    case 'denied':
    case 'cancelled':
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

const earliest = (dates: readonly (Date | undefined)[]): Date | undefined =>
  dates.reduce<Date | undefined>(
    (first, date) => (date !== undefined && (first === undefined || date < first) ? date : first),
    undefined,
  );
