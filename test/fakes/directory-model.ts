import fc from 'fast-check';
import type { HeldGroup, Observed } from '../../src/engine/account.js';
import type { Desired, WantedPass, WantedRole } from '../../src/engine/desired.js';
import { directoryGroupId, roleId } from '../../src/engine/ids.js';
import type { DirectoryGroupId, RoleId } from '../../src/engine/ids.js';
import type { Step } from '../../src/engine/plan.js';
import { addMs, MINUTE, SECOND } from '../../src/lib/clock.js';
import { NOON } from './fixtures.js';

/** A directory reduced to one account: what each step makes of it, and every state it can be found in. */

type Existing = Extract<Observed, { exists: true }>;

export const rolesHeld = (observed: Observed): ReadonlySet<RoleId> =>
  new Set(observed.exists ? observed.assignments.map(({ role }) => role) : []);

export const groupsHeld = (observed: Observed): ReadonlySet<DirectoryGroupId> =>
  new Set(observed.exists ? observed.groups.map(({ id }) => id) : []);

export const passesHeld = (observed: Observed): readonly string[] => (observed.exists ? (observed.passes ?? []) : []);

/** Everything somebody could use: sign-in, each role, each group and each access pass. */
export const accessIn = (observed: Observed): ReadonlySet<string> =>
  new Set([
    ...(observed.exists && observed.enabled ? ['sign-in'] : []),
    ...rolesHeld(observed),
    ...groupsHeld(observed),
    ...passesHeld(observed),
  ]);

/** Whether only an app that stands above all admins may change this user's password or sign-in. */
export const isGuarded = (observed: Observed): boolean =>
  observed.exists && (observed.assignments.length > 0 || observed.groups.some(({ roleAssignable }) => roleAssignable));

/** What decides what may be done to a user: whose it is, and how high the app stands. */
export type Standing = Pick<Desired, 'changesHolders' | 'borrowed'>;

/** The account after a step that succeeds. What Entra or our own rules forbid throws. */
export const performed = (observed: Observed, step: Step, standing: Standing): Observed => {
  if (step.do === 'create') {
    if (observed.exists) throw new Error('the name is taken');
    if (standing.borrowed !== undefined) throw new Error('whoever was there before is not made by us');
    const { enabled, generation } = step;
    const nothing = { assignments: [], groups: [], passes: [] };
    return { exists: true, objectId: 'new', enabled, generation, deletable: true, origin: 'cloud', ...nothing };
  }
  if (!observed.exists) throw new Error(`there is nobody to ${step.do}`);
  switch (step.do) {
    case 'assign':
      return assigned(observed, step.role, step.until);
    case 'unassign':
      return unassigned(observed, step);
    case 'leave':
      return { ...observed, groups: observed.groups.filter(({ id }) => id !== step.group) };
    case 'join':
      return joined(observed, step.group);
    case 'set':
      return setTo(observed, step, standing);
    case 'reschedule':
      return rescheduled(observed, step.role, step.until);
    case 'issue-pass':
      requireReach(observed, standing);
      // Entra knows one a user at most: another takes its place.
      return { ...observed, passes: [NEW_PASS] };
    case 'withdraw-pass':
      requireReach(observed, standing);
      return { ...observed, passes: (observed.passes ?? []).filter((id) => id !== step.pass) };
    case 'untag':
    case 'revoke-sessions':
      return observed;
    case 'delete':
      return deleted(observed, standing);
    default:
      return step satisfies never;
  }
};

/** The id of an access pass that was issued. */
export const NEW_PASS = 'p-new';

/** An app that is no more than User Administrator may change nothing on who holds an admin role. */
const requireReach = (observed: Observed, { changesHolders, borrowed }: Standing): void => {
  // Who was there before keeps its roles; what is refused there is refused.
  if (isGuarded(observed) && !changesHolders && borrowed === undefined) {
    throw new Error('who holds a role, or sits in a group that can, cannot be changed');
  }
};

const unassigned = (observed: Existing, { assignment, scheduled }: Extract<Step, { do: 'unassign' }>): Observed => {
  const held = observed.assignments.find(({ id }) => id === assignment);
  if ((held?.until !== undefined) !== (scheduled === true)) throw new Error('a schedule is no direct assignment');
  return { ...observed, assignments: observed.assignments.filter(({ id }) => id !== assignment) };
};

const rescheduled = (observed: Existing, role: RoleId, until: Date): Observed => {
  const isScheduled = observed.assignments.some((held) => held.role === role && held.until !== undefined);
  if (!isScheduled) throw new Error('the role has no end to move');
  return {
    ...observed,
    assignments: observed.assignments.map((held) => (held.role === role ? { ...held, until } : held)),
  };
};

const assigned = (observed: Existing, role: RoleId, until: Date | undefined): Observed => {
  if (rolesHeld(observed).has(role)) throw new Error('the role is assigned already');
  const assignment = { id: `new-${role}`, role, ...(until === undefined ? {} : { until }) };
  return { ...observed, assignments: [...observed.assignments, assignment] };
};

const joined = (observed: Existing, group: DirectoryGroupId): Observed => {
  if (groupsHeld(observed).has(group)) throw new Error('the user is a member already');
  return { ...observed, groups: [...observed.groups, heldGroup(group)] };
};

