import type { Group, Tenant, User } from './model.js';

/** Who is a member of what: by name, or by the rule of a dynamic group. */

/** Groups that a user, or a service principal, belongs to. */
export const groupsOf = (tenant: Tenant, memberId: string, at?: number): Group[] => {
  const joined = tenant.memberships
    .withKey(memberId, at)
    .flatMap(({ groupId }) => tenant.groups.get(groupId, at) ?? []);
  return tenant.users.get(memberId, at) === undefined
    ? joined
    : [...joined, ...tenant.groups.all(at).filter(({ kind }) => kind === 'all-users')];
};

export const membersOf = (tenant: Tenant, group: Group, at?: number): User[] =>
  group.kind === 'all-users'
    ? tenant.users.all(at)
    : tenant.memberships
        .all(at)
        .filter(({ groupId }) => groupId === group.id)
        .flatMap(({ memberId }) => tenant.users.get(memberId, at) ?? []);
