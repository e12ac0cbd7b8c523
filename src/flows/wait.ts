import { escalationAt, reminderAt } from '../engine/due.js';
import type { Fault } from '../engine/faults.js';
import type { AccessRequest } from '../engine/request.js';
import type { Quorum } from '../engine/rule.js';
import { applyEvent } from '../engine/transitions.js';
import { ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { gatherMore } from './audience.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { LoadedRequest } from './ports.js';
import { countOf } from './reconsider.js';
import { approverGroups } from './standing.js';
import { transition } from './transition.js';

type WaitDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'settings' | 'nudge'>;

/** What happens to a request that nobody has decided yet as time passes: it lapses, others are asked, people are reminded. */
export const waitOn = async (deps: WaitDeps, stored: LoadedRequest): Promise<void> => {
  await transition(deps, stored.request.id, LATCHKEY, (request) => passTime(deps, request), { justLoaded: stored });
};

const passTime = async (deps: WaitDeps, request: AccessRequest): Promise<Result<AccessRequest, Fault>> => {
  const now = deps.clock.now();
  if (request.state !== 'pending') return ok(request);
  if (request.lapsesAt <= now) return applyEvent(request, { type: 'lapse' }, now);
  const isDue = (quorum: Quorum): boolean => (escalationAt(request, quorum) ?? request.lapsesAt) <= now;
  if (request.quorums.some(isDue)) return escalate(deps, request, isDue);
  const reminder = reminderAt(request);
  return reminder !== undefined && reminder <= now ? applyEvent(request, { type: 'remind' }, now) : ok(request);
};

/** Where a quorum has not been met in its time, its other group is asked as well. */
const escalate = async (
  deps: WaitDeps,
  request: AccessRequest,
  isDue: (quorum: Quorum) => boolean,
): Promise<Result<AccessRequest, Fault>> => {
  const [groups, requester] = await Promise.all([approverGroups(deps, request), deps.people.byId(request.requester)]);
  const now = deps.clock.now();
  if (requester === undefined) {
    return applyEvent(request, { type: 'cancel', calledOff: `${request.requesterName} is no longer known.` }, now);
  }
  const { tally } = await countOf(deps, { kind: 'stands', request, requester, groups });
  const wanting = request.quorums.flatMap((quorum, index) =>
    isDue(quorum) && quorum.escalation !== undefined && (tally[index] ?? 0) < quorum.count
      ? [quorum.escalation.group]
      : [],
  );
  const { askedOn, organization, selfApproval } = request;
  const audience = await gatherMore(deps, { requester, askedOn, organization, selfApproval }, wanting);
  return applyEvent(request, { type: 'escalate', groups: wanting, ...audience }, now);
};
