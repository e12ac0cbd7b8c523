import type { Account } from '../engine/account.js';
import { SETTLE_MS } from '../engine/account.js';
import { confirmsEnd, leftOf, settlesAt } from '../engine/confirmation.js';
import type { Reading } from '../engine/confirmation.js';
import { wantsReissue } from '../engine/desired.js';
import { earlyEndAt } from '../engine/early-end.js';
import type { Desired } from '../engine/desired.js';
import { isPassing } from '../engine/faults.js';
import type { DirectoryFault } from '../engine/faults.js';
import { holdOf } from '../engine/hold.js';
import type { Step } from '../engine/plan.js';
import { remainsOf } from '../engine/remains.js';
import type { AccessRequest, Trouble } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import type { RequestEvent } from '../engine/transitions.js';
import { addMs } from '../lib/clock.js';
import { ok } from '../lib/result.js';
import { backoffMs } from './backoff.js';
import { writesPassword } from './credential.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { LoadedRequest, StepOutcome } from './ports.js';
import { transition } from './transition.js';
import type { Choose } from './transition.js';
import { troubleClause } from './trouble.js';

type ConcludeDeps = Pick<FlowDeps, 'clock' | 'random' | 'requests' | 'nudge' | 'log' | 'deliverer'>;

/** What one pass over an account has shown. */
export interface Round {
  readonly loaded: readonly LoadedRequest[];
  readonly account?: Account;
  readonly wanted?: Desired;
  readonly steps?: readonly Step[];
  readonly outcomes?: readonly StepOutcome[];
  /** The read after the steps, where something is to be confirmed. */
  readonly reading?: Reading;
  readonly fault?: DirectoryFault;
  /** The tenant is paused: whatever waits there goes on waiting. */
  readonly paused?: boolean;
}

/** After so many attempts a fault that waiting cannot cure ends what was only being prepared. */
const MOST_HOPELESS_ATTEMPTS = 5;

/** Tells each request what the pass means for it. */
export const conclude = async (deps: ConcludeDeps, round: Round): Promise<void> => {
  for (const loaded of round.loaded) {
    const { request } = loaded;
    const choose: Choose = (current) => {
      // Whoever changed it meanwhile nudged for another pass; this one spoke of an older request.
      if (current.state !== request.state || current.reveal !== request.reveal) return ok(current);
      return eventsFor(deps, current, round).reduce<ReturnType<typeof applyEvent>>(
        (result, event) => (result.ok ? applyEvent(result.value, event, deps.clock.now()) : result),
        ok(current),
      );
    };
    const { deliverer } = deps;
    const concluded = await transition(deps, request.id, LATCHKEY, choose, { justLoaded: loaded, deliverer });
    if (!concluded.ok) deps.log.error({ request: request.id, fault: concluded.error }, 'a pass could not be recorded');
  }
};

const eventsFor = (deps: ConcludeDeps, request: AccessRequest, round: Round): readonly RequestEvent[] => {
  const fault = firstFault(round);
  if (request.state === 'closing') return closingEvents(deps, request, round, fault);
  const waiting = request.state === 'provisioning' || wantsReissue(request);
  const { account, steps = [], outcomes = [] } = round;
  if (isHandedOn(request, account)) return [readyWith(request, account)];
  if (!waiting && !isRevisited(request, round)) return [];
  if (fault !== undefined) return stumbleEvents(deps, request, fault, round);
  if (!waiting && !isRenewed(round)) return [{ type: 'settle' }, ...revisits(deps, request, account)];
  const progress = progressOf(
    steps.filter((step) => step.do !== 'create'),
    outcomes,
  );
  return [{ type: 'progress', steps: progress }, readyWith(request, account)];
};

/** What Entra ends too early is given anew as soon as it has. */
const revisits = (
  { clock }: Pick<ConcludeDeps, 'clock'>,
  request: AccessRequest,
  account: Account | undefined,
): readonly Extract<RequestEvent, { type: 'revisit' }>[] => {
  const at = account === undefined ? undefined : earlyEndAt(request, account, clock.now());
  return at === undefined ? [] : [{ type: 'revisit', at }];
};

