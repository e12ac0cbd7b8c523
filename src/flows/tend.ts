import { alarmAt, attemptAt, dueAt, warningAt } from '../engine/due.js';
import type { RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent, LAPSE_MS } from '../engine/transitions.js';
import type { RequestEvent } from '../engine/transitions.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { ok } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import { converge } from './converge.js';
import { callOffExtensions, merge } from './merge.js';
import type { LoadedRequest } from './ports.js';
import type { SavedRequest } from './ports/saved.js';
import { countOf, reconsider } from './reconsider.js';
import { transition } from './transition.js';
import type { Choose } from './transition.js';
import { waitOn } from './wait.js';

/**
 * Does whatever a request is due for, judged from the document alone. Called by the alarm clock, the sweeper, and after
 * each change; calling it once more never hurts. `justSaved` spares the look at it, and harms nothing where it is out of
 * date: whoever changed it since has it tended again.
 */
export const tend = async (deps: FlowDeps, id: RequestId, justSaved?: SavedRequest): Promise<void> => {
  const stored = justSaved ?? (await deps.requests.load(id));
  if (stored === undefined) return;
  const now = deps.clock.now();
  const due = dueAt(stored.request);
  if (due === undefined || due > now) return;
  const request = await advance(deps, stored);
  if (request !== undefined) await converge(deps, request.account, justSaved?.outlook);
  await raiseAlarm(deps, stored.request);
};

/** After the attempt, so that nobody is alarmed of what has just ended; and without one, where none is due or possible. */
const raiseAlarm = async (deps: FlowDeps, { id, state }: AccessRequest): Promise<void> => {
  if (state !== 'closing') return;
  const now = deps.clock.now();
  await transition(deps, id, LATCHKEY, (current) => {
    const due = alarmAt(current);
    return due === undefined || due > now ? ok(current) : applyEvent(current, { type: 'alarm' }, now);
  });
};

/** Moves the request along its own clock; answers it when its account now needs converging. */
const advance = async (deps: FlowDeps, stored: LoadedRequest): Promise<AccessRequest | undefined> => {
  const { request } = stored;
  switch (request.state) {
    case 'pending':
      await waitOn(deps, stored);
      return undefined;
    case 'approved':
      return start(deps, stored);
    case 'closing':
      await callOffExtensions(deps, request);
      return isAttemptDue(deps, request) ? request : undefined;
    case 'cancelled':
      await leaveBehind(deps, request);
      return undefined;
    default:
      return passTime(deps, stored);
  }
};

/** An alarm alone is no reason to press a directory that asked to be left alone. */
const isAttemptDue = ({ clock }: Pick<FlowDeps, 'clock'>, request: AccessRequest): boolean => {
  const at = attemptAt(request);
  return at === undefined || at <= clock.now();
};

/** What was called off may be what an account was kept for: until that is put to rest, it is tried again. */
const leaveBehind = async (deps: FlowDeps, request: AccessRequest): Promise<void> => {
  await converge(deps, request.account);
  const account = await deps.accounts.load(request.account);
  const waiting = await deps.requests.byAccount(request.account, ['approved', 'provisioning', 'active', 'closing']);
  // Whoever else needs the account now inherits what it owes.
  const isLeft = account?.owed !== undefined && waiting.length === 0;
  const now = deps.clock.now();
  await transition(deps, request.id, LATCHKEY, (current) =>
    applyEvent(current, isLeft ? { type: 'put-off', until: addMs(now, 2 * MINUTE) } : { type: 'clear' }, now),
  );
};

/** The end comes, or is near. */
const passTime = async (deps: FlowDeps, stored: LoadedRequest): Promise<AccessRequest | undefined> => {
  const { request } = stored;
  const now = deps.clock.now();
  const event = clockEvent(request, now);
  if (event === undefined) return request;
  // Judged again on what is saved: somebody may have extended, ended or decided it in between.
  const choose: Choose = (current) =>
    clockEvent(current, now)?.type === event.type ? applyEvent(current, event, now) : ok(current);
  const moved = await transition(deps, request.id, LATCHKEY, choose, { justLoaded: stored });
  return moved.ok && event.type === 'end' ? moved.value : undefined;
};

const clockEvent = (request: AccessRequest, now: Date): RequestEvent | undefined => {
  if (request.state !== 'provisioning' && request.state !== 'active') return undefined;
  if (request.endsAt !== undefined && request.endsAt <= now) {
    return { type: 'end', cause: request.readyAt === undefined ? 'failed' : 'expired' };
  }
  const warning = warningAt(request);
  return warning !== undefined && warning <= now ? { type: 'warn' } : undefined;
};

/** Access starts only in time, and only if rules and approvals still say so. More time does, too, and then is merged. */
const start = async (deps: FlowDeps, stored: LoadedRequest): Promise<AccessRequest | undefined> => {
  const choose: Choose = async (current) => {
    const now = deps.clock.now();
    if (current.state !== 'approved' || current.merging === true) return ok(current);
    const why = await whyNoLonger(deps, current);
    return applyEvent(current, why === undefined ? { type: 'start' } : { type: 'cancel', calledOff: why }, now);
  };
  const moved = await transition(deps, stored.request.id, LATCHKEY, choose, { justLoaded: stored });
  if (moved.ok && moved.value.merging === true) await merge(deps, moved.value);
  return moved.ok && moved.value.state === 'provisioning' ? moved.value : undefined;
};

/** What was asked and approved is put before today's rules, groups and people. */
const whyNoLonger = async (deps: FlowDeps, request: AccessRequest): Promise<string | undefined> => {
  const now = deps.clock.now();
  if (request.endsBy !== undefined && request.endsBy <= now) return 'Its end came before it could start.';
  // Whoever wanted it then, while no process was awake to give it, may be at something else by now.
  const startAt = dueAt(request);
  if (startAt !== undefined && addMs(startAt, LAPSE_MS) <= now) return 'It could not start in time.';
  const today = await reconsider(deps, request);
  if (today.kind === 'gone') return today.why;
  return (await countOf(deps, today)).enough
    ? undefined
    : 'Its approval no longer holds: the rules, or who may approve, have changed since.';
};
