import type { Fault } from '../engine/faults.js';
import type { GroupId, OrganizationId } from '../engine/ids.js';
import { addressesOf, eligible, isDeactivated, speaksOn } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import type { Quorum } from '../engine/rule.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { approvalChannels } from './channels.js';
import { adminNames, groupsFor } from './standing.js';
import type { StandingDeps } from './standing.js';

/** Whom a request is put before, and the names of those whom no message reaches. */
export type Audience = Pick<AccessRequest, 'asked' | 'unreachable'>;

/** What decides who of a group can be asked. */
export interface Asker {
  readonly requester: Person;
  readonly askedOn: Platform;
  readonly organization: OrganizationId | undefined;
  readonly selfApproval: boolean;
}

/** Whom to ask. Refused at once where some quorum cannot be met by the people whom messages can reach. */
export const gather = async (
  deps: StandingDeps,
  asker: Asker,
  quorums: readonly Quorum[],
): Promise<Result<Audience, Fault>> => {
  const asked = new Map<string, Person>();
  const unreachable = new Set<string>();
  for (const { group, groupName, count, escalation } of quorums) {
    const { reachable, others } = await reach(deps, asker, group);
    const later = escalation === undefined ? [] : (await reach(deps, asker, escalation.group)).reachable;
    for (const { name } of others) unreachable.add(name);
    if (new Set([...reachable, ...later].map(({ id }) => id)).size < count) {
      const admins = await adminNames(deps, asker.organization);
      const names = others.map(({ name }) => name);
      return err({ code: 'policy.nobody-to-ask', group: groupName, unreachable: names, admins });
    }
    const now = escalation?.at === undefined ? reachable : [...reachable, ...later];
    for (const person of now) asked.set(person.id, person);
  }
  return ok({ asked: [...asked.values()].map(nameOf), unreachable: [...unreachable] });
};

/** Whom to ask beside those who were asked: whoever of these groups can be reached. */
export const gatherMore = async (deps: StandingDeps, asker: Asker, groups: readonly GroupId[]): Promise<Audience> => {
  const found = await Promise.all(groups.map((group) => reach(deps, asker, group)));
  const reachable = found.flatMap((one) => one.reachable);
  return {
    asked: [...new Map(reachable.map((person) => [person.id, person])).values()].map(nameOf),
    unreachable: [...new Set(found.flatMap(({ others }) => others.map(({ name }) => name)))],
  };
};

export const nameOf = ({ id, name }: Person): { readonly id: Person['id']; readonly name: string } => ({ id, name });

interface Reach {
  readonly reachable: readonly Person[];
  readonly others: readonly Person[];
}

/** Those of a group who could decide and whom a message reaches, and the rest of those who are not the requester. */
const reach = async (deps: StandingDeps, asker: Asker, id: GroupId): Promise<Reach> => {
  const { requester, askedOn, organization, selfApproval } = asker;
  const [[group], channels] = await Promise.all([groupsFor(deps, [id], organization), approvalChannels(deps)]);
  const members = await deps.people.byIds(group?.members ?? []);
  const isReached = (person: Person): boolean =>
    speaksOn(person, askedOn) &&
    (addressesOf(person).length > 0 || channels.some(({ platform }) => speaksOn(person, platform)));
  const candidates = (selfApproval ? members : eligible(members, requester)).filter((person) => !isDeactivated(person));
  return {
    reachable: candidates.filter(isReached),
    others: candidates.filter((person) => !isReached(person)),
  };
};
