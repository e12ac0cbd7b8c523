import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import { idsOf } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { whyNotDecide } from '../engine/quorum.js';
import type { AccessRequest, Verdict } from '../engine/request.js';
import { applyEvent, withAsked } from '../engine/transitions.js';
import { decided } from '../engine/verdicts.js';
import type { Word } from '../engine/verdicts.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { gather } from './audience.js';
import { whyHidden } from './concern.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import { outlookOn } from './outlook.js';
import type { MessageRef } from './ports.js';
import type { Outlook } from './ports/saved.js';
import { countOf, inTenant, isOpen, reconsider, whyNot } from './reconsider.js';
import type { Foreseen, Reconsidered, Standing } from './reconsider.js';
import { approverGroups } from './standing.js';
import { transition } from './transition.js';
import type { Choose, Onward } from './transition.js';

type ReviewDeps = Pick<
  FlowDeps,
  'clock' | 'requests' | 'people' | 'config' | 'settings' | 'nudge' | 'accounts' | 'checkups'
>;

export interface Review {
  readonly verdict: 'approve' | 'deny';
  readonly note?: string;
  readonly factor?: 'passkey';
  /** The card whose button was clicked. */
  readonly source?: MessageRef;
  /** What was read since the click. */
  readonly foreseen?: Foreseen | undefined;
}

/** What the click makes of the request, and what to tell whoever clicked where that is not what they wanted. */
interface Step {
  readonly request: AccessRequest;
  readonly refusal?: Fault;
}

/**
 * One approver's word on a request. Everything is loaded at the click: rules, groups, people, and the request itself.
 * Where the rules now demand something else, the request takes that over first; what they no longer allow is called off
 * whatever was said.
 */
export const review = async (
  deps: ReviewDeps,
  decider: Person,
  on: Platform,
  id: RequestId,
  said: Review,
): Promise<Result<AccessRequest, Fault>> => {
  let refusal: Fault | undefined;
  const choose: Choose = async (request, stored) => {
    refusal = undefined;
    const word = wordOf(deps, decider, on, said);
    const [hidden, today] = await Promise.all([
      whyHidden(deps, decider, stored, said.source),
      stored === said.foreseen?.stored
        ? said.foreseen.today
        : isOpen(deps, request)
          ? reconsider(deps, request)
          : undefined,
    ]);
    if (hidden !== undefined) return err(hidden);
    const step =
      today === undefined
        ? await answerLate(deps, decider, request, word)
        : await weigh(deps, decider, { stored: request, today }, word);
    if (!step.ok) return step;
    refusal = step.value.refusal;
    return ok(step.value.request);
  };
  const onward: Onward = (request) => startAtOnce(request, deps.clock.now());
  const justLoaded = said.foreseen?.stored;
  const lookAhead = ({ state, account }: AccessRequest): Outlook | undefined =>
    state === 'provisioning' ? outlookOn(deps, account) : undefined;
  const moved = await transition(deps, id, doerOf(decider, on), choose, { onward, justLoaded, lookAhead });
  return moved.ok && refusal !== undefined ? err(refusal) : moved;
};

/**
 * What may begin now begins in the write that approves it: whatever is looked at when access starts has just been looked
 * at. More time, and what has a beginning of its own, waits for its turn.
 */
const startAtOnce = (request: AccessRequest, now: Date): Result<AccessRequest, Fault> => {
  const { state, startsAt, endsBy, extends: extended } = request;
  const mayBegin = state === 'approved' && startsAt === undefined && extended === undefined;
  return mayBegin && (endsBy === undefined || endsBy > now) ? applyEvent(request, { type: 'start' }, now) : ok(request);
};

const wordOf = (
  { clock }: Pick<FlowDeps, 'clock'>,
  decider: Person,
  on: Platform,
  { verdict: type, note, factor }: Review,
): Word => {
  const verdict: Verdict = {
    person: decider.id,
    name: decider.name,
    at: clock.now(),
    on,
    ...(note === undefined ? {} : { note }),
    ...(factor === undefined ? {} : { factor }),
  };
  return { type, verdict, aliases: decider.aliases };
};

