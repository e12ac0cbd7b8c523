import { addMs, HOUR, MINUTE } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { escalationAt } from './due.js';
import type { Fault } from './faults.js';
import type { GroupId, RequestId } from './ids.js';
import type { AccessRequest, AccountLeft, Hold, Outcome, Remains, RequestState, Trouble } from './request.js';
import type { Quorum } from './rule.js';
import { whyNotUnconfirmed } from './unconfirmed.js';
import { heard, wrongState } from './verdicts.js';
import type { Word } from './verdicts.js';

/** Everything that can happen to a request. */
export type RequestEvent =
  | Word
  | { readonly type: 'cancel'; readonly calledOff?: string }
  | { readonly type: 'unreachable'; readonly people: AccessRequest['asked'] }
  | { readonly type: 'remind' }
  /** `groups`: those that are asked as well from now on; what else was due to be escalated did not need it. */
  | {
      readonly type: 'escalate';
      readonly groups: readonly GroupId[];
      readonly asked: AccessRequest['asked'];
      readonly unreachable: readonly string[];
    }
  | { readonly type: 'lapse' }
  | { readonly type: 'start' }
  | { readonly type: 'merge' }
  | { readonly type: 'miss'; readonly why: string }
  | { readonly type: 'progress'; readonly steps: readonly string[] }
  /** `passEndsAt`: of an access pass. */
  | { readonly type: 'ready'; readonly reveal: 'offered' | 'shared' | 'own'; readonly passEndsAt?: Date }
  /** What is live must be looked at in the directory; or nothing is left to do for it. */
  /** `at`: when, if not now. */
  | { readonly type: 'revisit'; readonly at?: Date }
  | { readonly type: 'settle' }
  | { readonly type: 'reissue' }
  | { readonly type: 'reveal' }
  | { readonly type: 'warn' }
  | {
      readonly type: 'extend';
      readonly by: RequestId;
      readonly endsAt: Date;
      /** `revisit`: the directory must know the new end. `renew`: and the access pass ends before it. */
      readonly also?: 'revisit' | 'renew';
    }
  | { readonly type: 'end'; readonly cause: Outcome; readonly by?: string }
  | {
      readonly type: 'stumble';
      readonly trouble: Trouble;
      readonly retryAt: Date;
      readonly remains?: Remains;
      readonly hold?: Hold;
    }
  | { readonly type: 'alarm' }
  /** The account of what was called off is not at rest yet; or nothing is left to do for it. */
  | { readonly type: 'put-off'; readonly until: Date }
  | { readonly type: 'clear' }
  | { readonly type: 'confirm'; readonly readAt: Date; readonly accountLeft: AccountLeft }
  /** An owner's word, by name, where no read can ever confirm the end. */
  | { readonly type: 'leave-unconfirmed'; readonly by: string };

/**
 * Which events each state takes. `closing` has two ways out: a read of the directory that confirms the end, and an
 * owner's word that none ever will, which is not heard while the trouble may still pass. `merge` is the only other way
 * to `closed`, for a request that extends another one: it never gave access, so that there is
 * nothing to take away and nothing to prove. Having started, such a request can only `merge`, or `miss` what is over.
 */
const TAKES = {
  pending: ['approve', 'deny', 'cancel', 'lapse', 'unreachable', 'remind', 'escalate'],
  approved: ['start', 'cancel', 'merge', 'miss'],
  provisioning: ['progress', 'ready', 'stumble', 'end'],
  active: ['reveal', 'reissue', 'warn', 'stumble', 'progress', 'ready', 'revisit', 'settle', 'extend', 'end'],
  closing: ['stumble', 'alarm', 'confirm', 'leave-unconfirmed'],
  closed: [],
  denied: [],
  cancelled: ['put-off', 'clear'],
  lapsed: [],
} as const satisfies Record<RequestState, readonly RequestEvent['type'][]>;

export const takes = (state: RequestState, event: RequestEvent['type']): boolean =>
  (TAKES[state] as readonly RequestEvent['type'][]).includes(event);

/** How long after its time an approved request may still start. */
export const LAPSE_MS = 8 * HOUR;

