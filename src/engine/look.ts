/** What can happen to a look at break-glass passwords, and what it then is. Who may do it is decided before. */
import { addMs } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { BreakGlassView, ViewMessage, ViewState } from './break-glass-view.js';
import { VIEW_MS } from './break-glass-view.js';
import type { Fault } from './faults.js';
import type { PersonId } from './ids.js';
import type { Verdict } from './request.js';

export type LookEvent =
  /** `enough`: with this word no other is needed. `aliases`: the other ids that mean the same person. */
  | {
      readonly type: 'approve' | 'deny';
      readonly verdict: Verdict;
      readonly aliases: readonly PersonId[];
      readonly enough: boolean;
    }
  /** The rules want something else by now, or more people are asked. */
  | { readonly type: 'demand'; readonly demands: LookDemands }
  | { readonly type: 'cancel' }
  | { readonly type: 'show' }
  | { readonly type: 'finish' }
  /** Its time has come to an end, whatever it was waiting for. */
  | { readonly type: 'run-out' };

/** What rules say of a look, and whom that asks. */
export type LookDemands = Pick<BreakGlassView, 'rules' | 'quorums' | 'asked' | 'lastsMs'>;

/** Which events each state takes. Passwords are shown once, from `approved` alone. */
const TAKES = {
  pending: ['approve', 'deny', 'demand', 'cancel', 'run-out'],
  approved: ['show', 'cancel', 'run-out'],
  open: ['finish', 'run-out'],
  over: [],
  denied: [],
  lapsed: [],
  cancelled: [],
} as const satisfies Record<ViewState, readonly LookEvent['type'][]>;

export const lookTakes = (state: ViewState, event: LookEvent['type']): boolean =>
  (TAKES[state] as readonly LookEvent['type'][]).includes(event);

/** The look after an event, to be told of at once; the very same look where nothing has changed. */
export const applyToLook = (view: BreakGlassView, event: LookEvent, now: Date): Result<BreakGlassView, Fault> => {
  if (repeats(view, event)) return ok(view);
  if (!lookTakes(view.state, event.type)) return err(decidedBefore(view, event) ?? wrongLookState(view, event.type));
  const over = hasRunOut(view, now);
  // Its time is over even if nobody was awake to record it.
  if (event.type === 'run-out' && !over) return ok(view);
  if (event.type !== 'run-out' && event.type !== 'finish' && over) {
    return err(wrongLookState({ ...view, state: 'lapsed' }, event.type));
  }
  return ok({ ...after(view, event, now), dueAt: now });
};

const after = (view: BreakGlassView, event: LookEvent, now: Date): BreakGlassView => {
  switch (event.type) {
    case 'approve': {
      const known = view.approvals.find(isBy(event));
      // What a passkey stood for is not taken back by a click.
      const verdict = known?.factor !== undefined && event.verdict.factor === undefined ? known : event.verdict;
      const approvals = [...othersIn(view.approvals, event), verdict];
      const heard = { ...view, approvals, denials: othersIn(view.denials, event) };
      return event.enough ? { ...heard, state: 'approved', approvedAt: now } : heard;
    }
    case 'deny': {
      const denials = [...othersIn(view.denials, event), event.verdict];
      const heard = { ...view, denials, approvals: othersIn(view.approvals, event) };
      return event.enough ? { ...heard, state: 'denied', overAt: now } : heard;
    }
    case 'demand':
      return { ...view, ...event.demands };
    case 'cancel':
      return { ...view, state: 'cancelled', overAt: now };
    case 'show':
      return { ...view, state: 'open', shownAt: now };
    case 'finish':
      return { ...view, state: 'over', overAt: now };
    case 'run-out':
      return { ...view, state: view.state === 'open' ? 'over' : 'lapsed', overAt: now };
    default:
      return event satisfies never;
  }
};

type Word = Extract<LookEvent, { type: 'approve' | 'deny' }>;

const isBy =
  ({ verdict, aliases }: Word) =>
  ({ person }: Verdict): boolean =>
    person === verdict.person || aliases.includes(person);

const othersIn = (verdicts: readonly Verdict[], word: Word): readonly Verdict[] =>
  verdicts.filter((said) => !isBy(word)(said));

/** Whoever says again what they said last changes nothing, unless only now a passkey stands for it or it is enough. */
const repeats = (view: BreakGlassView, event: LookEvent): boolean => {
  if (event.type !== 'approve' && event.type !== 'deny') return false;
  const { state } = view;
  const stands = event.type === 'deny' ? state === 'denied' : state !== 'denied' && view.approvedAt !== undefined;
  if (state !== 'pending' && !stands) return false;
  const said = (event.type === 'deny' ? view.denials : view.approvals).find(isBy(event));
  if (said === undefined || (event.enough && state === 'pending')) return false;
  return state !== 'pending' || event.verdict.factor === undefined || said.factor !== undefined;
};

/** What others decided before this word came. */
const decidedBefore = (view: BreakGlassView, { type }: LookEvent): Fault | undefined => {
  if (type !== 'approve' && type !== 'deny') return undefined;
  const verdict = view.state === 'denied' ? 'denied' : 'approved';
  const at = verdict === 'denied' ? view.overAt : view.approvedAt;
  const last = (verdict === 'denied' ? view.denials : view.approvals).at(-1);
  return at === undefined || last === undefined
    ? undefined
    : { code: 'view.decided', id: view.id, by: last.name, verdict, at };
};

export const wrongLookState = ({ id, state }: Pick<BreakGlassView, 'id' | 'state'>, verb: string): Fault => ({
  code: 'view.wrong-state',
  id,
  state,
  verb,
});

/** When the question, the approval or the look itself is over; `undefined`: it is. */
export const runsOutAt = ({ state, lapsesAt, approvedAt, shownAt, lastsMs }: BreakGlassView): Date | undefined => {
  switch (state) {
    case 'pending':
      return lapsesAt;
    case 'approved':
      return approvedAt && addMs(approvedAt, VIEW_MS);
    case 'open':
      return shownAt && addMs(shownAt, lastsMs);
    default:
      return undefined;
  }
};

const hasRunOut = (view: BreakGlassView, now: Date): boolean => {
  const end = runsOutAt(view);
  return end !== undefined && end <= now;
};

/** When a group that has yet to be asked comes into it; absent: none. */
const escalatesAt = ({ state, quorums, createdAt }: BreakGlassView): Date | undefined => {
  if (state !== 'pending') return undefined;
  const waiting = quorums.flatMap(({ escalation }) =>
    escalation === undefined || escalation.at !== undefined ? [] : [addMs(createdAt, escalation.afterMs)],
  );
  return waiting.toSorted((one, other) => one.getTime() - other.getTime())[0];
};

/** Told of everywhere: it waits for its next moment, or for nothing more. */
export const toldOf = (view: BreakGlassView, messages: readonly ViewMessage[], retryAt?: Date): BreakGlassView => {
  const { dueAt: _told, ...rest } = view;
  const moments = [runsOutAt(view), escalatesAt(view), retryAt].flatMap((at) => at ?? []);
  const next = moments.toSorted((one, other) => one.getTime() - other.getTime())[0];
  return { ...rest, messages, ...(next === undefined ? {} : { dueAt: next }) };
};
