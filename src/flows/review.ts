import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import { whyNotDecide } from '../engine/quorum.js';
import type { AccessRequest, Verdict } from '../engine/request.js';
import { applyEvent, approved } from '../engine/transitions.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import { isApproved, reconsider } from './reconsider.js';
import { approverGroups } from './standing.js';
import { transition } from './transition.js';

type ReviewDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'settings' | 'nudge'>;

export interface Review {
  readonly verdict: 'approve' | 'deny';
  readonly note?: string;
  readonly factor?: 'passkey';
}

/**
 * One approver's word on a request. Everything is loaded at the click: rules, groups, people, and the request itself.
 * What the rules no longer allow is called off whatever was said.
 */
export const review = (
  deps: ReviewDeps,
  decider: Person,
  on: Platform,
  id: RequestId,
  { verdict: type, note, factor }: Review,
): Promise<Result<AccessRequest, Fault>> =>
  transition(deps, id, doerOf(decider, on), async (stored) => {
    const now = deps.clock.now();
    const today = stored.state === 'pending' ? await reconsider(deps, stored) : undefined;
    const request = today?.kind === 'stands' ? today.request : stored;
    const refusal = await whyNot(deps, decider, request);
    if (refusal !== undefined) return err(refusal);
    if (today?.kind === 'gone') return applyEvent(stored, { type: 'cancel', calledOff: today.why }, now);
    if (type === 'approve' && request.secondFactor && request.state === 'pending' && factor === undefined) {
      return err({ code: 'request.second-factor', id });
    }
    const verdict: Verdict = {
      person: decider.id,
      name: decider.name,
      at: now,
      on,
      ...(note === undefined ? {} : { note }),
      ...(factor === undefined ? {} : { factor }),
    };
    const reviewed = applyEvent(request, { type, verdict }, now);
    if (!reviewed.ok) return reviewed;
    // The same word once more changes nothing, whatever the rules have become.
    if (reviewed.value === request) return ok(stored);
    if (reviewed.value.state !== 'pending' || today === undefined) return reviewed;
    const met = await isApproved(deps, { ...today, request: reviewed.value });
    return ok(met ? approved(reviewed.value, now) : reviewed.value);
  });

const whyNot = async (deps: ReviewDeps, decider: Person, request: AccessRequest): Promise<Fault | undefined> => {
  const [groups, requester] = await Promise.all([approverGroups(deps, request), deps.people.byId(request.requester)]);
  return requester === undefined
    ? { code: 'internal', detail: `requester ${request.requester} is gone` }
    : whyNotDecide(request, decider, requester, groups);
};