/**
 * The request after an event, or why it cannot happen to it. What has happened already changes nothing and is no fault:
 * `value` is then the request itself.
 */
export const applyEvent = (request: AccessRequest, event: RequestEvent, now: Date): Result<AccessRequest, Fault> => {
  if (isWord(event)) return heard(request, event, now);
  if (event.type === 'extend' && request.extensions.includes(event.by)) return ok(request);
  if (!takes(request.state, event.type) || !suits(request, event.type)) return err(wrongState(request, event.type));
  const early = event.type === 'leave-unconfirmed' ? whyNotUnconfirmed(request, now) : undefined;
  if (early !== undefined) return err(early);
  // Its end has come even if nobody was awake to record it.
  if (event.type === 'extend' && request.endsAt !== undefined && request.endsAt <= now) {
    return err(wrongState({ ...request, state: 'closing' }, event.type));
  }
  return ok(after(request, event, now));
};

const isWord = (event: RequestEvent): event is Word => event.type === 'approve' || event.type === 'deny';

/** What the state alone does not tell: a request that extends another starts once, and then hangs on that other. */
const suits = ({ state, merging }: AccessRequest, type: RequestEvent['type']): boolean => {
  if (state !== 'approved') return true;
  return type === 'merge' || type === 'miss' ? merging === true : merging === undefined;
};

type PlainEvent = Exclude<RequestEvent, Word>;

const after = (request: AccessRequest, event: PlainEvent, now: Date): AccessRequest => {
  switch (event.type) {
    case 'cancel':
      return calledOff(request, event.calledOff, now);
    case 'put-off':
      return { ...request, retryAt: event.until };
    case 'clear':
      return without(request, ['retryAt']);
    case 'miss':
      return cancelled(request, event.why, now);
    case 'unreachable':
      return {
        ...request,
        asked: request.asked.filter(({ id }) => !event.people.some((person) => person.id === id)),
        unreachable: [...new Set([...request.unreachable, ...event.people.map(({ name }) => name)])],
      };
    case 'remind':
      return { ...request, reminded: { at: now, times: (request.reminded?.times ?? 0) + 1 } };
    case 'escalate':
      return escalated(request, event, now);
    case 'lapse':
      return { ...request, state: 'lapsed', decidedAt: now };
    case 'start':
      return request.extends === undefined
        ? { ...request, state: 'provisioning', endsAt: endFrom(request, now) }
        : { ...request, merging: true };
    case 'merge':
      return { ...request, state: 'closed', outcome: 'extended', endsAt: endFrom(request, now) };
    case 'progress':
      return { ...request, progress: [...request.progress, ...event.steps] };
    case 'ready':
      return ready(request, event, now);
    case 'revisit':
      return { ...request, retryAt: event.at ?? now };
    case 'settle':
      return without(request, ['retryAt', 'trouble']);
    case 'reissue':
      return without({ ...request, reveal: 'none', retryAt: now }, ['revealedAt', 'trouble']);
    case 'reveal':
      return { ...request, reveal: 'taken', revealedAt: now };
    case 'warn':
      return { ...request, warnedAt: now };
    case 'extend':
      return extended(request, event, now);
    case 'end':
      return end(request, event, now);
    case 'stumble':
      return stumbled(request, event);
    case 'alarm':
      return { ...request, alarmedAt: now, alarms: (request.alarms ?? 0) + 1 };
    case 'confirm':
      return confirmed(request, event);
    case 'leave-unconfirmed':
      return left(request, event.by, now);
    default:
      return event satisfies never;
  }
};

/** Asked as well, or looked at again later where its own group had agreed by then. */
const escalated = (
  request: AccessRequest,
  event: Extract<PlainEvent, { type: 'escalate' }>,
  now: Date,
): AccessRequest => {
  const quorums = request.quorums.map((quorum): Quorum => {
    const { escalation } = quorum;
    const at = escalationAt(request, quorum);
    if (escalation === undefined || at === undefined || at > now) return quorum;
    if (event.groups.includes(escalation.group)) return { ...quorum, escalation: { ...escalation, at: now } };
    return { ...quorum, escalation: { ...escalation, lookAt: addMs(now, Math.max(MINUTE, escalation.afterMs)) } };
  });
  return { ...request, ...withAsked(request, event), quorums };
};

