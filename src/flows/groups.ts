/** Making, changing and removing groups of people. */
import type { Fault } from '../engine/faults.js';
import type { Follow } from '../engine/follow.js';
import { ALL_ADMINS } from '../engine/group.js';
import type { Group } from '../engine/group.js';
import { groupId } from '../engine/ids.js';
import type { OrganizationId, PersonId } from '../engine/ids.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { difference, mayTouch, owned, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import { edit, isNameTaken } from './edit.js';
import { keyOfName } from './portable/names.js';
import type { Facts } from './ports/audit.js';

/** More people are a list that somebody keeps elsewhere, and the group follows it. */
const MOST_MEMBERS = 5_000;

export interface NewGroup {
  readonly name: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  readonly members: readonly PersonId[];
  readonly follows?: Follow;
}

export const addGroup = async (deps: ChangeDeps, admin: Admin, asked: NewGroup): Promise<Result<Group, Fault>> => {
  const touch = await mayTouch(deps, admin, asked.organization);
  if (!touch.ok) return touch;
  const group: Group = { ...asked, id: groupId(randomId(deps.random)), members: [...new Set(asked.members)] };
  const fault = unfitGroup(group);
  if (fault !== undefined) return err(fault);
  const taken: Fault = { code: 'admin.exists', what: 'group', name: group.name };
  if (await isNameTaken(deps.config.groups, ownerOf, group)) return err(taken);
  await recordChange(deps, admin, {
    what: 'group.added',
    facts: { group: group.id, name: group.name },
    about: group.members,
    ...difference({}, factsOf(group)),
    ...owned(group.organization),
  });
  return (await deps.config.groups.add(group)) ? ok(group) : err(taken);
};

export interface GroupChange {
  readonly name?: string;
  readonly join?: readonly PersonId[];
  readonly leave?: readonly PersonId[];
  readonly follows?: Follow | 'nothing';
}

/** Changes what is named of the group as it is at that moment. By hand nobody joins or leaves a group that follows a list. */
export const changeGroup = (
  deps: ChangeDeps,
  admin: Admin,
  group: Pick<Group, 'id'>,
  change: GroupChange,
): Promise<Result<Group, Fault>> =>
  edit(deps, admin, deps.config.groups, group.id, {
    what: 'group',
    event: eventOf(change),
    ownerOf,
    factsOf,
    about: { about: [...(change.join ?? []), ...(change.leave ?? [])] },
    next: (current) => changed(current, change),
  });

const eventOf = ({ name, join = [], leave = [], follows }: GroupChange): string => {
  if (name !== undefined) return 'group.renamed';
  if (follows !== undefined) return follows === 'nothing' ? 'group.unfollowed' : 'group.followed';
  if (leave.length === 0) return 'group.joined';
  return join.length === 0 ? 'group.left' : 'group.changed';
};

const changed = (group: Group, { name, join = [], leave = [], follows }: GroupChange): Result<Group, Fault> => {
  const { follows: before, followTrouble, ...byHand } = group;
  const follow = follows === 'nothing' ? undefined : (follows ?? before);
  if (join.length + leave.length > 0 && follow !== undefined) {
    return err({ code: 'group.follows', group: group.name, list: follow.name });
  }
  const next: Group = {
    ...byHand,
    name: name ?? group.name,
    members: [...new Set([...group.members, ...join])].filter((id) => !leave.includes(id)),
    ...(follow === undefined ? {} : { follows: follow }),
    ...(follows === undefined && followTrouble !== undefined ? { followTrouble } : {}),
  };
  const fault = unfitGroup(next);
  return fault === undefined ? ok(next) : err(fault);
};

const BUILT_IN: readonly string[] = [ALL_ADMINS.name, ALL_ADMINS.id].map(keyOfName);

/** What no group may be, whoever writes it and however. */
export const unfitGroup = ({ id, name, members }: Group): Fault | undefined => {
  // However it is written: nobody is to take it for the built-in one.
  if (id === ALL_ADMINS.id || BUILT_IN.includes(keyOfName(name))) {
    return { code: 'admin.built-in', name: ALL_ADMINS.name };
  }
  if (keyOfName(name) === 'everyone') {
    return { code: 'admin.invalid', field: 'group', problem: 'where people are named this means all of them' };
  }
  if (members.length <= MOST_MEMBERS) return undefined;
  const problem = `${members.length} people are too many for a list kept by hand; at most ${MOST_MEMBERS}. Follow a list instead`;
  return { code: 'admin.invalid', field: '--member', problem };
};

/** Removes a group that nothing names any more; whether anything does, its caller has looked. */
export const removeGroup = async (deps: ChangeDeps, admin: Admin, group: Group): Promise<Result<Group, Fault>> => {
  const touch = await mayTouch(deps, admin, group.organization);
  if (!touch.ok) return touch;
  await recordChange(deps, admin, {
    what: 'group.removed',
    facts: { group: group.id, name: group.name },
    about: group.members,
    ...difference(factsOf(group), {}),
    ...owned(group.organization),
  });
  await deps.config.groups.remove(group.id);
  return ok(group);
};

const ownerOf = ({ organization }: Group): OrganizationId | undefined => organization;

const factsOf = ({ name, members, follows }: Group): Facts => ({
  name,
  members,
  ...(follows === undefined ? {} : { follows: `${follows.kind}: ${follows.name}` }),
});
