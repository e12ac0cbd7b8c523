/** Keeps groups in step with the lists of people that they follow. */
import type { Fault, RosterFault } from '../engine/faults.js';
import type { Group } from '../engine/group.js';
import { personId } from '../engine/ids.js';
import type { GroupId, PersonId } from '../engine/ids.js';
import { isNamedBy } from '../engine/person.js';
import type { Identity, Person } from '../engine/person.js';
import { MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { AuditEvent } from './ports/audit.js';
import { rosterClause } from './trouble.js';

type FollowDeps = Pick<
  FlowDeps,
  'clock' | 'random' | 'log' | 'people' | 'identities' | 'config' | 'audit' | 'rosters' | 'chores'
>;

/** How long a process that dies over a group keeps others from it. */
const LEASE_MS = 2 * MINUTE;

/** A loser of this many races in a row meets a fault rather than a loop. */
const MOST_RACES = 20;

/** Brings every group that follows something in step with it. One that cannot be read holds up no other. */
export const syncGroups = async (deps: FollowDeps): Promise<void> => {
  const following = (await deps.config.groups.all()).filter(({ follows }) => follows !== undefined);
  for (const { id, name } of following) {
    try {
      const synced = await syncGroup(deps, id);
      if (!synced.ok)
        deps.log.warn({ group: name, fault: synced.error }, 'a group is not in step with what it follows');
    } catch (thrown) {
      deps.log.error({ group: name, ...describeError(thrown) }, 'a group could not be brought in step');
    }
  }
};

/**
 * Makes the group's members exactly those of the list that it follows; where the list cannot be read, they stay as they
 * are and the group remembers why. The group as it is then; `undefined`: it is gone or follows nothing any more.
 */
export const syncGroup = async (deps: FollowDeps, id: GroupId): Promise<Result<Group | undefined, Fault>> => {
  const chore = `follow/${id}`;
  const now = deps.clock.now();
  // The members would bear two at once; the audit log would tell each change twice.
  if (!(await deps.chores.claim(chore, now, 0, LEASE_MS))) return err({ code: 'busy' });
  try {
    const group = await deps.config.groups.byId(id);
    if (group?.follows === undefined) return ok(undefined);
    const roster = await deps.rosters.membersOf(group.follows);
    return roster.ok
      ? await adopt(deps, group, await onRecord(deps, roster.value))
      : await stumble(deps, group, roster.error);
  } finally {
    await deps.chores.done(chore, now);
  }
};

/** The people behind these identities, each once; whoever was unknown appears. Names that people go by already stay. */
const onRecord = async (deps: FollowDeps, roster: readonly Identity[]): Promise<readonly Person[]> => {
  const known = await deps.identities.byKeys(roster.map(({ key }) => key));
  // Somebody named by an id before they spoke has no name but that id.
  const named = new Map(
    known.filter(({ identity: { key, name } }) => name !== key).map((one) => [one.identity.key, one]),
  );
  const ids: PersonId[] = [];
  for (const identity of roster) {
    const found = named.get(identity.key);
    ids.push(found?.person ?? (await deps.people.appear(identity, personId(randomId(deps.random)))).id);
  }
  return ids.length === 0 ? [] : await deps.people.byIds(ids);
};

/** The roster was read for `first`; it holds as long as the group follows the same, whatever else is changed in it. */
const adopt = async (
  deps: FollowDeps,
  first: Group,
  people: readonly Person[],
): Promise<Result<Group | undefined, Fault>> => {
  let group: Group | undefined = first;
  for (let race = 0; race < MOST_RACES; race += 1) {
    if (group === undefined || !followsTheSame(group, first)) return ok(undefined);
    const change = await changeOf(deps, group, people);
    const { followTrouble, ...healthy } = group;
    if (change === undefined && followTrouble === undefined) return ok(group);
    const next: Group = change === undefined ? healthy : { ...healthy, members: people.map(({ id }) => id) };
    await record(deps, group, change === undefined ? { what: 'group.readable', facts: {} } : change);
    if (await deps.config.groups.replace(next, group)) return ok(next);
    group = await deps.config.groups.byId(first.id);
  }
  return err({ code: 'busy' });
};

const followsTheSame = ({ follows }: Group, { follows: before }: Group): boolean =>
  follows !== undefined && before !== undefined && placeOf(follows) === placeOf(before);

const placeOf = (follows: NonNullable<Group['follows']>): string => {
  switch (follows.kind) {
    case 'slack':
      return `slack/${follows.usergroup}`;
    case 'teams':
      return `teams/${follows.team}`;
    case 'entra':
      return `entra/${follows.directoryId}/${follows.group}`;
    default:
      return follows satisfies never;
  }
};

type Told = Pick<AuditEvent, 'what' | 'facts' | 'about' | 'before' | 'after'>;

/** Who joins and who leaves, as the audit log tells it; `undefined`: nobody. */
const changeOf = async (deps: FollowDeps, group: Group, people: readonly Person[]): Promise<Told | undefined> => {
  const before = group.members.length === 0 ? [] : await deps.people.byIds(group.members);
  const nobodys = group.members.filter((id) => !before.some((person) => isNamedBy(person, id)));
  const added = people.filter(({ id }) => !before.some((person) => person.id === id));
  const removed = before.filter(({ id }) => !people.some((person) => person.id === id));
  if (added.length + removed.length + nobodys.length === 0) return undefined;
  return {
    what: 'group.synced',
    about: [...added, ...removed].map(({ id }) => id),
    facts: { added: names(added), removed: [...names(removed), ...nobodys] },
    before: { members: names(before) },
    after: { members: names(people) },
  };
};

const names = (people: readonly Person[]): readonly string[] => people.map(({ name }) => name).toSorted();

/** Remembers on the group that its list cannot be read; told once for as long as the reason stays the same. */
const stumble = async (deps: FollowDeps, group: Group, fault: RosterFault): Promise<Result<never, Fault>> => {
  const clause = rosterClause(fault);
  const { followTrouble: known } = group;
  if (known?.clause !== clause) {
    await record(deps, group, { what: 'group.unreadable', facts: { fault: fault.code, clause } });
    // Whoever changed the group meanwhile is not told; the next look finds it again.
    await deps.config.groups.replace(
      { ...group, followTrouble: { since: known?.since ?? deps.clock.now(), clause } },
      group,
    );
  }
  return err(fault);
};

/** On record before it is done: a line about a change that a crash prevented can be seen to be one. */
const record = (deps: FollowDeps, group: Group, { facts, ...told }: Told): Promise<void> =>
  deps.audit.append(`follow/${randomId(deps.random)}`, {
    ...told,
    at: deps.clock.now(),
    by: LATCHKEY.by,
    ...(group.organization === undefined ? {} : { organization: group.organization }),
    facts: { group: group.name, ...(group.follows === undefined ? {} : { follows: group.follows.name }), ...facts },
  });
