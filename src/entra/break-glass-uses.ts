import type { DirectoryFault } from '../engine/faults.js';
import { directoryUserId } from '../engine/ids.js';
import type { DirectoryUserId } from '../engine/ids.js';
import type { RecordedUse } from '../flows/ports/break-glass.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { inBatches } from './batches.js';
import { auditPage, signInPage } from './break-glass-answers.js';
import type { AuditRow, SignInRow } from './break-glass-answers.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import type { Patience } from './patience.js';
import { equals } from './query.js';
import { readRows, readTogether } from './read.js';
import { same } from './reading.js';
import type { Reach } from './reach.js';

/** What emergency administrators did, by the tenant's own logs: two lists a user, newest first, to their end or to a fault. */

type Read<T> = Promise<Result<T, DirectoryFault>>;

/** With two lists each, as many as Microsoft's five requests in ten seconds leave room for in one round trip. */
const MOST_USERS = 2;

export const readUses = async (
  { inTenant }: Reach,
  directoryId: string,
  users: readonly DirectoryUserId[],
  since: Date,
): Read<readonly RecordedUse[]> => {
  const uses: RecordedUse[] = [];
  for (const some of inBatches(users, MOST_USERS)) {
    const read = await inTenant(directoryId, (graph, patience) => readSome(graph, patience, some, since));
    if (!read.ok) return read;
    uses.push(...read.value);
  }
  return ok(uses.toSorted((one, other) => one.at.getTime() - other.at.getTime()));
};

const list = (log: string, filter: string): string =>
  `/auditLogs/${log}?$filter=${encodeURIComponent(filter)}&$top=999`;

const readSome = async (
  graph: Graph,
  patience: Patience,
  users: readonly DirectoryUserId[],
  since: Date,
): Read<readonly RecordedUse[]> => {
  const from = since.toISOString();
  const paths = Object.fromEntries(
    users.flatMap((user, index) => [
      [`signIns${index}`, list('signIns', `createdDateTime ge ${from} and ${equals('userId', user)}`)],
      [
        `audits${index}`,
        list('directoryAudits', `activityDateTime ge ${from} and ${equals('initiatedBy/user/id', user)}`),
      ],
    ]),
  );
  const answers = await readTogether(graph, paths, patience);
  if (!answers.ok) return answers;
  const uses: RecordedUse[] = [];
  for (const [index, user] of users.entries()) {
    const signIns = await readSignIns(graph, patience, user, answers.value[`signIns${index}`] as GraphAnswer);
    if (!signIns.ok) return signIns;
    const changes = await readChanges(graph, patience, user, answers.value[`audits${index}`] as GraphAnswer);
    if (!changes.ok) return changes;
    uses.push(...signIns.value, ...changes.value);
  }
  return ok(uses.filter(({ at }) => at >= since));
};

const OTHERS: Result<never, DirectoryFault> = err(malformed('the log of one user holds records of others'));

const readSignIns = async (
  graph: Graph,
  patience: Patience,
  user: DirectoryUserId,
  first: GraphAnswer,
): Read<readonly RecordedUse[]> => {
  const rows = await readRows(graph, signInPage, first, patience);
  if (!rows.ok) return rows;
  if (!rows.value.every(({ userId }) => same(userId, user))) return OTHERS;
  return ok(
    rows.value
      .filter((row) => !NO_WAY_IN.includes(codeOf(row)))
      .map((row) => ({
        id: row.id,
        at: new Date(row.createdDateTime),
        user: directoryUserId(user),
        says: describeSignIn(row),
      })),
  );
};

// learn.microsoft.com: "Microsoft Entra authentication and authorization error codes". Whoever met one of these was let in
// by no password and no pass: wrong, unknown, locked out, disabled, or a pass that holds no more. Strangers do that all day.
const NO_WAY_IN: readonly number[] = [
  50034, 50053, 50056, 50057, 50064, 50126, 130500, 130501, 130502, 130503, 130504, 130505, 130506, 130507,
];

const codeOf = ({ status }: SignInRow): number => status?.errorCode ?? 0;

const describeSignIn = (row: SignInRow): string => {
  const { city, countryOrRegion } = row.location ?? {};
  const place = [city, countryOrRegion].filter(Boolean).map(brief).join(', ');
  const to = row.appDisplayName ? ` to ${brief(row.appDisplayName)}` : '';
  const from = row.ipAddress ? ` from ${brief(row.ipAddress)}` : '';
  const where = place === '' ? '' : ` (${place})`;
  const code = codeOf(row);
  if (code === 0) return `signed in${to}${from}${where}`;
  return `tried to sign in${to}${from}${where} with the right password, and was stopped (AADSTS${code})`;
};

const readChanges = async (
  graph: Graph,
  patience: Patience,
  user: DirectoryUserId,
  first: GraphAnswer,
): Read<readonly RecordedUse[]> => {
  const rows = await readRows(graph, auditPage, first, patience);
  if (!rows.ok) return rows;
  if (!rows.value.every(({ initiatedBy }) => same(initiatedBy.user?.id ?? '', user))) return OTHERS;
  return ok(
    rows.value.map((row) => ({
      id: row.id,
      at: new Date(row.activityDateTime),
      user: directoryUserId(user),
      says: describeChange(row),
    })),
  );
};

const describeChange = ({ activityDisplayName, result, initiatedBy, targetResources }: AuditRow): string => {
  const [target] = targetResources ?? [];
  const name = target?.userPrincipalName || target?.displayName;
  const on = name ? ` on ${brief(name)}` : '';
  const from = initiatedBy.user?.ipAddress ? ` from ${brief(initiatedBy.user.ipAddress)}` : '';
  const failed = result === 'failure' ? ', which failed' : '';
  return `changed the directory: ${brief(activityDisplayName || 'unnamed')}${on}${from}${failed}`;
};

const LONGEST = 80;

/** Names are whatever somebody in the tenant made them. */
const brief = (text: string | null | undefined): string =>
  (text ?? '')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST);
