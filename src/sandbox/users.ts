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
import { guid } from './guid.js';
import { membershipId, type Password, type Tenant, type User } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { readSearch } from './odata-search.js';
import { page } from './page.js';
import { DELETE_USERS, hasAny, READ_USERS, requireAny, WRITE_USERS } from './permissions.js';
import { requireRank, requireResetter } from './privilege.js';
import { readBody, type Body } from './properties.js';
import { badRequest, invalidValue, notFound } from './refusal.js';
import { stripRoles } from './role-schedules.js';
import { digest } from './secrets.js';
import { SEARCHABLE, SHOWN_BY_DEFAULT } from './user-properties.js';
import { checkMasteredHere, checkNotTaken, checkPassword, checkUserPrincipalName, isFederated } from './user-rules.js';

/** `/users`: creating, reading, changing, deleting, and ending sessions. */

/** A live user by id or user principal name. */
export const findUser = (tenant: Tenant, idOrName: string, at?: number): User => {
  const user = tenant.users.get(idOrName.toLowerCase(), at) ?? tenant.users.withKey(idOrName.toLowerCase(), at)[0];
  if (user === undefined) throw notFound(idOrName);
  return user;
};

const rows = new WeakMap<User, Row>();

/** A user as Graph shows it. A user is a value, changed by putting another in its place, so its row is made once. */
export const userRow = (user: User): Row => {
  const { id, userPrincipalName, accountEnabled } = user;
  const row = rows.get(user) ?? { ...user.properties, id, userPrincipalName, accountEnabled };
  rows.set(user, row);
  return row;
};

const asText = (value: unknown, property: string): string => {
  if (typeof value !== 'string') throw invalidValue(property, 'User');
  return value;
};

const readPassword = (tenant: Tenant, profile: unknown, userPrincipalName: string, before?: Password): Password => {
  if (isFederated(tenant, { userPrincipalName }))
    throw badRequest('The password of a federated user cannot be set here.');
  const { password, forceChangePasswordNextSignIn, forceChangePasswordNextSignInWithMfa } = profile as Body;
  if (typeof password === 'string') checkPassword(password, userPrincipalName);
  // Graph's own default: whoever gets a password set by somebody else has to change it.
  const forced =
    forceChangePasswordNextSignIn ??
    forceChangePasswordNextSignInWithMfa ??
    (typeof password === 'string' ? true : before?.mustChange);
  return {
    digest: typeof password === 'string' ? digest(password) : (before?.digest ?? ''),
    mustChange: forced === true,
  };
};

const PASSWORD_POLICIES = ['none', 'disablepasswordexpiration', 'disablestrongpassword'];

const checkPolicies = (value: unknown): void => {
  if (typeof value !== 'string') return;
  if (!value.split(',').every((each) => PASSWORD_POLICIES.includes(each.trim().toLowerCase())))
    throw invalidValue('passwordPolicies', 'User');
};

// Kept apart from the property bag, because rules hang on them.
const KEPT_APART = ['accountEnabled', 'passwordProfile', 'userPrincipalName'];

const ordinaryProperties = (body: Body): Body =>
  Object.fromEntries(
    Object.entries(body).filter(([name]) => !KEPT_APART.includes(name) && !name.startsWith('@odata.')),
  );

const create = (call: GraphCall): GraphAnswer => {
  const { tenant, world, now } = call;
  const { createShape } = world.userProperties;
  const body = readBody(call.body, createShape, 'User');
  const userPrincipalName = asText(body.userPrincipalName, 'userPrincipalName');
  checkUserPrincipalName(tenant, userPrincipalName);
  checkPolicies(body.passwordPolicies);
  const password = readPassword(tenant, body.passwordProfile, userPrincipalName);
  checkNotTaken(tenant, userPrincipalName);

  const user: User = {
    id: guid(world.random),
    userPrincipalName,
    accountEnabled: body.accountEnabled === true,
    password,
    properties: {
      businessPhones: [],
      userType: 'Member',
      ...ordinaryProperties(body),
      createdDateTime: now.toISOString(),
      lastPasswordChangeDateTime: now.toISOString(),
      signInSessionsValidFromDateTime: now.toISOString(),
    },
  };
  tenant.users.set(user.id, user);
  return created(withContext('users/$entity', project(userRow(user), SHOWN_BY_DEFAULT)));
};

const list = (call: GraphCall): GraphAnswer => {
  const { known, filterable } = call.world.userProperties;
  checkOptions(call.query, [...LIST_OPTIONS, '$search']);
  const select = readSelect(call.query, 'microsoft.graph.user', known, SHOWN_BY_DEFAULT);
  const filter = readFilter(call.query, filterable);
  const isFound = readSearch(call, SEARCHABLE);
  const { userPrincipalName } = filter.pins;
  const { users } = call.tenant;
  const candidates =
    userPrincipalName === undefined ? users.all(call.readAt) : users.withKey(userPrincipalName, call.readAt);
  const rows = candidates.map(userRow).filter((row) => filter.test(row) && isFound(row));
  return page(call, 'users', rows, (row) => project(row, select));
};

