import type { ExistingUser } from '../engine/access.js';
import type { Observed } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import { directoryGroupId } from '../engine/ids.js';
import type { DirectoryUser } from '../flows/ports.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { groupPage, userAnswer } from './answers.js';
import type { GroupRow } from './answers.js';
import { faultOf, malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { readHeldPasses, readHeldRoles } from './held.js';
import { readBody, readRows, readTogether } from './read.js';
import { same } from './reading.js';
import type { AccessAnswers, AccessPaths, Reading, UserAnswers } from './reading.js';
import { originOf } from './search.js';
import { readTag } from './tag.js';

/** What the directory says about an account's user: by its object id in one round trip, by its name in two. */

type Outcome = Result<Observed, DirectoryFault>;

/** What is read of the user object itself. */
interface UserRow {
  readonly objectId: string;
  readonly upn: string;
  readonly enabled: boolean;
  readonly origin: ExistingUser['origin'];
  readonly tag: unknown;
}

const ABSENT: Outcome = ok({ exists: false });

const USER_PROPERTIES = 'id,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled';

/** `key`: an object id or a user principal name. */
export const userPath = (reading: Pick<Reading, 'tagAttribute'>, key: string): string =>
  `/users/${encodeURIComponent(key)}?$select=${USER_PROPERTIES},${reading.tagAttribute}`;

const GROUP_PROPERTIES = 'id,groupTypes,mailEnabled,isAssignableToRole';

// As large as Graph allows, so that hardly anybody's list takes a second page.
const accessPaths = ({ look }: Pick<Reading, 'look'>, objectId: string): AccessPaths => {
  const user = `/users/${encodeURIComponent(objectId)}`;
  const filter = encodeURIComponent(`principalId eq '${objectId}'`);
  return {
    assignments: `/roleManagement/directory/roleAssignments?$filter=${filter}`,
    groups: `${user}/memberOf/microsoft.graph.group?$select=${GROUP_PROPERTIES}&$top=999`,
    ...(look.passes === undefined ? {} : { passes: `${user}/authentication/temporaryAccessPassMethods` }),
    ...(look.schedules === undefined
      ? {}
      : { schedules: `/roleManagement/directory/roleAssignmentSchedules?$filter=${filter}` }),
  };
};

/** Everything that is read of a user whose object id is known. */
export const pathsOf = (
  reading: Pick<Reading, 'tagAttribute' | 'look'>,
  objectId: string,
): AccessPaths & { readonly user: string } => ({
  user: userPath(reading, objectId),
  ...accessPaths(reading, objectId),
});

/** An answer to each path that there is. */
const readPaths = async <Paths extends AccessPaths>(
  { graph, patience }: Reading,
  paths: Paths,
): Promise<Result<{ readonly [Name in keyof Paths]: GraphAnswer }, DirectoryFault>> => {
  const asked = Object.fromEntries(Object.entries(paths).filter(([, path]) => path !== undefined));
  const answers = await readTogether(graph, asked, patience);
  return answers as Result<{ readonly [Name in keyof Paths]: GraphAnswer }, DirectoryFault>;
};

const readUser = (reading: Reading, answer: GraphAnswer): Result<UserRow, DirectoryFault> => {
  const row = readBody(userAnswer, answer);
  if (!row.ok) return row;
  const { id, userPrincipalName, accountEnabled, userType, onPremisesSyncEnabled } = row.value;
  return ok({
    objectId: id,
    upn: userPrincipalName,
    enabled: accountEnabled,
    origin: originOf({ userType, onPremisesSyncEnabled }),
    tag: row.value[reading.tagAttribute],
  });
};

export const observe = (reading: Reading, user: DirectoryUser): Promise<Outcome> =>
  user.objectId === undefined ? observeByName(reading, user) : observeById(reading, user, user.objectId);

const observeById = async (reading: Reading, user: DirectoryUser, objectId: string): Promise<Outcome> => {
  const answers = await readPaths(reading, pathsOf(reading, objectId));
  return answers.ok ? understand(reading, user, objectId, answers.value) : answers;
};

/** What the answers to `pathsOf` say; reads on where a list goes on. */
export const understand = async (
  reading: Reading,
  user: DirectoryUser,
  objectId: string,
  answers: UserAnswers,
): Promise<Outcome> => {
  if (answers.user.status === 404) return isGone(answers) ? ABSENT : err(disagreement(answers.user));
  const row = readUser(reading, answers.user);
  if (!row.ok) return row;
  if (!same(row.value.objectId, objectId)) return err(malformed('the answer is about another user'));
  return readAccess(reading, user, row.value, answers);
};

/** One answer alone may come from a replica that lags or errs: who is not there is in no group's list of members either. */
const isGone = ({ groups }: UserAnswers): boolean => groups.status === 404;

/** One replica knows the user and another does not: no access may be concluded from that. */
const disagreement = (answer: GraphAnswer): DirectoryFault => ({
  code: 'directory.unavailable',
  detail: faultOf(answer).detail,
});

const observeByName = async (reading: Reading, user: DirectoryUser): Promise<Outcome> => {
  const { graph, patience } = reading;
  const found = await graph.send({ method: 'GET', path: userPath(reading, user.upn) }, patience);
  if (!found.ok) return err(found.error.fault);
  const row = identify(reading, user, found.value);
  if (!row.ok) return row;
  if (row.value === undefined) return ABSENT;
  const answers = await readPaths(reading, accessPaths(reading, row.value.objectId));
  return answers.ok ? readAccess(reading, user, row.value, answers.value) : answers;
};

/**
 * The account's user, from the answer to its name. A user of that name need not be ours: only the tag tells. Somebody
 * else's is never touched, so it is never described either.
 */
export const identify = (
  reading: Reading,
  user: DirectoryUser,
  answer: GraphAnswer,
): Result<UserRow | undefined, DirectoryFault> => {
  if (answer.status === 404) return ok(undefined);
  const row = readUser(reading, answer);
  if (!row.ok) return row;
  if (!same(row.value.upn, user.upn)) return err(malformed('the answer is about another user'));
  if (readTag(row.value.tag)?.account !== user.account) {
    return err({ code: 'directory.name-taken', detail: `${row.value.objectId} has the name and is not ours` });
  }
  return row;
};

const readAccess = async (
  reading: Reading,
  user: DirectoryUser,
  row: UserRow,
  answers: AccessAnswers,
): Promise<Outcome> => {
  const { graph, patience } = reading;
  for (const answer of [answers.assignments, answers.groups]) {
    if (answer.status === 404) return err(disagreement(answer));
  }
  const roles = await readHeldRoles(reading, row.objectId, answers);
  if (!roles.ok) return roles;
  const groups = await readRows(graph, groupPage, answers.groups, patience);
  if (!groups.ok) return groups;
  const passes = await readHeldPasses(reading, answers.passes);
  if (!passes.ok) return passes;
  const tag = readTag(row.tag);
  const isTagged = tag?.account === user.account;
  return ok({
    exists: true,
    objectId: row.objectId,
    enabled: row.enabled,
    ...(isTagged ? { generation: tag.generation } : {}),
    deletable: isTagged && row.origin === 'cloud',
    origin: row.origin,
    upn: row.upn,
    ...roles.value,
    groups: groups.value.filter(canBeLeft).map(({ id, isAssignableToRole }) => ({
      id: directoryGroupId(id.toLowerCase()),
      // One that does not say counts as one that can carry roles.
      roleAssignable: isAssignableToRole !== false,
    })),
    ...(passes.value === undefined ? {} : { passes: passes.value }),
  });
};

/**
 * Graph removes nobody from a group whose members a rule names, such as one of all users, nor from a mail-enabled
 * security group or a distribution list, which Exchange keeps. Counted as access, such a membership could never be taken
 * back and no end ever be confirmed. Leaving it out gives no role away: only a role-assignable group can carry one, Entra
 * makes none of these kinds role-assignable, and should one say that it is, it counts. So does a group that says nothing.
 */
const canBeLeft = ({ groupTypes, mailEnabled, isAssignableToRole }: GroupRow): boolean => {
  const types = groupTypes ?? [];
  const isKeptElsewhere = types.includes('DynamicMembership') || (mailEnabled === true && !types.includes('Unified'));
  return isAssignableToRole === true || !isKeptElsewhere;
};
