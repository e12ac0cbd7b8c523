import fc from 'fast-check';
import type { Desired, Observed } from '../../src/engine/account.js';
import { roleId } from '../../src/engine/ids.js';
import type { RoleId } from '../../src/engine/ids.js';
import type { Step } from '../../src/engine/plan.js';

/** A directory reduced to one account: what each step makes of it, and every state it can be found in. */

type Existing = Extract<Observed, { exists: true }>;

export const rolesHeld = (observed: Observed): ReadonlySet<RoleId> =>
  new Set(observed.exists ? observed.assignments.map(({ role }) => role) : []);

/** Everything somebody could use: sign-in, and each role. */
export const accessIn = (observed: Observed): ReadonlySet<string> =>
  new Set(observed.exists ? [...(observed.enabled ? ['sign-in'] : []), ...rolesHeld(observed)] : []);

/** The account after a step that succeeds. */
export const performed = (observed: Observed, step: Step): Observed => {
  if (step.do === 'create') {
    if (observed.exists) throw new Error('the name is taken');
    const { enabled, generation } = step;
    return { exists: true, objectId: 'new', enabled, generation, assignments: [], groups: [] };
  }
  if (!observed.exists) throw new Error(`there is nobody to ${step.do}`);
  switch (step.do) {
    case 'assign':
      return assigned(observed, step.role);
    case 'unassign':
      return { ...observed, assignments: observed.assignments.filter(({ id }) => id !== step.assignment) };
    case 'leave':
      return { ...observed, groups: observed.groups.filter((group) => group !== step.group) };
    case 'set':
      return setTo(observed, step);
    case 'revoke-sessions':
      return observed;
    default:
      return step satisfies never;
  }
};

const assigned = (observed: Existing, role: RoleId): Observed => {
  if (rolesHeld(observed).has(role)) throw new Error('the role is assigned already');
  const assignment = { id: `new-${role}`, role };
  return { ...observed, assignments: [...observed.assignments, assignment] };
};

const setTo = (observed: Existing, { enabled, generation }: Extract<Step, { do: 'set' }>): Observed => {
  // An app that is no more than User Administrator may change nothing on who holds an admin role.
  if (observed.assignments.length > 0) throw new Error('who holds a role cannot be changed');
  return { ...observed, enabled, ...(generation === undefined ? {} : { generation }) };
};

/** The account before the first step and after each. */
export const historyOf = (observed: Observed, steps: readonly Step[]): readonly Observed[] =>
  steps.reduce<readonly Observed[]>(
    (states, step) => [...states, performed(states.at(-1) ?? observed, step)],
    [observed],
  );

const ROLES: readonly RoleId[] = ['user-admin', 'helpdesk', 'exchange', 'user-admin@/administrativeUnits/7'].map(
  roleId,
);

const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 4 });

export const someRoles: fc.Arbitrary<RoleId[]> = fc.uniqueArray(fc.constantFrom(...ROLES), { maxLength: 4 });

export const anyExisting: fc.Arbitrary<Existing> = fc.record(
  {
    exists: fc.constant(true as const),
    objectId: fc.constant('known'),
    enabled: fc.boolean(),
    generation: fc.nat(4),
    // The same role may be held twice: once by our assignment, once by somebody else's.
    assignments: few(fc.constantFrom(...ROLES)).map((roles) =>
      roles.map((role, index) => ({ id: `a-${index}`, role })),
    ),
    groups: fc.uniqueArray(fc.constantFrom('g-1', 'g-2', 'g-3')),
  },
  { requiredKeys: ['exists', 'objectId', 'enabled', 'assignments', 'groups'] },
);

export const anyObserved: fc.Arbitrary<Observed> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ exists: false } as const) },
  { weight: 6, arbitrary: anyExisting },
);

const common = { generation: fc.nat(4), revokeSessions: fc.boolean() };

/** What live requests can add up to. */
export const anyOpening: fc.Arbitrary<Desired> = fc.record({ ...common, signIn: fc.constant(true), roles: someRoles });

/** What is wanted when none is live. */
export const anyClosing: fc.Arbitrary<Desired> = fc.record({
  ...common,
  signIn: fc.constant(false),
  roles: fc.constant([]),
});

export const anyDesired: fc.Arbitrary<Desired> = fc.oneof(anyOpening, anyClosing);
