import type { Fault } from '../engine/faults.js';
import { isMember } from '../engine/group.js';
import { isDeactivated, isNamedBy } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { everyGroupConcerned } from '../engine/quorum.js';
import type { AccessRequest } from '../engine/request.js';
import type { MessageRef, LoadedRequest } from './ports.js';
import { groupsFor, oversees } from './standing.js';
import type { StandingDeps } from './standing.js';

/**
 * Why this request does not exist for this person, or `undefined` for those who have to do with it: not found, and not
 * forbidden, so that nobody learns which ids there are. Whoever clicks a card of it, `source`, reads of it anyway.
 */
export const whyHidden = async (
  deps: StandingDeps,
  person: Person,
  { request, ledger }: Pick<LoadedRequest, 'request' | 'ledger'>,
  source?: MessageRef,
): Promise<Fault | undefined> => {
  const isRead = source !== undefined && ledger.some(({ ref }) => isSame(ref, source));
  return isRead || (await isConcerned(deps, person, request))
    ? undefined
    : { code: 'request.unknown', asked: request.id };
};

const isSame = (one: MessageRef, other: MessageRef): boolean =>
  one.message === other.message &&
  one.address.platform === other.address.platform &&
  one.address.conversation === other.address.conversation;

/** The requester, those who may have to decide it, and those who oversee its organization. */
export const isConcerned = async (deps: StandingDeps, person: Person, request: AccessRequest): Promise<boolean> => {
  if (isNamedBy(person, request.requester)) return true;
  if (isDeactivated(person)) return false;
  const groups = await groupsFor(deps, everyGroupConcerned(request.quorums), request.organization);
  return groups.some((group) => isMember(group, person)) || (await oversees(deps, person, request.organization));
};
