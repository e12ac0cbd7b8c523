import type { Desired, Observed } from './account.js';
import type { RoleId } from './ids.js';

/** One directory write. `set` is a single PATCH: sign-in, password and tag change together or not at all. */
export type Step =
  | { readonly do: 'create'; readonly enabled: boolean; readonly generation: number }
  | { readonly do: 'unassign'; readonly assignment: string; readonly role: RoleId }
  | { readonly do: 'leave'; readonly group: string }
  | { readonly do: 'set'; readonly enabled: boolean; readonly generation?: number }
  | { readonly do: 'revoke-sessions' }
  | { readonly do: 'assign'; readonly role: RoleId };

/**
 * The ordered steps from what is to what should be: access is taken first and added last.
 *
 * A dedicated account loses whatever nobody asked for. Before its password or its sign-in changes it is stripped of every
 * role, and given them again last: an app that is only User Administrator may change nothing on who holds an admin role.
 */
export const plan = (observed: Observed, wanted: Desired): readonly Step[] => {
  if (!observed.exists) {
    if (!wanted.signIn) return [];
    return [{ do: 'create', enabled: true, generation: wanted.generation }, ...assignAll(wanted.roles)];
  }
  const rotate = observed.generation !== wanted.generation;
  const change = rotate || observed.enabled !== wanted.signIn;
  const kept = new Set<RoleId>();
  const steps: Step[] = [];
  for (const { id, role } of observed.assignments) {
    if (!change && wanted.roles.includes(role) && !kept.has(role)) kept.add(role);
    else steps.push({ do: 'unassign', assignment: id, role });
  }
  for (const group of observed.groups) steps.push({ do: 'leave', group });
  if (change) {
    // Sign-in is always spelt out: a read that lags may show it off while an earlier write of ours has turned it on.
    steps.push({ do: 'set', enabled: wanted.signIn, ...(rotate ? { generation: wanted.generation } : {}) });
  }
  if (wanted.revokeSessions) steps.push({ do: 'revoke-sessions' });
  return [...steps, ...assignAll(wanted.roles.filter((role) => !kept.has(role)))];
};

const assignAll = (roles: readonly RoleId[]): readonly Step[] => roles.map((role) => ({ do: 'assign', role }));