/** More people asked, each once. */
export const withAsked = (
  request: AccessRequest,
  { asked, unreachable }: Pick<AccessRequest, 'asked' | 'unreachable'>,
): AccessRequest => ({
  ...request,
  asked: [...request.asked, ...asked.filter(({ id }) => !request.asked.some((known) => known.id === id))],
  unreachable: [...new Set([...request.unreachable, ...unreachable])],
});

const cancelled = (request: AccessRequest, calledOff: string | undefined, now: Date): AccessRequest => ({
  ...request,
  state: 'cancelled',
  decidedAt: now,
  ...(calledOff === undefined ? {} : { calledOff }),
});

/** One that was approved may be what an account was kept for, which is then to be looked at once more. */
const calledOff = (request: AccessRequest, why: string | undefined, now: Date): AccessRequest => {
  const kept = request.state === 'approved' && request.extends === undefined;
  return { ...cancelled(request, why, now), ...(kept ? { retryAt: now } : {}) };
};

const endFrom = (request: AccessRequest, start: Date): Date => request.endsBy ?? addMs(start, request.durationMs);

/** The time granted counts from the first moment the credential could be had; a re-issue does not start it anew. */
const ready = (
  request: AccessRequest,
  { reveal, passEndsAt }: Extract<PlainEvent, { type: 'ready' }>,
  now: Date,
): AccessRequest => {
  const readyAt = request.readyAt ?? now;
  return {
    ...without({ ...request, state: 'active', readyAt, endsAt: endFrom(request, readyAt), reveal }, [
      'retryAt',
      'trouble',
      'revealedAt',
      'passEndsAt',
    ]),
    ...(passEndsAt === undefined ? {} : { passEndsAt }),
  };
};

/** Duration and fixed end move along, so that a new credential later finds the new end, too. A fresh warning follows. */
const extended = (
  request: AccessRequest,
  { by, endsAt, also }: Extract<PlainEvent, { type: 'extend' }>,
  now: Date,
): AccessRequest => {
  const known = request.endsAt ?? endsAt;
  const until = endsAt > known ? endsAt : known;
  const moved: AccessRequest = {
    ...request,
    extensions: [...request.extensions, by],
    endsAt: until,
    durationMs: until.getTime() - (request.readyAt ?? request.createdAt).getTime(),
    ...(request.endsBy === undefined ? {} : { endsBy: until }),
    ...(also === undefined ? {} : { retryAt: now }),
    ...(also === 'renew' ? { reveal: 'none' } : {}),
  };
  return without(moved, also === 'renew' ? ['warnedAt', 'revealedAt'] : ['warnedAt']);
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

/** What was last read and what is held are kept where this attempt could not tell. */
const stumbled = (request: AccessRequest, event: Extract<PlainEvent, { type: 'stumble' }>): AccessRequest => {
  const { trouble, retryAt, remains, hold } = event;
  return {
    ...request,
    trouble,
    retryAt,
    ...(remains === undefined ? {} : { remains }),
    ...(hold === undefined ? {} : { hold }),
  };
};

const confirmed = (request: AccessRequest, event: Extract<PlainEvent, { type: 'confirm' }>): AccessRequest =>
  without(
    {
      ...request,
      state: 'closed',
      outcome: request.closeCause ?? 'failed',
      confirmedAt: event.readAt,
      accountLeft: event.accountLeft,
    },
    ['retryAt', 'trouble', 'remains', 'hold'],
  );

/** What stood in the way and what was last seen stay on record: they are all that is known. */
const left = (request: AccessRequest, by: string, now: Date): AccessRequest =>
  without({ ...request, state: 'closed', outcome: 'unconfirmed', unconfirmed: { by, at: now } }, ['retryAt']);

type Passing = 'retryAt' | 'passEndsAt' | 'trouble' | 'revealedAt' | 'warnedAt' | 'remains' | 'hold';

const without = (request: AccessRequest, keys: readonly Passing[]): AccessRequest => {
  const copy = { ...request };
  for (const key of keys) delete copy[key];
  return copy;
};
