import { READ_APPS } from './applications.js';
import { findPrincipal } from './directory.js';
import { noContent, okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import { groupsOf, membersOf } from './memberships.js';
import { membershipId, type Group, type GroupKind, type Tenant } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import {
  DELETE_USERS,
  hasAny,
  READ_GROUPS,
  READ_USERS,
  requireAny,
  WRITE_MEMBERS,
  WRITE_ROLES,
} from './permissions.js';
import { rolesHeldBy } from './privilege.js';
import { readBody, type Shape } from './properties.js';
import { badRequest, denied, invalidValue, notFound } from './refusal.js';
import { roleById } from './role-catalog.js';
import { SHOWN_BY_DEFAULT } from './user-properties.js';
import { deleteUser, findUser, userRow } from './users.js';

/** `/groups`, their members, and what a user is a member of. */

const ALL_USERS_RULE = { membershipRule: 'user.objectId -ne null', membershipRuleProcessingState: 'On' };

/** What Graph says of a group of each kind: these properties together are the kind. */
const KINDS: Readonly<Record<GroupKind, Row>> = {
  security: { groupTypes: [], mailEnabled: false, securityEnabled: true },
  'microsoft-365': { groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false },
  'all-users': { groupTypes: ['DynamicMembership'], mailEnabled: false, securityEnabled: true, ...ALL_USERS_RULE },
  'mail-enabled': { groupTypes: [], mailEnabled: true, securityEnabled: true },
  distribution: { groupTypes: [], mailEnabled: true, securityEnabled: false },
};

const groupRow = (group: Group): Row => ({
  id: group.id,
  createdDateTime: group.createdDateTime,
  description: group.description,
  displayName: group.displayName,
  isAssignableToRole: group.isAssignableToRole,
  mail: null,
  membershipRule: null,
  membershipRuleProcessingState: null,
  mailNickname: group.mailNickname,
  onPremisesSyncEnabled: null,
  visibility: null,
  ...KINDS[group.kind],
});

const GROUP_PROPERTIES = [
  'id',
  'createdDateTime',
  'description',
  'displayName',
  'groupTypes',
  'isAssignableToRole',
  'mail',
  'mailEnabled',
  'mailNickname',
  'membershipRule',
  'membershipRuleProcessingState',
  'onPremisesSyncEnabled',
  'securityEnabled',
  'visibility',
];

const KNOWN = new Set(GROUP_PROPERTIES);
const FILTERABLE = new Set(['id', 'displayName', 'isAssignableToRole', 'mailNickname', 'securityEnabled']);

const selectGroup = (query: URLSearchParams): readonly string[] => readSelect(query, 'microsoft.graph.group', KNOWN);

const findGroup = (tenant: Tenant, id: string, at?: number): Group => {
  const group = tenant.groups.get(id.toLowerCase(), at);
  if (group === undefined) throw notFound(id);
  return group;
};

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = selectGroup(call.query);
  const filter = readFilter(call.query, FILTERABLE);
  return page(call, 'groups', call.tenant.groups.all(call.readAt).map(groupRow).filter(filter.test), (row) =>
    project(row, select),
  );
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const group = findGroup(call.tenant, param(call, 'group'), call.readAt);
  return okay(withContext('groups/$entity', project(groupRow(group), selectGroup(call.query))));
};

/** Membership of such a group is as good as a role, so it takes the permission to hand out roles. */
const requireForMembers = (call: GraphCall, group: Group): void => {
  if (group.isAssignableToRole) requireAny(call.caller.permissions, WRITE_ROLES);
};

/** Graph keeps its hands off members that a rule decides about, and off those that Exchange keeps. */
const requireChangeable = ({ kind }: Group): void => {
  if (kind === 'all-users') throw denied();
  if (kind === 'mail-enabled' || kind === 'distribution')
    throw badRequest('Cannot Update a mail-enabled security groups and or distribution list.');
};

const REFERENCE = /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|users)\/([0-9a-f-]{36})$/i;

const referenceShape: Shape = {};

/** The id of the directory object that a body refers to by its address. */
export const readReference = (body: unknown): string => {
  const { '@odata.id': reference } = readBody(body, referenceShape, 'directoryObject');
  const id = typeof reference === 'string' ? REFERENCE.exec(reference)?.[1] : undefined;
  if (id === undefined) throw invalidValue('@odata.id', 'directoryObject');
  return id.toLowerCase();
};

const addMember = (call: GraphCall): GraphAnswer => {
  const { tenant } = call;
  const group = findGroup(tenant, param(call, 'group'), call.aimAt);
  requireForMembers(call, group);
  requireChangeable(group);
  const memberId = readReference(call.body);
  if (tenant.users.get(memberId, call.aimAt) === undefined) throw notFound(memberId);
  const id = membershipId(group.id, memberId);
  if (tenant.memberships.get(id) !== undefined)
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  tenant.memberships.set(id, { groupId: group.id, memberId });
  return noContent;
};

