import { addMs, DAY } from '../lib/clock.js';
import { noContent, okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import { membershipId, type DeletedUser } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { DELETE_USERS, READ_USERS } from './permissions.js';
import { readBody } from './properties.js';
import { notFound } from './refusal.js';
import { SHOWN_BY_DEFAULT } from './user-properties.js';
import { checkNotTaken } from './user-rules.js';
import { userRow } from './users.js';

/** `/directory/deletedItems`: deleted users, for thirty days. */

const KEPT_MS = 30 * DAY;

// Entra prefixes the name, so that it is free for somebody else at once.
const deletedRow = ({ user, deletedAt }: DeletedUser): Row => ({
  ...userRow(user),
  userPrincipalName: `${user.id.replaceAll('-', '')}${user.userPrincipalName}`,
  deletedDateTime: deletedAt.toISOString(),
});

const isKept = (call: GraphCall, deleted: DeletedUser): boolean => addMs(deleted.deletedAt, KEPT_MS) > call.now;

const findDeleted = (call: GraphCall, at: number | undefined): DeletedUser => {
  const deleted = call.tenant.deletedUsers.get(param(call, 'item').toLowerCase(), at);
  if (deleted === undefined || !isKept(call, deleted)) throw notFound(param(call, 'item'));
  return deleted;
};

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const { known, filterable } = call.world.userProperties;
  const select = readSelect(call.query, 'microsoft.graph.user', known, [...SHOWN_BY_DEFAULT, 'deletedDateTime']);
  const filter = readFilter(call.query, filterable);
  const kept = call.tenant.deletedUsers.all(call.readAt).filter((deleted) => isKept(call, deleted));
  return page(call, 'directoryObjects', kept.map(deletedRow).filter(filter.test), (row) => project(row, select));
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const { known } = call.world.userProperties;
  const select = readSelect(call.query, 'microsoft.graph.user', known, [...SHOWN_BY_DEFAULT, 'deletedDateTime']);
  const row = deletedRow(findDeleted(call, call.readAt));
  return okay(
    withContext('directoryObjects/$entity', { '@odata.type': '#microsoft.graph.user', ...project(row, select) }),
  );
};

const restore = (call: GraphCall): GraphAnswer => {
  const { tenant } = call;
  if (call.body !== undefined) readBody(call.body, { autoReconcileProxyConflict: { type: 'boolean' } }, 'restore');
  const { user, groupIds } = findDeleted(call, call.aimAt);
  checkNotTaken(tenant, user.userPrincipalName);
  tenant.deletedUsers.delete(user.id);
  tenant.users.set(user.id, user);
  for (const groupId of groupIds)
    tenant.memberships.set(membershipId(groupId, user.id), { groupId, memberId: user.id });
  return okay(
    withContext('directoryObjects/$entity', {
      '@odata.type': '#microsoft.graph.user',
      ...project(userRow(user), SHOWN_BY_DEFAULT),
    }),
  );
};

const purge = (call: GraphCall): GraphAnswer => {
  call.tenant.deletedUsers.delete(findDeleted(call, call.aimAt).user.id);
  return noContent;
};

const ITEMS = '/directory/deletedItems';

export const deletedItemRoutes: readonly Route[] = [
  { method: 'GET', path: `${ITEMS}/microsoft.graph.user`, needs: [READ_USERS], handle: list },
  { method: 'GET', path: `${ITEMS}/{item}`, needs: [READ_USERS], handle: read },
  { method: 'POST', path: `${ITEMS}/{item}/restore`, needs: [DELETE_USERS], handle: restore },
  { method: 'DELETE', path: `${ITEMS}/{item}`, needs: [DELETE_USERS], handle: purge },
];
