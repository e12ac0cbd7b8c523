import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import { mayChange } from '../engine/organization.js';
import { isNamedBy } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { isApprover } from '../engine/quorum.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import type { RequestEvent } from '../engine/transitions.js';
import { err } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { whyHidden } from './concern.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import type { MessageRef } from './ports.js';
import { approverGroups, standingOf } from './standing.js';
import { transition } from './transition.js';

type EndDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'settings' | 'nudge'>;

/** `source`: the card whose button was clicked. */
type Stop = (
  deps: EndDeps,
  person: Person,
  on: Platform,
  id: RequestId,
  source?: MessageRef,
) => Promise<Result<AccessRequest, Fault>>;

const asRequester =
  (eventFor: (request: AccessRequest, person: Person) => RequestEvent): Stop =>
  (deps, person, on, id, source) =>
    transition(deps, id, doerOf(person, on), async (request, stored) =>
      isNamedBy(person, request.requester)
        ? applyEvent(request, eventFor(request, person), deps.clock.now())
        : err((await whyHidden(deps, person, stored, source)) ?? notYours(request)),
    );

/** The requester is done: an access ends now, one that has not started never does. */
export const end = asRequester((request, person) => endOrCancel(request, person, 'ended'));

/** The requester no longer wants what has not begun. */
export const cancel = asRequester(() => ({ type: 'cancel' }));

/** An admin, or somebody who may approve it, takes the access away. */
export const revoke: Stop = (deps, person, on, id, source) =>
  transition(deps, id, doerOf(person, on), async (request, stored) => {
    const hidden = await whyHidden(deps, person, stored, source);
    if (hidden !== undefined) return err(hidden);
    const [groups, standing] = await Promise.all([approverGroups(deps, request), standingOf(deps, person)]);
    if (!mayChange(standing, request.organization) && !isApprover(request, person, groups))
      return err({ code: 'request.not-approver', asked: request.asked.map(({ name }) => name) });
    return applyEvent(request, endOrCancel(request, person, 'revoked'), deps.clock.now());
  });

const endOrCancel = (request: AccessRequest, person: Person, cause: 'ended' | 'revoked'): RequestEvent => {
  const begun = request.state !== 'pending' && request.state !== 'approved';
  if (begun) return { type: 'end', cause, by: person.name };
  return cause === 'ended' ? { type: 'cancel' } : { type: 'cancel', calledOff: `${person.name} revoked it.` };
};

const notYours = (request: AccessRequest): Fault => ({
  code: 'request.not-yours',
  id: request.id,
  requester: request.requesterName,
});
