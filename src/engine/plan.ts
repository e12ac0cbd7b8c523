import type { Desired, Observed } from './account.js';
import type { DirectoryGroupId, RoleId } from './ids.js';

/** One directory write. `set` is a single PATCH: sign-in, password and tag change together or not at all. */
export type Step =
  | { readonly do: 'create'; readonly enabled: boolean; readonly generation: number }
  | { readonly do: 'unassign'; readonly assignment: string; readonly role: RoleId }
  | { readonly do: 'leave'; readonly group: DirectoryGroupId }
  | { readonly do: 'set'; readonly enabled: boolean; readonly generation?: number }
  | { readonly do: 'revoke-sessions' }
  | { readonly do: 'assign'; readonly role: RoleId }
  | { readonly do: 'join'; readonly group: DirectoryGroupId }
  | { readonly do: 'delete' };

/** Whether a step adds access: such steps come last, and only to a user who is set up for it. */
export const gives = (step: Step): boolean => step.do === 'assign' || step.do === 'join';

/**
 * The ordered steps from what is to what should be: access is taken first and added last.
 *
 * A dedicated account loses whatever nobody asked for. Before its password or its sign-in changes it is stripped of every
 * role and every group that can carry one, and given them again last: an app that is only User Administrator may change
 * nothing on who holds an admin role. A user is deleted when nothing is left to take from it: whoever restores it finds
 * an account that is shut.
 */
export const plan = (observed: Observed, wanted: Desired): readonly Step[] => {
  if (!observed.exists) {
    if (wanted.user !== 'open') return [];
    return [{ do: 'create', enabled: true, generation: wanted.generation }, ...giveAll(wanted.roles, wanted.groups)];
  }
  const enabled = wanted.user === 'kept' ? observed.enabled : wanted.user === 'open';
  const rotate = wanted.user !== 'kept' && observed.generation !== wanted.generation;
  const change = rotate || observed.enabled !== enabled;
  const taken = takeFrom(observed, wanted, change);
  const steps = [...taken.steps];
  if (change) {
    // Sign-in is always spelt out: a read that lags may show it off while an earlier write of ours has turned it on.
    steps.push({ do: 'set', enabled, ...(rotate ? { generation: wanted.generation } : {}) });
  }
  if (wanted.revokeSessions) steps.push({ do: 'revoke-sessions' });
  const roles = wanted.roles.filter((role) => !taken.roles.has(role));
  const groups = wanted.groups.filter((group) => !taken.groups.has(group));
  return [...steps, ...giveAll(roles, groups), ...(isDoomed(observed, wanted) ? [{ do: 'delete' } as const] : [])];
};

/** Whether the user is to be deleted, and may be. */
const isDoomed = (observed: Existing, wanted: Desired): boolean => wanted.user === 'deleted' && observed.deletable;

type Existing = Extract<Observed, { exists: true }>;

/** What is to be taken, and what stays. */
interface Taken {
  readonly steps: readonly Step[];
  readonly roles: ReadonlySet<RoleId>;
  readonly groups: ReadonlySet<DirectoryGroupId>;
}

const takeFrom = (observed: Existing, wanted: Desired, isStripped: boolean): Taken => {
  const roles = new Set<RoleId>();
  const groups = new Set<DirectoryGroupId>();
  const steps: Step[] = [];
  for (const { id, role } of observed.assignments) {
    if (!isStripped && wanted.roles.includes(role) && !roles.has(role)) roles.add(role);
    else steps.push({ do: 'unassign', assignment: id, role });
  }
  for (const { id, roleAssignable } of observed.groups) {
    const mayStay = !(isStripped && roleAssignable);
    if (mayStay && wanted.groups.includes(id)) groups.add(id);
    else steps.push({ do: 'leave', group: id });
  }
  return { steps, roles, groups };
};

const giveAll = (roles: readonly RoleId[], groups: readonly DirectoryGroupId[]): readonly Step[] => [
  ...roles.map((role): Step => ({ do: 'assign', role })),
  ...groups.map((group): Step => ({ do: 'join', group })),
];
