import type { Observed } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import { accountId } from '../engine/ids.js';
import type { AccountId } from '../engine/ids.js';
import type { Tenant } from '../engine/tenant.js';
import type { DirectoryUser } from '../flows/ports.js';
import type { DirectorySurvey, NamedUser, Survey, TaggedUser } from '../flows/ports/survey.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { userAnswer } from './answers.js';
import { inBatches } from './batches.js';
import { LARGEST_BATCH } from './call.js';
import { malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { identify, pathsOf, understand, userPath } from './observe.js';
import type { Reading, UserAnswers } from './reading.js';
import { beginsWith, filtered } from './query.js';
import type { Reach } from './reach.js';
import { readBody, readRows, readTogether } from './read.js';
import { nameOf, originOf } from './search.js';
import { readTag, tagAttribute } from './tag.js';
import { surveyedUserPage } from './user-answers.js';

/** Reads many accounts of a tenant, and everybody tagged ours, in as few round trips as Graph's batches allow. */

export interface SurveyOptions {
  readonly clock: Clock;
}

/** A user whose object id is known. */
type KnownUser = DirectoryUser & { readonly objectId: string };

type Read<T> = Promise<Result<T, DirectoryFault>>;

/** Does something in the surveyed tenant, with patience of its own. */
type Visit = <T>(act: (reading: Reading) => Read<T>) => Read<T>;

const isKnown = (user: DirectoryUser): user is KnownUser => user.objectId !== undefined;

export const createDirectorySurvey = ({ inTenant }: Reach, { clock }: SurveyOptions): DirectorySurvey => {
  const visitor =
    ({ directoryId }: Tenant): Visit =>
    (act) =>
      inTenant(directoryId, (graph, patience) =>
        act({ graph, patience, tagAttribute: tagAttribute(graph.clientId), look: {} }),
      );

  return {
    survey: async (tenant, users) => {
      const at = clock.now();
      const visit = visitor(tenant);
      const named = await identifyAll(
        visit,
        users.filter((user) => !isKnown(user)),
      );
      if (!named.ok) return named;
      const seen = await lookAtAll(visit, [...users.filter(isKnown), ...named.value.values()], tenant);
      if (!seen.ok) return seen;
      const nowhere = users.filter(({ account }) => !seen.value.observed.has(account));
      const observed = new Map<AccountId, Observed>(seen.value.observed);
      for (const { account } of nowhere) observed.set(account, { exists: false });
      return ok({ at, ...seen.value, observed });
    },
    named: (tenant, prefix) => visitor(tenant)((reading) => readNamed(reading, prefix)),
  };
};

/** Which of these users exist under their names, with the object ids that tells. */
const identifyAll = async (visit: Visit, users: readonly DirectoryUser[]): Read<ReadonlyMap<AccountId, KnownUser>> => {
  const known = new Map<AccountId, KnownUser>();
  for (const some of inBatches(users, LARGEST_BATCH)) {
    const identified = await visit((reading) => identifySome(reading, some));
    if (!identified.ok) return identified;
    for (const user of identified.value) known.set(user.account, user);
  }
  return ok(known);
};

const identifySome = async (reading: Reading, users: readonly DirectoryUser[]): Read<readonly KnownUser[]> => {
  const paths = Object.fromEntries(users.map(({ upn }, index) => [String(index), userPath(reading, upn)]));
  const answers = await readTogether(reading.graph, paths, reading.patience);
  if (!answers.ok) return answers;
  const known: KnownUser[] = [];
  for (const [index, user] of users.entries()) {
    const row = identify(reading, user, answers.value[index] as GraphAnswer);
    // Somebody else has the name: ours is nowhere.
    if (!row.ok && row.error.code === 'directory.name-taken') continue;
    if (!row.ok) return row;
    if (row.value !== undefined) known.push({ ...user, objectId: row.value.objectId });
  }
  return ok(known);
};

const READS_A_USER = Object.keys(pathsOf({ tagAttribute: '', look: {} }, '')).length;

/** Beside them, a batch has room for the list of everybody tagged. */
const MOST_USERS = Math.floor((LARGEST_BATCH - 1) / READS_A_USER);

/** What was seen of one account's user. */
interface Sight {
  readonly account: AccountId;
  readonly observed: Observed;
  readonly upn?: string;
}

interface Look {
  readonly sights: readonly Sight[];
  readonly tagged: readonly TaggedUser[];
}

const lookAtAll = async (
  visit: Visit,
  users: readonly KnownUser[],
  tenant: Tenant,
): Read<Pick<Survey, 'observed' | 'upns' | 'tagged'>> => {
  const [some = [], ...others] = inBatches(users, MOST_USERS);
  const first = await visit((reading) => lookAtSome(reading, some, `${tenant.id}/`));
  if (!first.ok) return first;
  const sights = [...first.value.sights];
  for (const more of others) {
    const next = await visit((reading) => lookAtSome(reading, more));
    if (!next.ok) return next;
    sights.push(...next.value.sights);
  }
  return ok({
    observed: new Map(sights.map(({ account, observed }) => [account, observed])),
    upns: new Map(sights.flatMap(({ account, upn }) => (upn === undefined ? [] : [[account, upn]]))),
    tagged: first.value.tagged,
  });
};

/** One batch about these users and, where a prefix of tags is given, everybody whose tag begins so. */
const lookAtSome = async (reading: Reading, users: readonly KnownUser[], prefix?: string): Read<Look> => {
  const about = users.flatMap(({ objectId }, index) =>
    Object.entries(pathsOf(reading, objectId)).map(([name, path]) => [`${index}.${name}`, path] as const),
  );
  const list = prefix === undefined ? [] : [['tagged', taggedPath(reading, prefix)] as const];
  const answers = await readTogether(reading.graph, Object.fromEntries([...about, ...list]), reading.patience);
  if (!answers.ok) return answers;

  const sights: Sight[] = [];
  for (const [index, user] of users.entries()) {
    const sight = await lookAt(reading, user, answersAbout(index, answers.value));
    if (!sight.ok) return sight;
    sights.push(sight.value);
  }
  if (prefix === undefined) return ok({ sights, tagged: [] });
  const tagged = await readTagged(reading, answers.value['tagged'] as GraphAnswer, prefix);
  return tagged.ok ? ok({ sights, tagged: tagged.value }) : tagged;
};

// Whatever was asked has an answer, or the whole read has failed.
const answersAbout = (index: number, answers: Readonly<Record<string, GraphAnswer>>): UserAnswers => {
  const mine = Object.entries(answers).filter(([id]) => id.startsWith(`${index}.`));
  return Object.fromEntries(mine.map(([id, answer]) => [id.slice(id.indexOf('.') + 1), answer])) as UserAnswers;
};

const lookAt = async (reading: Reading, user: KnownUser, answers: UserAnswers): Read<Sight> => {
  const { account, objectId } = user;
  const observed = await understand(reading, user, objectId, answers);
  if (!observed.ok) return observed;
  if (!observed.value.exists) return ok({ account, observed: observed.value });
  const row = readBody(userAnswer, answers.user);
  return row.ok ? ok({ account, observed: observed.value, upn: row.value.userPrincipalName }) : row;
};

const LISTED_FIELDS = 'id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled';

const listPath = (tagAttribute: string): string => `/users?$select=${LISTED_FIELDS},${tagAttribute}&$top=999`;

const taggedPath = (reading: Reading, prefix: string): string =>
  filtered(listPath(reading.tagAttribute), beginsWith(reading.tagAttribute, prefix));

const readTagged = async (reading: Reading, first: GraphAnswer, prefix: string): Read<readonly TaggedUser[]> => {
  const rows = await readRows(reading.graph, surveyedUserPage, first, reading.patience);
  if (!rows.ok) return rows;
  const tagged: TaggedUser[] = [];
  for (const row of rows.value) {
    const tag = row[reading.tagAttribute];
    // Graph compares without regard to case. Anybody else in the list, and it is not the list that was asked for.
    if (typeof tag !== 'string' || !tag.toLowerCase().startsWith(prefix.toLowerCase())) {
      return err(malformed('the list of tagged users holds others'));
    }
    tagged.push({
      objectId: row.id,
      upn: row.userPrincipalName,
      displayName: nameOf(row),
      enabled: row.accountEnabled,
      // A tag that somebody cut short still says that the user was meant to be ours.
      account: accountId(readTag(tag)?.account ?? tag),
    });
  }
  return ok(tagged);
};

const readNamed = async ({ graph, patience, tagAttribute }: Reading, prefix: string): Read<readonly NamedUser[]> => {
  const path = filtered(listPath(tagAttribute), beginsWith('userPrincipalName', prefix));
  const first = await graph.send({ method: 'GET', path }, patience);
  if (!first.ok) return err(first.error.fault);
  const rows = await readRows(graph, surveyedUserPage, first.value, patience);
  if (!rows.ok) return rows;
  return ok(
    rows.value.map((row) => ({
      objectId: row.id,
      upn: row.userPrincipalName,
      displayName: nameOf(row),
      enabled: row.accountEnabled,
      origin: originOf(row),
      tagged: Boolean(row[tagAttribute]),
    })),
  );
};
