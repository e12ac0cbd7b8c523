import { groupsOf } from './memberships.js';
import type { AccessToken, Tenant } from './model.js';
import { denied } from './refusal.js';
import { ROLE } from './role-catalog.js';
import { servicePrincipalOf } from './world.js';

/** Who may act on whom: app-only calls need a directory role that outranks the user they are aimed at. */

const READERS_AND_INVITERS: readonly string[] = [
  ROLE.directoryReaders,
  ROLE.messageCenterReader,
  ROLE.reportsReader,
  ROLE.usageSummaryReportsReader,
  ROLE.guestInviter,
];

/** Which role holders may be acted on by whom. Not listed: by nobody but the two roles that stand above everyone. */
const OUTRANKED: Readonly<Record<string, readonly string[]>> = {
  [ROLE.userAdministrator]: [
    ...READERS_AND_INVITERS,
    ROLE.groupsAdministrator,
    ROLE.helpdeskAdministrator,
    ROLE.passwordAdministrator,
    ROLE.userAdministrator,
  ],
  [ROLE.authenticationAdministrator]: [
    ...READERS_AND_INVITERS,
    ROLE.authenticationAdministrator,
    ROLE.passwordAdministrator,
  ],
};

const ABOVE_EVERYONE: readonly string[] = [ROLE.privilegedAuthenticationAdministrator, ROLE.globalAdministrator];

const RESETTERS: readonly string[] = [...ABOVE_EVERYONE, ...Object.keys(OUTRANKED)];

/** Role definition ids, held directly or through a group. */
export const rolesHeldBy = (tenant: Tenant, principalId: string, at?: number): ReadonlySet<string> =>
  new Set(
    [principalId, ...groupsOf(tenant, principalId, at).map(({ id }) => id)].flatMap((id) =>
      tenant.roleAssignments.withKey(id, at).map((assignment) => assignment.roleDefinitionId),
    ),
  );

const callerRoles = (tenant: Tenant, caller: AccessToken): ReadonlySet<string> => {
  const principal = servicePrincipalOf(tenant, caller.appId);
  return principal === undefined ? new Set() : rolesHeldBy(tenant, principal.id);
};

const isProtectedByGroup = (tenant: Tenant, userId: string): boolean =>
  groupsOf(tenant, userId).some((group) => group.isAssignableToRole);

const outranks = (tenant: Tenant, actorRoles: ReadonlySet<string>, userId: string): boolean => {
  if (ABOVE_EVERYONE.some((role) => actorRoles.has(role))) return true;
  // Entra protects members of role-assignable groups like the highest role such a group might carry.
  if (isProtectedByGroup(tenant, userId)) return false;
  const reachable = new Set([...actorRoles].flatMap((role) => OUTRANKED[role] ?? []));
  return [...rolesHeldBy(tenant, userId)].every((role) => reachable.has(role));
};

/** For disabling, enabling, deleting and restoring: users without roles are open to every app with the permission. */
export const requireRank = (tenant: Tenant, caller: AccessToken, userId: string): void => {
  if (!outranks(tenant, callerRoles(tenant, caller), userId)) throw denied();
};

/** For passwords: a role is needed even where the user holds none. */
export const requireResetter = (tenant: Tenant, caller: AccessToken, userId: string): void => {
  const roles = callerRoles(tenant, caller);
  if (!RESETTERS.some((role) => roles.has(role)) || !outranks(tenant, roles, userId)) throw denied();
};
