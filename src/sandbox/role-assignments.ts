import {
  created,
  noContent,
  okay,
  param,
  withContext,
  type GraphAnswer,
  type GraphCall,
  type Route,
} from './graph-call.js';
import type { RoleAssignment, Tenant } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { READ_ROLES, WRITE_ROLES } from './permissions.js';
import { readBody, type Shape } from './properties.js';
import { badRequest, notFound } from './refusal.js';
import { BUILT_IN_ROLES, roleById, type BuiltInRole } from './role-catalog.js';
import { findAssignment } from './role-schedules.js';
import { readScope } from './role-scopes.js';
import type { World } from './world.js';

/** `/roleManagement/directory`: the built-in roles, and who holds them now, for good or for a time. */

const DEFINITIONS = 'roleManagement/directory/roleDefinitions';
const ASSIGNMENTS = 'roleManagement/directory/roleAssignments';

const definitionRow = (role: BuiltInRole): Row => ({
  id: role.id,
  description: role.description,
  displayName: role.displayName,
  isBuiltIn: true,
  isEnabled: true,
  isPrivileged: role.isPrivileged,
  resourceScopes: ['/'],
  templateId: role.id,
  version: '1',
});

const DEFINITION_PROPERTIES = new Set([
  'id',
  'description',
  'displayName',
  'isBuiltIn',
  'isEnabled',
  'isPrivileged',
  'resourceScopes',
  'templateId',
  'version',
]);

const listDefinitions = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, 'microsoft.graph.unifiedRoleDefinition', DEFINITION_PROPERTIES);
  const filter = readFilter(call.query, new Set(['id', 'displayName', 'isBuiltIn', 'isPrivileged', 'templateId']));
  return page(call, DEFINITIONS, BUILT_IN_ROLES.map(definitionRow).filter(filter.test), (row) => project(row, select));
};

const readDefinition = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.unifiedRoleDefinition', DEFINITION_PROPERTIES);
  const role = roleById(param(call, 'role'));
  if (role === undefined) throw notFound(param(call, 'role'));
  return okay(withContext(`${DEFINITIONS}/$entity`, project(definitionRow(role), select)));
};

// What Privileged Identity Management knows of its end is not said here.
const assignmentRow = ({ id, principalId, roleDefinitionId, directoryScopeId }: RoleAssignment): Row => ({
  id,
  principalId,
  roleDefinitionId,
  directoryScopeId,
});

const ASSIGNMENT_PROPERTIES = new Set(['id', 'principalId', 'roleDefinitionId', 'directoryScopeId']);

const listAssignments = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, 'microsoft.graph.unifiedRoleAssignment', ASSIGNMENT_PROPERTIES);
  const filter = readFilter(call.query, new Set(['principalId', 'roleDefinitionId', 'directoryScopeId']));
  const { principalId } = filter.pins;
  const { roleAssignments } = call.tenant;
  const candidates =
    principalId === undefined ? roleAssignments.all(call.readAt) : roleAssignments.withKey(principalId, call.readAt);
  const rows = candidates.map(assignmentRow).filter(filter.test);
  return page(call, ASSIGNMENTS, rows, (row) => project(row, select));
};

const readAssignment = (call: GraphCall, at: number | undefined): RoleAssignment => {
  const assignment = call.tenant.roleAssignments.get(param(call, 'assignment'), at);
  if (assignment === undefined) throw notFound(param(call, 'assignment'));
  return assignment;
};

const showAssignment = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  return okay(withContext(`${ASSIGNMENTS}/$entity`, assignmentRow(readAssignment(call, call.readAt))));
};

const assignmentShape: Shape = {
  principalId: { type: 'string', required: true },
  roleDefinitionId: { type: 'string', required: true },
  directoryScopeId: { type: 'string', required: true },
};

/** Users, service principals and role-assignable groups may hold roles. */
export const requirePrincipal = (tenant: Tenant, id: string, at: number | undefined): void => {
  const group = tenant.groups.get(id, at);
  if (group !== undefined && !group.isAssignableToRole)
    throw badRequest('The group cannot be assigned to a role: isAssignableToRole is not set.');
  if ((group ?? tenant.users.get(id, at) ?? tenant.servicePrincipals.get(id, at)) === undefined) throw notFound(id);
};

// Unlike other ids of a directory: opaque and case-sensitive.
export const newAssignmentId = (world: World): string => `${world.random.bytes(24).toString('base64url')}-1`;

const assignRole = (call: GraphCall): GraphAnswer => {
  const { tenant, world } = call;
  const body = readBody(call.body, assignmentShape, 'unifiedRoleAssignment');
  const principalId = String(body.principalId).toLowerCase();
  const role = roleById(String(body.roleDefinitionId));
  requirePrincipal(tenant, principalId, call.aimAt);
  if (role === undefined) throw notFound(String(body.roleDefinitionId));
  const directoryScopeId = readScope(tenant, String(body.directoryScopeId), role, call.aimAt);
  const key = { principalId, roleDefinitionId: role.id, directoryScopeId };
  if (findAssignment(tenant, key) !== undefined)
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );

  const assignment: RoleAssignment = { id: newAssignmentId(world), ...key };
  tenant.roleAssignments.set(assignment.id, assignment);
  return created(withContext(`${ASSIGNMENTS}/$entity`, assignmentRow(assignment)));
};

const removeAssignment = (call: GraphCall): GraphAnswer => {
  const assignment = readAssignment(call, call.aimAt);
  // Undocumented, so refused: whoever relies on it would learn only in a customer's tenant that it does not work.
  if (assignment.span !== undefined)
    throw badRequest('The assignment is managed by Privileged Identity Management and is removed by a request to it.');
  call.tenant.roleAssignments.delete(assignment.id);
  return noContent;
};

export const roleAssignmentRoutes: readonly Route[] = [
  { method: 'GET', path: `/${DEFINITIONS}`, needs: [READ_ROLES], handle: listDefinitions },
  { method: 'GET', path: `/${DEFINITIONS}/{role}`, needs: [READ_ROLES], handle: readDefinition },
  { method: 'GET', path: `/${ASSIGNMENTS}`, needs: [READ_ROLES], handle: listAssignments },
  { method: 'POST', path: `/${ASSIGNMENTS}`, needs: [WRITE_ROLES], handle: assignRole },
  { method: 'GET', path: `/${ASSIGNMENTS}/{assignment}`, needs: [READ_ROLES], handle: showAssignment },
  { method: 'DELETE', path: `/${ASSIGNMENTS}/{assignment}`, needs: [WRITE_ROLES], handle: removeAssignment },
];