/** Whoever restores the user must find nothing that anybody could use. */
const deleted = (observed: Existing, { borrowed }: Standing): Observed => {
  if (borrowed !== undefined) throw new Error('whoever was there before is not deleted');
  if (!observed.deletable) throw new Error('that user is not ours to delete');
  if (accessIn(observed).size > 0) throw new Error('what is deleted must be shut before');
  return { exists: false };
};

const setTo = (
  observed: Existing,
  { enabled, generation }: Extract<Step, { do: 'set' }>,
  standing: Standing,
): Observed => {
  requireReach(observed, standing);
  if (generation === undefined) return { ...observed, enabled };
  if (standing.borrowed !== undefined) throw new Error('their password is theirs');
  return { ...observed, enabled, generation };
};

/** The account before the first step and after each. */
export const historyOf = (observed: Observed, steps: readonly Step[], standing: Standing): readonly Observed[] =>
  steps.reduce<readonly Observed[]>(
    (states, step) => [...states, performed(states.at(-1) ?? observed, step, standing)],
    [observed],
  );

const ROLES: readonly RoleId[] = ['user-admin', 'helpdesk', 'exchange', 'user-admin@/administrativeUnits/7'].map(
  roleId,
);

/** Those with a number above two can carry roles. */
const GROUPS: readonly DirectoryGroupId[] = ['g-1', 'g-2', 'g-3', 'g-4'].map(directoryGroupId);

const heldGroup = (id: DirectoryGroupId): HeldGroup => ({ id, roleAssignable: Number(id.slice(2)) > 2 });

const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 4 });

/** Ends that are the same, nearly the same, and far apart. */
const someEnd = fc.constantFrom(0, 30 * SECOND, MINUTE, 61 * SECOND, 60 * MINUTE).map((ms) => addMs(NOON, ms));

export const someRoles: fc.Arbitrary<RoleId[]> = fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 4 });

export const someGroups: fc.Arbitrary<DirectoryGroupId[]> = fc.uniqueArray(fc.constantFrom(...GROUPS), {
  maxLength: 4,
});

export const anyExisting: fc.Arbitrary<Existing> = fc.record(
  {
    exists: fc.constant(true as const),
    objectId: fc.constant('known'),
    enabled: fc.boolean(),
    generation: fc.nat(4),
    // The same role may be held twice: once by our assignment, once by somebody else's.
    assignments: few(fc.record({ role: fc.constantFrom(...ROLES), until: fc.option(someEnd, { nil: undefined }) })).map(
      (held) =>
        held.map(({ role, until }, index) => ({ id: `a-${index}`, role, ...(until === undefined ? {} : { until }) })),
    ),
    groups: someGroups.map((groups) => groups.map(heldGroup)),
    deletable: fc.boolean(),
    origin: fc.constant('cloud' as const),
    passes: fc.uniqueArray(fc.constantFrom('p-1', 'p-2'), { maxLength: 2 }),
  },
  { requiredKeys: ['exists', 'objectId', 'enabled', 'deletable', 'origin', 'assignments', 'groups'] },
);

export const anyObserved: fc.Arbitrary<Observed> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ exists: false } as const) },
  { weight: 6, arbitrary: anyExisting },
);

const common = { generation: fc.nat(4), revokeSessions: fc.boolean(), changesHolders: fc.boolean() };

const wantedRoles: fc.Arbitrary<WantedRole[]> = fc
  .tuple(someRoles, fc.option(someEnd, { nil: undefined }))
  .map(([roles, until]) => roles.map((role) => ({ role, ...(until === undefined ? {} : { until }) })));

const noPass = fc.constant<WantedPass>({ kind: 'none' });

const wantedPass: fc.Arbitrary<WantedPass> = fc.oneof(
  noPass,
  fc.constantFrom('p-1', 'p-2').map((id): WantedPass => ({ kind: 'kept', id })),
  fc.record({ kind: fc.constant('issued' as const), until: someEnd, once: fc.boolean() }),
);

/** What live requests can add up to on an account of ours. */
export const anyOpening: fc.Arbitrary<Desired> = fc.record({
  ...common,
  user: fc.constant('open'),
  roles: wantedRoles,
  groups: someGroups,
  pass: wantedPass,
});

/** What is wanted when none is live. */
export const anyClosing: fc.Arbitrary<Desired> = fc.record({
  ...common,
  user: fc.constantFrom('kept', 'shut', 'deleted'),
  roles: fc.constant([]),
  groups: fc.constant([]),
  pass: noPass,
});

/** What is wanted of an account of ours. */
export const anyDesired: fc.Arbitrary<Desired> = fc.oneof(anyOpening, anyClosing);

const borrowed = fc.record({ enabled: fc.boolean(), roles: someRoles, groups: someGroups, pass: fc.boolean() });

/** What is wanted of an existing user while it is borrowed. */
export const anyLoan: fc.Arbitrary<Desired> = fc.record({
  ...common,
  user: fc.constant('open'),
  roles: wantedRoles,
  groups: someGroups,
  pass: wantedPass,
  borrowed,
});

/** What is wanted of an existing user whom nobody borrows any more. */
export const anyReturn: fc.Arbitrary<Desired> = fc.record({
  ...common,
  user: fc.constant('returned'),
  roles: fc.constant([]),
  groups: fc.constant([]),
  pass: noPass,
  borrowed,
});

/** What is wanted of an account of any kind. */
export const anyWish: fc.Arbitrary<Desired> = fc.oneof(anyDesired, anyLoan, anyReturn);
