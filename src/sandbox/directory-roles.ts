import { created, noContent, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import { readReference } from './groups.js';
import type { Tenant } from './model.js';
import { WRITE_ROLES } from './permissions.js';
import { readBody, type Shape } from './properties.js';
import { badRequest, notFound } from './refusal.js';
import { newAssignmentId, requirePrincipal } from './role-assignments.js';
import { roleById, type BuiltInRole } from './role-catalog.js';
import { findAssignment } from './role-schedules.js';
import { WHOLE_DIRECTORY } from './role-scopes.js';

/** `/directoryRoles`, the older way to give a role: a tenant activates it once, then it takes members. */

const activationShape: Shape = { roleTemplateId: { type: 'string', required: true } };

/** Whatever somebody holds was activated by that. */
const isActivated = (tenant: Tenant, role: BuiltInRole): boolean =>
  tenant.activatedRoles.has(role.id) ||
  tenant.roleAssignments.all().some(({ roleDefinitionId }) => roleDefinitionId === role.id);

const activate = (call: GraphCall): GraphAnswer => {
  const { roleTemplateId } = readBody(call.body, activationShape, 'directoryRole');
  const role = roleById(String(roleTemplateId));
  if (role === undefined) throw notFound(String(roleTemplateId));
  if (isActivated(call.tenant, role))
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );
  call.tenant.activatedRoles.add(role.id);
  const { id, displayName, description } = role;
  return created(withContext('directoryRoles/$entity', { id, displayName, description, roleTemplateId: id }));
};

const addMember = (call: GraphCall): GraphAnswer => {
  const { tenant, world } = call;
  const role = roleById(param(call, 'template'));
  if (role === undefined || !isActivated(tenant, role)) throw notFound(param(call, 'template'));
  const principalId = readReference(call.body);
  requirePrincipal(tenant, principalId, call.aimAt);
  const key = { principalId, roleDefinitionId: role.id, directoryScopeId: WHOLE_DIRECTORY };
  if (findAssignment(tenant, key) !== undefined)
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  const id = newAssignmentId(world);
  tenant.roleAssignments.set(id, { id, ...key });
  return noContent;
};

export const directoryRoleRoutes: readonly Route[] = [
  { method: 'POST', path: '/directoryRoles', needs: [WRITE_ROLES], handle: activate },
  {
    method: 'POST',
    path: '/directoryRoles(roleTemplateId)/{template}/members/$ref',
    needs: [WRITE_ROLES],
    handle: addMember,
  },
];