/** Something about a live access was to be looked at, or had to be made anew while others were served. */
const isRevisited = (request: AccessRequest, round: Round): boolean =>
  request.state === 'active' && (request.retryAt !== undefined || isRenewed(round));

/** Whose access pass it is has changed: another holder has one now, or this one has another's. */
const isHandedOn = (request: AccessRequest, account: Account | undefined): boolean => {
  if (request.state !== 'active' || account?.pass?.issued === undefined) return false;
  const { reveal } = readyWith(request, account);
  if (reveal === 'offered') return request.reveal === 'shared';
  return reveal === 'shared' && (request.reveal === 'offered' || request.reveal === 'taken');
};

/** Whether this pass set a password that must be shown: the one that was shown before no longer works. */
const isRenewed = ({ account, steps = [] }: Round): boolean =>
  account?.credential.use === 'lent' && steps.some(writesPassword);

/** Whose the credential is, and what there is to reveal of it. */
const readyWith = (
  { id, tap }: AccessRequest,
  account: Account | undefined,
): Extract<RequestEvent, { type: 'ready' }> => {
  const credential = account?.credential;
  if (credential?.use === 'lent') return { type: 'ready', reveal: credential.request === id ? 'offered' : 'shared' };
  const { issued, request } = account?.pass ?? {};
  if (issued === undefined || (credential?.use === 'own' && !tap)) return { type: 'ready', reveal: 'own' };
  return { type: 'ready', reveal: request === id ? 'offered' : 'shared', passEndsAt: issued.endsAt };
};

/** What a pass ran into, if anything: where it is several things, the one to be told. */
export const firstFault = ({ fault, outcomes = [] }: Pick<Round, 'fault' | 'outcomes'>): DirectoryFault | undefined =>
  fault ?? worstOf(outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.fault] : [])));

/** What Entra holds for a while is told only where nothing else is wrong. */
const worstOf = (faults: readonly DirectoryFault[]): DirectoryFault | undefined =>
  faults.find(({ code }) => code !== 'directory.too-soon') ?? faults[0];

const closingEvents = (
  deps: ConcludeDeps,
  request: AccessRequest,
  { account, wanted, reading, steps = [], outcomes = [] }: Round,
  fault: DirectoryFault | undefined,
): readonly RequestEvent[] => {
  const seen = wanted === undefined || reading === undefined ? undefined : { wanted, reading };
  const isEnded =
    account !== undefined && seen !== undefined && confirmsEnd(request, account, seen.wanted, seen.reading);
  if (isEnded && isSignedOut(request, steps, outcomes)) {
    return [{ type: 'confirm', readAt: seen.reading.at, accountLeft: leftOf(seen.wanted, seen.reading) }];
  }
  const now = deps.clock.now();
  const again = {
    ...stumble(deps, request, fault ?? { code: 'directory.unclear', detail: 'a read does not confirm the end yet' }),
    ...(seen === undefined ? {} : { remains: remainsOf(request, seen.wanted, seen.reading) }),
  };
  if (account !== undefined && fault?.code === 'directory.too-soon') {
    const wasShut = steps.some((step, index) => step.do === 'set' && !step.enabled && outcomes[index]?.kind === 'done');
    const isShut = wasShut || reading?.observed.exists === false || reading?.observed.enabled === false;
    const hold = holdOf(request, account, isShut, now);
    if (hold !== undefined) return [{ ...again, hold, retryAt: hold.until }];
  }
  // The moment from which a read can prove it is not slept through.
  const provable = account === undefined ? undefined : settlesAt(account, now);
  return [{ ...again, retryAt: provable !== undefined && provable < again.retryAt ? provable : again.retryAt }];
};