const removeMember = (call: GraphCall): GraphAnswer => {
  const group = findGroup(call.tenant, param(call, 'group'), call.aimAt);
  requireForMembers(call, group);
  requireChangeable(group);
  const id = membershipId(group.id, param(call, 'user').toLowerCase());
  if (call.tenant.memberships.get(id, call.aimAt) === undefined) throw notFound(param(call, 'user'));
  call.tenant.memberships.delete(id);
  return noContent;
};

const MEMBER_PROPERTIES = new Set(['id', 'displayName', 'userPrincipalName']);

const listMembers = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select', '$top', '$count', '$skiptoken']);
  const group = findGroup(call.tenant, param(call, 'group'), call.readAt);
  const select = readSelect(call.query, 'microsoft.graph.directoryObject', MEMBER_PROPERTIES);
  return page(call, 'directoryObjects', membersOf(call.tenant, group, call.readAt), (user) => ({
    '@odata.type': '#microsoft.graph.user',
    ...project(userRow(user), select),
  }));
};

/** Whoever may read groups but not users learns that there are members, and nothing more of them than their ids. */
const listUserMembers = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select', '$top', '$count', '$skiptoken']);
  const group = findGroup(call.tenant, param(call, 'group'), call.readAt);
  const select = readSelect(call.query, 'microsoft.graph.user', call.world.userProperties.known, SHOWN_BY_DEFAULT);
  const isOpen = hasAny(call.caller.permissions, READ_USERS);
  return page(call, 'users', membersOf(call.tenant, group, call.readAt), (user) =>
    project(isOpen ? userRow(user) : { id: user.id }, select),
  );
};

const groupRowsOf = (call: GraphCall): Row[] => {
  const user = findUser(call.tenant, param(call, 'user'), call.readAt);
  return groupsOf(call.tenant, user.id, call.readAt).map(groupRow);
};

const listGroupsOf = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select', '$top', '$count', '$skiptoken']);
  const select = selectGroup(call.query);
  return page(call, 'groups', groupRowsOf(call), (row) => project(row, select));
};

/** Whoever may read apps but not groups learns the ids of an app's groups, and nothing more of them. */
const listGroupsOfPrincipal = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select', '$top', '$count', '$skiptoken']);
  const select = selectGroup(call.query);
  const isOpen = hasAny(call.caller.permissions, READ_GROUPS);
  const groups = groupsOf(call.tenant, findPrincipal(call).id, call.readAt);
  return page(call, 'groups', groups, (group) => project(isOpen ? groupRow(group) : { id: group.id }, select));
};

const roleRow = (roleId: string): Row => ({
  '@odata.type': '#microsoft.graph.directoryRole',
  id: roleId,
  displayName: roleById(roleId)?.displayName ?? null,
  roleTemplateId: roleId,
});

const listMemberships = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$count', '$skiptoken']);
  const user = findUser(call.tenant, param(call, 'user'), call.readAt);
  const groups = groupRowsOf(call).map((row): Row => ({ '@odata.type': '#microsoft.graph.group', ...row }));
  const roles = [...rolesHeldBy(call.tenant, user.id, call.readAt)].map(roleRow);
  return page(call, 'directoryObjects', [...groups, ...roles], (row) => row);
};

export const groupRoutes: readonly Route[] = [
  { method: 'GET', path: '/groups', needs: [READ_GROUPS], handle: list },
  { method: 'GET', path: '/groups/{group}', needs: [READ_GROUPS], handle: read },
  { method: 'GET', path: '/groups/{group}/members', needs: [READ_GROUPS], handle: listMembers },
  {
    method: 'GET',
    path: '/groups/{group}/members/microsoft.graph.user',
    needs: [READ_GROUPS],
    handle: listUserMembers,
  },
  { method: 'POST', path: '/groups/{group}/members/$ref', needs: [WRITE_MEMBERS], handle: addMember },
  { method: 'DELETE', path: '/groups/{group}/members/{user}/$ref', needs: [WRITE_MEMBERS], handle: removeMember },
  // As in Graph: without `/$ref` the path names the user, not the membership.
  { method: 'DELETE', path: '/groups/{group}/members/{user}', needs: [DELETE_USERS], handle: deleteUser },
  { method: 'GET', path: '/users/{user}/memberOf', needs: [READ_GROUPS], handle: listMemberships },
  { method: 'GET', path: '/users/{user}/memberOf/microsoft.graph.group', needs: [READ_GROUPS], handle: listGroupsOf },
  { method: 'GET', path: '/users/{user}/transitiveMemberOf', needs: [READ_GROUPS], handle: listMemberships },
  {
    method: 'GET',
    path: '/users/{user}/transitiveMemberOf/microsoft.graph.group',
    needs: [READ_GROUPS],
    handle: listGroupsOf,
  },
  ...['/servicePrincipals/{principal}', '/servicePrincipals(appId)/{appId}'].map((principal): Route => ({
    method: 'GET',
    path: `${principal}/memberOf/microsoft.graph.group`,
    needs: [READ_APPS],
    handle: listGroupsOfPrincipal,
  })),
];