/** Nothing can be decided any more: whoever is concerned reads who did, and when. */
const answerLate = async (
  deps: ReviewDeps,
  decider: Person,
  request: AccessRequest,
  word: Word,
): Promise<Result<Step, Fault>> => {
  const refusal = await whyNot(deps, decider, request);
  if (refusal !== undefined) return err(refusal);
  const heard = applyEvent(request, word, deps.clock.now());
  return heard.ok ? ok({ request: heard.value }) : heard;
};

const weigh = async (
  deps: ReviewDeps,
  decider: Person,
  { stored, today: reconsidered }: { readonly stored: AccessRequest; readonly today: Reconsidered },
  word: Word,
): Promise<Result<Step, Fault>> => {
  const now = deps.clock.now();
  const today = await upToDate(deps, stored, reconsidered);
  if (today.kind === 'gone') {
    // Nobody who has no say in it sets anything in motion.
    const refusal = await whyNot(deps, decider, stored);
    if (refusal !== undefined) return err(refusal);
    const off = applyEvent(stored, { type: 'cancel', calledOff: today.why }, now);
    return off.ok
      ? ok({ request: off.value, refusal: { code: 'request.called-off', id: stored.id, why: today.why } })
      : off;
  }
  const { request, requester, groups } = today;
  const refusal = whyNotDecide(request, decider, requester, groups);
  if (refusal !== undefined) {
    const hadSay = request !== stored && (await whyNot(deps, decider, stored)) === undefined;
    return hadSay ? ok({ request, refusal }) : err(refusal);
  }
  if (needsFactor(request, decider, word)) {
    return ok({ request, refusal: { code: 'request.second-factor', id: request.id } });
  }
  const heard = applyEvent(request, word, now);
  if (!heard.ok || heard.value === request) return heard.ok ? ok({ request }) : heard;
  const { tally, enough, denials } = await countOf(deps, { ...today, request: heard.value }, [decider]);
  const counted = { ...heard.value, tally };
  if (denials >= request.denialsToEnd) return ok({ request: decided(counted, 'denied', now) });
  return ok({ request: enough ? decided(counted, 'approved', now) : counted });
};

/** Whoever has proven themselves once need not do so for the same word again. */
const needsFactor = ({ secondFactor, approvals }: AccessRequest, decider: Person, { type, verdict }: Word): boolean => {
  if (type === 'deny' || !secondFactor || verdict.factor !== undefined) return false;
  return !approvals.some(({ person, factor }) => factor !== undefined && idsOf(decider).includes(person));
};

/**
 * With what the rules demand now, and everybody asked whom they name now; the very same request where nothing of that
 * has changed. Where nobody would have to agree any more, those who were asked still have to.
 */
const upToDate = async (deps: ReviewDeps, stored: AccessRequest, today: Reconsidered): Promise<Reconsidered> => {
  if (today.kind === 'gone' || sayDemands(today.request) === sayDemands(stored)) {
    return today.kind === 'gone' ? today : { ...today, request: stored };
  }
  if (today.request.quorums.length === 0) return withGroupsOf(deps, stored, today);
  const { requester } = today;
  const { askedOn, organization, quorums, selfApproval } = today.request;
  const audience = await gather(deps, { requester, askedOn, organization, selfApproval }, quorums);
  if (!audience.ok) {
    const group = audience.error.code === 'policy.nobody-to-ask' ? audience.error.group : 'others';
    return { kind: 'gone', why: `The rules now ask ${group}, where too few people can be asked.` };
  }
  const asked = withAsked(today.request, audience.value);
  const { tally } = await countOf(deps, { ...today, request: asked });
  return { ...today, request: { ...asked, tally } };
};

const withGroupsOf = async (deps: ReviewDeps, stored: AccessRequest, today: Standing): Promise<Reconsidered> => {
  const request = inTenant(stored, today.request);
  return { ...today, request, groups: await approverGroups(deps, request) };
};

const sayDemands = (request: AccessRequest): string => {
  const { quorums, selfApproval, secondFactor, denialsToEnd, organization } = request;
  const asked = quorums.map(({ group, groupName, count, escalation }) => [
    group,
    groupName,
    count,
    escalation?.group,
    escalation?.groupName,
    escalation?.afterMs,
  ]);
  return JSON.stringify([asked, selfApproval, secondFactor, denialsToEnd, organization ?? null]);
};