/** No read shows the sessions of an existing user: the answer to their revocation does. */
const isSignedOut = (
  { accountKind }: AccessRequest,
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
): boolean =>
  accountKind !== 'existing' ||
  steps.every((step, index) => step.do !== 'revoke-sessions' || outcomes[index]?.kind === 'done');

const stumbleEvents = (
  deps: ConcludeDeps,
  request: AccessRequest,
  fault: DirectoryFault,
  round: Round,
): readonly RequestEvent[] => {
  const event = stumble(deps, request, fault);
  const [sooner] = revisits(deps, request, round.account);
  if (sooner?.at !== undefined && sooner.at < event.retryAt) return [{ ...event, retryAt: sooner.at }];
  // What is already active keeps what it has; only its new credential is missing.
  if (request.state === 'active' || !isHopeless(deps, event.trouble, fault, round)) return [event];
  return [event, { type: 'end', cause: 'failed', by: event.trouble.clause }];
};

const isHopeless = (
  { clock }: ConcludeDeps,
  { attempts, since }: Trouble,
  fault: DirectoryFault,
  round: Round,
): boolean => {
  if (isPassing(fault) || round.paused === true) return false;
  if (fault.code !== 'directory.name-taken') return attempts >= MOST_HOPELESS_ATTEMPTS;
  // A read has seen whose name it is. A refused creation has not: the name may be that of our own user, made by a write
  // whose answer was lost and hidden from reads that lag.
  return round.fault === fault || clock.now().getTime() - since.getTime() >= SETTLE_MS;
};

const stumble = (
  deps: ConcludeDeps,
  request: AccessRequest,
  fault: DirectoryFault,
): Extract<RequestEvent, { type: 'stumble' }> => {
  const now = deps.clock.now();
  const attempts = (request.trouble?.attempts ?? 0) + 1;
  const asked = fault.code === 'directory.throttled' ? fault.retryAfterMs : undefined;
  const trouble: Trouble = {
    attempts,
    since: request.trouble?.since ?? now,
    sameSince: request.trouble?.code === fault.code ? (request.trouble.sameSince ?? request.trouble.since) : now,
    code: fault.code,
    clause: troubleClause(fault),
  };
  deps.log.warn({ request: request.id, code: fault.code, detail: fault.detail, attempts }, 'a pass fell short');
  return { type: 'stumble', trouble, retryAt: addMs(now, backoffMs(attempts, deps.random, asked)) };
};

/** Shows a finished step on the cards while the next is still on its way; answers the requests as they are then. */
export const reportProgress = async (
  deps: ConcludeDeps,
  loaded: readonly LoadedRequest[],
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
): Promise<readonly LoadedRequest[]> => {
  const done = progressOf(steps, outcomes);
  const show: Choose = (current) =>
    current.state === 'provisioning'
      ? applyEvent(current, { type: 'progress', steps: done }, deps.clock.now())
      : ok(current);
  return await Promise.all(
    loaded.map(async (before) => {
      let after = before;
      const onSaved = (saved: LoadedRequest): void => void (after = saved);
      await transition(deps, before.request.id, LATCHKEY, show, { justLoaded: before, onSaved });
      return after;
    }),
  );
};

const progressOf = (steps: readonly Step[], outcomes: readonly StepOutcome[]): readonly string[] => {
  const roles = steps.filter((step) => step.do === 'assign').length;
  const groups = steps.filter((step) => step.do === 'join').length;
  const clauses: string[] = [];
  if (steps.some((step) => step.do === 'create') && outcomes[0]?.kind === 'done') clauses.push('account created');
  const set = steps.find((step) => step.do === 'set');
  if (set?.do === 'set' && set.enabled) {
    clauses.push(set.generation === undefined ? 'account enabled' : 'account enabled, new password set');
  }
  if (steps.some((step) => step.do === 'issue-pass')) clauses.push('access pass issued');
  if (roles > 0) clauses.push(roles === 1 ? '1 role assigned' : `${roles} roles assigned`);
  if (groups > 0) clauses.push(groups === 1 ? '1 group joined' : `${groups} groups joined`);
  return clauses;
};