const read = (call: GraphCall): GraphAnswer => {
  const { known } = call.world.userProperties;
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.user', known, SHOWN_BY_DEFAULT);
  const user = findUser(call.tenant, param(call, 'user'), call.readAt);
  return okay(withContext('users/$entity', project(userRow(user), select)));
};

const requireForEnabling = (call: GraphCall): void => {
  if (hasAny(call.caller.permissions, WRITE_USERS)) return;
  requireAny(call.caller.permissions, ['User.EnableDisableAccount.All']);
  requireAny(call.caller.permissions, READ_USERS);
};

const SPECIAL = ['accountEnabled', 'passwordProfile'];

/** Each property has its own door: the account's state and its password need more, or other, than the rest. */
const requireForUpdate = (call: GraphCall, user: User, body: Body): void => {
  if (Object.hasOwn(body, 'accountEnabled')) {
    requireForEnabling(call);
    requireRank(call.tenant, call.caller, user.id);
  }
  if (Object.hasOwn(body, 'passwordProfile')) {
    requireAny(call.caller.permissions, ['User-PasswordProfile.ReadWrite.All']);
    requireResetter(call.tenant, call.caller, user.id);
  }
  if (Object.keys(body).some((name) => !SPECIAL.includes(name))) requireAny(call.caller.permissions, WRITE_USERS);
  if (Object.hasOwn(body, 'userPrincipalName')) requireRank(call.tenant, call.caller, user.id);
};

const update = (call: GraphCall): GraphAnswer => {
  const { tenant, world, now } = call;
  const body = readBody(call.body, world.userProperties.updateShape, 'User');
  const user = findUser(tenant, param(call, 'user'), call.aimAt);
  requireForUpdate(call, user, body);
  checkMasteredHere(user, body);

  const userPrincipalName = Object.hasOwn(body, 'userPrincipalName')
    ? asText(body.userPrincipalName, 'userPrincipalName')
    : user.userPrincipalName;
  if (userPrincipalName !== user.userPrincipalName) {
    checkUserPrincipalName(tenant, userPrincipalName);
    checkNotTaken(tenant, userPrincipalName, user.id);
  }
  checkPolicies(body.passwordPolicies);
  const passwordChanges = Object.hasOwn(body, 'passwordProfile');

  tenant.users.set(user.id, {
    ...user,
    userPrincipalName,
    accountEnabled: typeof body.accountEnabled === 'boolean' ? body.accountEnabled : user.accountEnabled,
    password: passwordChanges
      ? readPassword(tenant, body.passwordProfile, userPrincipalName, user.password)
      : user.password,
    properties: {
      ...user.properties,
      ...ordinaryProperties(body),
      ...(passwordChanges ? { lastPasswordChangeDateTime: now.toISOString() } : {}),
    },
  });
  return noContent;
};

/** Kept for thirty days; roles, memberships and passes end at once. */
export const deleteUser = (call: GraphCall): GraphAnswer => {
  const { tenant, now } = call;
  const user = findUser(tenant, param(call, 'user'), call.aimAt);
  requireRank(tenant, call.caller, user.id);
  stripRoles(tenant, user.id);
  const memberships = tenant.memberships.withKey(user.id);
  for (const { groupId } of memberships) tenant.memberships.delete(membershipId(groupId, user.id));
  for (const pass of tenant.accessPasses.withKey(user.id)) tenant.accessPasses.delete(pass.id);
  tenant.users.delete(user.id);
  tenant.deletedUsers.set(user.id, { user, groupIds: memberships.map(({ groupId }) => groupId), deletedAt: now });
  return noContent;
};

const revokeSessions = (call: GraphCall): GraphAnswer => {
  const { tenant, now } = call;
  if (call.body !== undefined) readBody(call.body, {}, 'revokeSignInSessions');
  const user = findUser(tenant, param(call, 'user'), call.aimAt);
  tenant.users.set(user.id, {
    ...user,
    properties: { ...user.properties, signInSessionsValidFromDateTime: now.toISOString() },
  });
  return okay(withContext('Edm.Boolean', { value: true }));
};

export const userRoutes: readonly Route[] = [
  { method: 'POST', path: '/users', needs: [WRITE_USERS], handle: create },
  { method: 'GET', path: '/users', needs: [READ_USERS], handle: list },
  { method: 'GET', path: '/users/{user}', needs: [READ_USERS], handle: read },
  { method: 'PATCH', path: '/users/{user}', needs: [], handle: update },
  { method: 'DELETE', path: '/users/{user}', needs: [DELETE_USERS], handle: deleteUser },
  {
    method: 'POST',
    path: '/users/{user}/revokeSignInSessions',
    needs: [['User.RevokeSessions.All', ...WRITE_USERS]],
    handle: revokeSessions,
  },
];
