/** Who has a say in a look: the groups that rules name, or the other members of the vault and the owners. */
import { KEEPERS, quorumsToMeet } from '../../engine/decide-look.js';
import type { Fault } from '../../engine/faults.js';
import type { Group } from '../../engine/group.js';
import { isMember } from '../../engine/group.js';
import { vaultOf } from '../../engine/ids.js';
import type { OrganizationId, PersonId } from '../../engine/ids.js';
import { addressesOf, eligible, isDeactivated, speaksOn } from '../../engine/person.js';
import type { Person, Platform } from '../../engine/person.js';
import { everyGroupConcerned, groupsAsked } from '../../engine/quorum.js';
import type { Quorum } from '../../engine/rule.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { nameOf } from '../audience.js';
import { approvalChannels } from '../channels.js';
import type { FlowDeps } from '../deps.js';
import { adminNames, groupsFor, owners } from '../standing.js';
import type { StandingDeps } from '../standing.js';

export type LookGroupDeps = StandingDeps & Pick<FlowDeps, 'vaults'>;

/** Every group that has or may yet have a word in it. */
export const lookGroups = async (
  deps: LookGroupDeps,
  named: readonly Quorum[],
  organization: OrganizationId | undefined,
): Promise<readonly Group[]> => {
  const ids = everyGroupConcerned(quorumsToMeet(named));
  const [groups, keepers] = await Promise.all([
    groupsFor(
      deps,
      ids.filter((id) => id !== KEEPERS.id),
      organization,
    ),
    ids.includes(KEEPERS.id) ? keepersOf(deps, organization) : [],
  ]);
  return ids.includes(KEEPERS.id) ? [...groups, { ...KEEPERS, members: keepers }] : groups;
};

/** Whoever can open the vault at this moment, and the owners. */
const keepersOf = async (
  deps: LookGroupDeps,
  organization: OrganizationId | undefined,
): Promise<readonly PersonId[]> => {
  const id = vaultOf(organization);
  const [vault, keys, bosses] = await Promise.all([deps.vaults.of(id), deps.vaults.keys(id), owners(deps)]);
  const holders = keys.flatMap(({ state, person }) => (state === 'current' ? [person] : []));
  const members = vault?.members.filter((member) => vault.mode === 'server' || holders.includes(member)) ?? [];
  return [...members, ...bosses.map((boss) => boss.id)];
};

/** Who asks for a look, and from where. */
export interface Looker {
  readonly requester: Person;
  readonly askedOn: Platform;
  readonly organization: OrganizationId | undefined;
  readonly tenantName: string;
}

export interface Asked {
  readonly id: PersonId;
  readonly name: string;
}

/** Whom to ask. Refused at once where too few can be asked whose word would count. */
export const gatherForLook = async (
  deps: LookGroupDeps,
  looker: Looker,
  named: readonly Quorum[],
): Promise<Result<readonly Asked[], Fault>> => {
  const quorums = quorumsToMeet(named);
  const [groups, channels] = await Promise.all([lookGroups(deps, named, looker.organization), approvalChannels(deps)]);
  const people = await deps.people.byIds([...new Set(groups.flatMap(({ members }) => members))]);
  const isReached = (person: Person): boolean =>
    !isDeactivated(person) &&
    speaksOn(person, looker.askedOn) &&
    (addressesOf(person).length > 0 || channels.some(({ platform }) => speaksOn(person, platform)));
  const reached = eligible(people, looker.requester).filter(isReached);
  const among = (ids: readonly Group['id'][]): readonly Person[] =>
    reached.filter((person) => groups.some((group) => ids.includes(group.id) && isMember(group, person)));
  for (const quorum of quorums) {
    if (among(everyGroupConcerned([quorum])).length >= quorum.count) continue;
    const admins = await adminNames(deps, looker.organization);
    return err({ code: 'break-glass.nobody-to-ask', tenant: looker.tenantName, admins });
  }
  const asked = new Map(among(quorums.flatMap((quorum) => groupsAsked(quorum))).map((person) => [person.id, person]));
  return ok([...asked.values()].map(nameOf));
};
