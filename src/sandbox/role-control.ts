import { z } from 'zod';

import { guid } from './guid.js';
import type { AdministrativeUnit, Tenant } from './model.js';
import { PimPolicyBody } from './pim-policy.js';
import { newAssignmentId } from './role-assignments.js';
import type { BuiltInRole } from './role-catalog.js';
import { dropAssignment, findAssignment, stripRoles } from './role-schedules.js';
import { readScope, scopeOfUnit, WHOLE_DIRECTORY } from './role-scopes.js';
import { SANDBOX_APP } from './seed.js';
import { principalOf, roleOf, unitNamed, unitOf, userOf } from './tenant-lookup.js';
import type { World } from './world.js';

/** What the customer's own administrators do about roles: hand them out, limit them, decide what they take. */

const RoleAssignmentBody = z.strictObject({
  user: z.string(),
  role: z.string(),
  /** An administrative unit; without it, the whole directory. */
  unit: z.string().optional(),
  remove: z.boolean().default(false),
});
const PrincipalRolesBody = z.strictObject({
  appId: z.string().toLowerCase().default(SANDBOX_APP.clientId),
  roles: z.array(z.string()),
});
const UnitBody = z.strictObject({
  displayName: z.string().min(1),
  description: z.string().nullable().default(null),
  isMemberManagementRestricted: z.boolean().default(false),
  members: z.array(z.string()).default([]),
});
const LicencesBody = z.strictObject({ plans: z.array(z.enum(['P1', 'P2'])) });

export const assignRole = (
  world: World,
  tenant: Tenant,
  principalId: string,
  role: BuiltInRole,
  directoryScopeId: string = WHOLE_DIRECTORY,
): void => {
  const key = { principalId, roleDefinitionId: role.id, directoryScopeId };
  if (findAssignment(tenant, key) !== undefined) return;
  const id = newAssignmentId(world);
  tenant.roleAssignments.set(id, { id, ...key });
};

export const setPrincipalRoles = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = PrincipalRolesBody.parse(input);
  const principal = principalOf(tenant, body.appId);
  const roles = body.roles.map(roleOf);
  stripRoles(tenant, principal.id, ({ roleDefinitionId }) => roles.some((role) => role.id === roleDefinitionId));
  for (const role of roles) assignRole(world, tenant, principal.id, role);
  return { roles: roles.map((role) => role.displayName) };
};

/** Removing also takes what Privileged Identity Management made. */
export const changeRoleAssignment = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = RoleAssignmentBody.parse(input);
  const principalId = userOf(tenant, body.user).id;
  const role = roleOf(body.role);
  const wanted = body.unit === undefined ? WHOLE_DIRECTORY : scopeOfUnit(unitOf(tenant, body.unit).id);
  const directoryScopeId = readScope(tenant, wanted, role, undefined);
  if (body.remove) dropAssignment(tenant, { principalId, roleDefinitionId: role.id, directoryScopeId });
  else assignRole(world, tenant, principalId, role, directoryScopeId);
  return { ok: true };
};

/** Adds a unit, or changes the one that has the name. */
export const putUnit = (world: World, tenant: Tenant, input: unknown): unknown => {
  const { members, ...body } = UnitBody.parse(input);
  const unit: AdministrativeUnit = {
    id: unitNamed(tenant, body.displayName)?.id ?? guid(world.random),
    ...body,
    memberIds: members.map((member) => userOf(tenant, member).id),
  };
  tenant.administrativeUnits.set(unit.id, unit);
  return { id: unit.id };
};

export const setLicences = (_: World, tenant: Tenant, input: unknown): unknown => {
  tenant.plans = LicencesBody.parse(input).plans;
  return { plans: tenant.plans };
};

export const setPimPolicy = (_: World, tenant: Tenant, input: unknown): unknown => {
  tenant.pimPolicy = PimPolicyBody.parse(input);
  return tenant.pimPolicy;
};
