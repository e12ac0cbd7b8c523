import type { Fault } from '../engine/faults.js';
import type { PersonId, RequestId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import { quorumsMet, whyNotDecide } from '../engine/policy.js';
import type { AccessRequest } from '../engine/request.js';
import type { Group } from '../engine/tenant.js';
import { applyEvent, approved } from '../engine/transitions.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import { transition } from './transition.js';

type ReviewDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'nudge'>;

export interface Review {
  readonly verdict: 'approve' | 'deny';
  readonly note?: string;
}

/** One approver's word on a request. Everything is loaded at the click: groups, people, and the request itself. */
export const review = (
  deps: ReviewDeps,
  decider: Person,
  on: Platform,
  id: RequestId,
  { verdict: type, note }: Review,
): Promise<Result<AccessRequest, Fault>> =>
  transition(deps, id, doerOf(decider, on), async (request) => {
    const now = deps.clock.now();
    const [groups, requester] = await Promise.all([quorumGroups(deps, request), deps.people.byId(request.requester)]);
    if (requester === undefined) return err({ code: 'internal', detail: `requester ${request.requester} is gone` });
    const refusal = whyNotDecide(request, decider, requester, groups);
    if (refusal !== undefined) return err(refusal);
    const verdict = { person: decider.id, name: decider.name, at: now, on, ...(note === undefined ? {} : { note }) };
    const reviewed = applyEvent(request, { type, verdict }, now);
    if (!reviewed.ok || reviewed.value.state !== 'pending') return reviewed;
    const met = await stillApproved(deps, reviewed.value, requester, groups);
    return ok(met ? approved(reviewed.value, now) : reviewed.value);
  });

const quorumGroups = (deps: Pick<FlowDeps, 'config'>, request: AccessRequest): Promise<readonly Group[]> =>
  deps.config.groupsByIds(request.quorums.map(({ group }) => group));

/** Whether the approvals given so far suffice, counting only people who may still decide this request. */
export const stillApproved = async (
  deps: Pick<FlowDeps, 'people' | 'config'>,
  request: AccessRequest,
  requester: Person,
  groups?: readonly Group[],
): Promise<boolean> => {
  const ids: readonly PersonId[] = request.approvals.map(({ person }) => person);
  const [present, approvers] = await Promise.all([
    groups ?? quorumGroups(deps, request),
    ids.length === 0 ? [] : deps.people.byIds(ids),
  ]);
  const counting = approvers.filter((person) => whyNotDecide(request, person, requester, present) === undefined);
  return quorumsMet(request, counting, present);
};
