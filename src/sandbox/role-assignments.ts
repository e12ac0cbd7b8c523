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
import type { World } from './world.js';

/** `/roleManagement/directory`: the built-in roles, and who holds them for good. */

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

const assignmentRow = (assignment: RoleAssignment): Row => ({ ...assignment });

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

const findAssignment = (call: GraphCall, at: number | undefined): RoleAssignment => {
  const assignment = call.tenant.roleAssignments.get(param(call, 'assignment'), at);
  if (assignment === undefined) throw notFound(param(call, 'assignment'));
  return assignment;
};

const readAssignment = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  return okay(withContext(`${ASSIGNMENTS}/$entity`, assignmentRow(findAssignment(call, call.readAt))));
};

const assignmentShape: Shape = {
  principalId: { type: 'string', required: true },
  roleDefinitionId: { type: 'string', required: true },
  directoryScopeId: { type: 'string', required: true },
};

/** Users, service principals and role-assignable groups may hold roles. */
const requirePrincipal = (tenant: Tenant, id: string, at: number | undefined): void => {
  const group = tenant.groups.get(id, at);
  if (group !== undefined && !group.isAssignableToRole)
    throw badRequest('The group cannot be assigned to a role: isAssignableToRole is not set.');
  if ((group ?? tenant.users.get(id, at) ?? tenant.servicePrincipals.get(id, at)) === undefined) throw notFound(id);
};

export const isAssigned = (tenant: Tenant, principalId: string, roleDefinitionId: string): boolean =>
  tenant.roleAssignments.withKey(principalId).some((each) => each.roleDefinitionId === roleDefinitionId);

// Unlike other ids of a directory: opaque and case-sensitive.
export const newAssignmentId = (world: World): string => `${world.random.bytes(24).toString('base64url')}-1`;

const assignRole = (call: GraphCall): GraphAnswer => {
  const { tenant, world } = call;
  const body = readBody(call.body, assignmentShape, 'unifiedRoleAssignment');
  const principalId = String(body.principalId).toLowerCase();
  const role = roleById(String(body.roleDefinitionId));
  requirePrincipal(tenant, principalId, call.aimAt);
  if (role === undefined) throw notFound(String(body.roleDefinitionId));
  if (body.directoryScopeId !== '/') throw notFound(String(body.directoryScopeId));
  if (isAssigned(tenant, principalId, role.id))
    throw badRequest(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );

  const assignment: RoleAssignment = {
    id: newAssignmentId(world),
    principalId,
    roleDefinitionId: role.id,
    directoryScopeId: '/',
  };
  tenant.roleAssignments.set(assignment.id, assignment);
  return created(withContext(`${ASSIGNMENTS}/$entity`, assignmentRow(assignment)));
};

const removeAssignment = (call: GraphCall): GraphAnswer => {
  call.tenant.roleAssignments.delete(findAssignment(call, call.aimAt).id);
  return noContent;
};

export const roleAssignmentRoutes: readonly Route[] = [
  { method: 'GET', path: `/${DEFINITIONS}`, needs: [READ_ROLES], handle: listDefinitions },
  { method: 'GET', path: `/${DEFINITIONS}/{role}`, needs: [READ_ROLES], handle: readDefinition },
  { method: 'GET', path: `/${ASSIGNMENTS}`, needs: [READ_ROLES], handle: listAssignments },
  { method: 'POST', path: `/${ASSIGNMENTS}`, needs: [WRITE_ROLES], handle: assignRole },
  { method: 'GET', path: `/${ASSIGNMENTS}/{assignment}`, needs: [READ_ROLES], handle: readAssignment },
  { method: 'DELETE', path: `/${ASSIGNMENTS}/{assignment}`, needs: [WRITE_ROLES], handle: removeAssignment },
];
