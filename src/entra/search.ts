import { directoryUserId, unitId } from '../engine/ids.js';
import type { AdministrativeUnit, ExistingUser } from '../engine/access.js';
import type { DirectoryFault } from '../engine/faults.js';
import type { DirectorySearch } from '../flows/ports/directory-search.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import type { Patience } from './patience.js';
import { beginsWith, filtered, isGuid } from './query.js';
import type { Reach } from './reach.js';
import { readBody, readRows } from './read.js';
import { foundUnit, foundUser, foundUserPage, unitPage } from './user-answers.js';
import type { UserRow } from './user-answers.js';

/** Finding the users and administrative units that somebody means, in one round trip each. */

export const createDirectorySearch = ({ inTenant }: Reach): DirectorySearch => ({
  users: ({ directoryId }, words) =>
    inTenant(directoryId, (graph, patience) => findUsers(graph, words.trim(), patience)),
  user: async ({ directoryId }, key) => {
    const wanted = key.trim();
    // Anything else would name another resource of Graph, or a list.
    if (!isGuid(wanted) && !wanted.includes('@')) return ok(undefined);
    return await inTenant(directoryId, (graph, patience) => readUser(graph, wanted, patience));
  },
  units: ({ directoryId }, words) => {
    const wanted = words.trim();
    return inTenant(directoryId, (graph, patience) =>
      isGuid(wanted) ? readUnit(graph, wanted, patience) : findUnits(graph, wanted, patience),
    );
  },
});

const SEARCHED = ['displayName', 'userPrincipalName', 'mail', 'givenName', 'surname'];

const USER_FIELDS = 'id,userPrincipalName,displayName,userType,onPremisesSyncEnabled';

const MOST_USERS = 50;

const findUsers = async (
  graph: Graph,
  words: string,
  patience: Patience,
): Promise<Result<readonly ExistingUser[], DirectoryFault>> => {
  const anyOf = SEARCHED.map((property) => beginsWith(property, words)).join(' or ');
  const list = `/users?$select=${USER_FIELDS}&$top=${MOST_USERS}`;
  const answer = await graph.send({ method: 'GET', path: words === '' ? list : filtered(list, anyOf) }, patience);
  if (!answer.ok) return err(answer.error.fault);
  // Whoever gets more than one page to choose from types another letter.
  const page = readBody(foundUserPage, answer.value);
  if (!page.ok) return page;
  const users = page.value.value.slice(0, MOST_USERS).map(asExistingUser);
  return ok(users.toSorted((one, other) => one.name.localeCompare(other.name)));
};

const readUser = async (
  graph: Graph,
  key: string,
  patience: Patience,
): Promise<Result<ExistingUser | undefined, DirectoryFault>> => {
  const path = `/users/${encodeURIComponent(key)}?$select=${USER_FIELDS}`;
  const answer = await graph.send({ method: 'GET', path }, patience);
  if (!answer.ok) return err(answer.error.fault);
  if (answer.value.status === 404) return ok(undefined);
  const row = readBody(foundUser, answer.value);
  if (!row.ok) return row;
  const { id, userPrincipalName } = row.value;
  const isMeant = [id, userPrincipalName].some((name) => name.toLowerCase() === key.toLowerCase());
  return isMeant ? ok(asExistingUser(row.value)) : err(malformed('the answer is about another user'));
};

const asExistingUser = (row: UserRow): ExistingUser => ({
  id: directoryUserId(row.id.toLowerCase()),
  upn: row.userPrincipalName,
  name: nameOf(row),
  origin: originOf(row),
});

export const nameOf = ({ displayName, userPrincipalName }: UserRow): string => displayName || userPrincipalName;

export const originOf = ({
  userType,
  onPremisesSyncEnabled,
}: Pick<UserRow, 'userType' | 'onPremisesSyncEnabled'>): ExistingUser['origin'] => {
  if (userType === 'Guest') return 'guest';
  return onPremisesSyncEnabled === true ? 'synced' : 'cloud';
};

const UNITS = '/directory/administrativeUnits';
const UNIT_FIELDS = '$select=id,displayName';

const findUnits = async (
  graph: Graph,
  words: string,
  patience: Patience,
): Promise<Result<readonly AdministrativeUnit[], DirectoryFault>> => {
  const list = `${UNITS}?${UNIT_FIELDS}&$top=999`;
  const path = words === '' ? list : filtered(list, beginsWith('displayName', words));
  const first = await graph.send({ method: 'GET', path }, patience);
  if (!first.ok) return err(first.error.fault);
  const rows = await readRows(graph, unitPage, first.value, patience);
  if (!rows.ok) return rows;
  return ok(rows.value.map(asUnit).toSorted((one, other) => one.name.localeCompare(other.name)));
};

const readUnit = async (
  graph: Graph,
  id: string,
  patience: Patience,
): Promise<Result<readonly AdministrativeUnit[], DirectoryFault>> => {
  const answer = await graph.send({ method: 'GET', path: `${UNITS}/${id}?${UNIT_FIELDS}` }, patience);
  if (!answer.ok) return err(answer.error.fault);
  if (answer.value.status === 404) return ok([]);
  const row = readBody(foundUnit, answer.value);
  if (!row.ok) return row;
  if (row.value.id.toLowerCase() !== id.toLowerCase()) return err(malformed('the answer is about another unit'));
  return ok([asUnit(row.value)]);
};

const asUnit = ({ id, displayName }: { readonly id: string; readonly displayName: string }): AdministrativeUnit => ({
  id: unitId(id.toLowerCase()),
  name: displayName,
});
