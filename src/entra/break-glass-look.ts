import type { HeldRole } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import { breakGlassId, directoryUserId } from '../engine/ids.js';
import type { DirectoryUserId } from '../engine/ids.js';
import type { Tenant } from '../engine/tenant.js';
import type { FoundUser } from '../flows/ports/break-glass.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { initialDomainPage, keptUser } from './break-glass-answers.js';
import { GLOBAL_ADMINISTRATOR, writeMark } from './break-glass-mark.js';
import type { Graph } from './call.js';
import { faultOf, malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { readHeldRoles } from './held.js';
import { pathsOf, userPath } from './observe.js';
import type { Patience } from './patience.js';
import { readBody, readRows, readTogether } from './read.js';
import { same } from './reading.js';
import type { Reading } from './reading.js';
import { originOf } from './search.js';
import { tagAttribute } from './tag.js';

/** Reading an emergency administrator: by object id in one round trip, by name in two. */

type Read<T> = Promise<Result<T, DirectoryFault>>;

export const readInitialDomain = async (graph: Graph, patience: Patience): Read<string | undefined> => {
  const first = await graph.send({ method: 'GET', path: '/domains' }, patience);
  if (!first.ok) return err(first.error.fault);
  const rows = await readRows(graph, initialDomainPage, first.value, patience);
  if (!rows.ok) return rows;
  return ok(rows.value.find(({ isInitial, isVerified }) => isInitial === true && isVerified)?.id);
};

// A tenant without PIM refuses to list schedules, and then every role that it shows is one for good.
const readingOf = (graph: Graph, patience: Patience): Reading => ({
  graph,
  patience,
  tagAttribute: tagAttribute(graph.clientId),
  look: { schedules: 'wanted' },
});

export const findByName = async (
  graph: Graph,
  patience: Patience,
  tenant: Tenant,
  upn: string,
): Read<FoundUser | undefined> => {
  const path = userPath(readingOf(graph, patience), upn);
  const found = await graph.send({ method: 'GET', path }, patience);
  if (!found.ok) return err(found.error.fault);
  if (found.value.status === 404) return ok(undefined);
  const user = readBody(keptUser, found.value);
  if (!user.ok) return user;
  if (!same(user.value.userPrincipalName, upn)) return err(malformed('the answer is about another user'));
  return findById(graph, patience, tenant, directoryUserId(user.value.id.toLowerCase()));
};

export const findById = async (
  graph: Graph,
  patience: Patience,
  tenant: Tenant,
  objectId: DirectoryUserId,
): Read<FoundUser | undefined> => {
  const reading = readingOf(graph, patience);
  const { passes: _none, ...paths } = pathsOf(reading, objectId);
  const answers = await readTogether(graph, paths as Readonly<Record<keyof typeof paths, string>>, patience);
  if (!answers.ok) return answers;
  const { user, groups, assignments, schedules } = answers.value;
  if (user.status === 404) {
    // One answer alone may come from a replica that lags.
    return groups.status === 404 ? ok(undefined) : err({ code: 'directory.unavailable', detail: faultOf(user).detail });
  }
  const row = readRow(reading, tenant, user);
  if (!row.ok) return row;
  if (!same(row.value.objectId, objectId)) return err(malformed('the answer is about another user'));
  const roles = await readHeldRoles(reading, objectId, { assignments, ...(schedules && { schedules }) });
  if (!roles.ok) return roles;
  const isForGood = ({ role, until }: HeldRole): boolean => role === GLOBAL_ADMINISTRATOR && until === undefined;
  const isAdministrator = roles.value.assignments.some(isForGood);
  return ok({ ...row.value, isAdministrator });
};

const readRow = (
  reading: Reading,
  tenant: Tenant,
  answer: GraphAnswer,
): Result<Omit<FoundUser, 'isAdministrator'>, DirectoryFault> => {
  const row = readBody(keptUser, answer);
  if (!row.ok) return row;
  const { id, userPrincipalName, accountEnabled } = row.value;
  const [name = ''] = userPrincipalName.split('@', 1);
  return ok({
    objectId: directoryUserId(id.toLowerCase()),
    upn: userPrincipalName,
    marked: row.value[reading.tagAttribute] === writeMark(breakGlassId(tenant.id, name.toLowerCase())),
    enabled: accountEnabled,
    origin: originOf(row.value),
  });
};
