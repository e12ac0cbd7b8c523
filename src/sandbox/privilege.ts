import { groupsOf } from './memberships.js';
import type { AccessToken, AdministrativeUnit, RoleAssignment, Tenant } from './model.js';
import { denied } from './refusal.js';
import { ROLE } from './role-catalog.js';
import { scopeOfUnit, WHOLE_DIRECTORY } from './role-scopes.js';
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

/** Held directly or through a group. */
const assignmentsOf = (tenant: Tenant, principalId: string, at?: number): RoleAssignment[] =>
  [principalId, ...groupsOf(tenant, principalId, at).map(({ id }) => id)].flatMap((id) =>
    tenant.roleAssignments.withKey(id, at),
  );

/** Role definition ids, wherever they are in force: who holds one for a single unit is an administrator all the same. */
export const rolesHeldBy = (tenant: Tenant, principalId: string, at?: number): ReadonlySet<string> =>
  new Set(assignmentsOf(tenant, principalId, at).map((assignment) => assignment.roleDefinitionId));

const unitsOf = (tenant: Tenant, userId: string): AdministrativeUnit[] =>
  tenant.administrativeUnits.all().filter(({ memberIds }) => memberIds.includes(userId));

/** In a restricted unit: out of reach for roles in the whole directory, the highest included. */
const isRestricted = (tenant: Tenant, userId: string): boolean =>
  unitsOf(tenant, userId).some((unit) => unit.isMemberManagementRestricted);

/** Scopes at which a role reaches this user. */
const scopesOver = (tenant: Tenant, userId: string): readonly string[] => [
  ...(isRestricted(tenant, userId) ? [] : [WHOLE_DIRECTORY]),
  ...unitsOf(tenant, userId).map(({ id }) => scopeOfUnit(id)),
];

/** The caller's roles that reach this user. */
const callerRoles = (tenant: Tenant, caller: AccessToken, userId: string): ReadonlySet<string> => {
  const principal = servicePrincipalOf(tenant, caller.appId);
  const scopes = scopesOver(tenant, userId);
  const reaching = assignmentsOf(tenant, principal?.id ?? '').filter((each) => scopes.includes(each.directoryScopeId));
  return new Set(reaching.map(({ roleDefinitionId }) => roleDefinitionId));
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
  const roles = callerRoles(tenant, caller, userId);
  if ((roles.size === 0 && isRestricted(tenant, userId)) || !outranks(tenant, roles, userId)) throw denied();
};

/** For passwords: a role is needed even where the user holds none. */
export const requireResetter = (tenant: Tenant, caller: AccessToken, userId: string): void => {
  const roles = callerRoles(tenant, caller, userId);
  if (!RESETTERS.some((role) => roles.has(role)) || !outranks(tenant, roles, userId)) throw denied();
};
