import { missingForBreakGlass } from '../engine/break-glass-permissions.js';
import type { DirectoryFault } from '../engine/faults.js';
import type { DirectoryUserId } from '../engine/ids.js';
import type { BreakGlassSurroundings, WriteOutcome } from '../flows/ports/break-glass.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { membershipPage, policyAnswer, policyPage } from './break-glass-answers.js';
import type { PolicyRow } from './break-glass-answers.js';
import { GLOBAL_ADMINISTRATOR, RESETTERS } from './break-glass-mark.js';
import { write } from './break-glass-writes.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import { grantPaths, ownPrincipal, readPermissions, readPrincipal } from './own-grants.js';
import type { Patience } from './patience.js';
import { readBody, readRows, readTogether } from './read.js';
import { same } from './reading.js';
import type { Reach } from './reach.js';

/** What stands between an emergency administrator and its use: policies that reach it, and what the app itself may do. */

type Read<T> = Promise<Result<T, DirectoryFault>>;

const POLICIES = '/identity/conditionalAccess/policies';

/** What says that a tenant does not let us look, as opposed to not answering. */
const NOT_OURS: readonly DirectoryFault['code'][] = ['directory.forbidden', 'directory.licence'];

/** Nothing, where looking is not allowed. */
const ifAllowed = <T>(got: Result<T, DirectoryFault>): Result<T | undefined, DirectoryFault> =>
  got.ok || !NOT_OURS.includes(got.error.code) ? got : ok(undefined);

export const readPolicies = async (
  graph: Graph,
  patience: Patience,
  user: DirectoryUserId,
): Read<BreakGlassSurroundings['policies']> => {
  const [first, groups] = await Promise.all([
    graph.send({ method: 'GET', path: POLICIES }, patience),
    readGroups(graph, patience, user),
  ]);
  if (!first.ok) return err(first.error.fault);
  const rows = ifAllowed(await readRows(graph, policyPage, first.value, patience));
  if (!rows.ok) return rows;
  if (rows.value === undefined) return ok(undefined);
  if (!groups.ok) return groups;
  const known = new Set(groups.value);
  return ok(
    rows.value
      .filter((policy) => policy.state === 'enabled' && reaches(policy, user, known))
      .map(({ id, displayName }) => ({ id, name: displayName || id })),
  );
};

const readGroups = async (graph: Graph, patience: Patience, user: DirectoryUserId): Read<readonly string[]> => {
  const path = `/users/${encodeURIComponent(user)}/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999`;
  const first = await graph.send({ method: 'GET', path }, patience);
  if (!first.ok) return err(first.error.fault);
  // Who does not exist is a member of nothing.
  if (first.value.status === 404) return ok([]);
  const rows = await readRows(graph, membershipPage, first.value, patience);
  return rows.ok ? ok(rows.value.map(({ id }) => id.toLowerCase())) : rows;
};

/** Whether a policy is about a Global Administrator of these groups. */
const reaches = ({ conditions }: PolicyRow, user: DirectoryUserId, groups: ReadonlySet<string>): boolean => {
  const { users } = conditions;
  if (!users) return false;
  const names = (list: readonly string[] | null | undefined, wanted: (name: string) => boolean): boolean =>
    (list ?? []).some((name) => wanted(name.toLowerCase()));
  const isUser = (name: string): boolean => name === user.toLowerCase();
  const isRole = (name: string): boolean => name === GLOBAL_ADMINISTRATOR;
  const isGroup = (name: string): boolean => groups.has(name);
  const isIncluded =
    names(users.includeUsers, (name) => name === 'all' || isUser(name)) ||
    names(users.includeGroups, isGroup) ||
    names(users.includeRoles, isRole);
  const isExcluded =
    names(users.excludeUsers, isUser) || names(users.excludeGroups, isGroup) || names(users.excludeRoles, isRole);
  return isIncluded && !isExcluded;
};

/** Read right before it is written, because the list can only be written as a whole. */
const excludeFrom = async (
  graph: Graph,
  patience: Patience,
  user: DirectoryUserId,
  policy: string,
): Promise<WriteOutcome> => {
  const path = `${POLICIES}/${encodeURIComponent(policy)}`;
  const got = await graph.send({ method: 'GET', path }, patience);
  if (!got.ok) return untried(got.error.fault);
  const row = readBody(policyAnswer, got.value);
  if (!row.ok) return untried(row.error);
  if (!same(row.value.id, policy)) return untried(malformed('the answer is about another policy'));
  const excluded = row.value.conditions.users?.excludeUsers ?? [];
  if (excluded.some((name) => same(name, user))) return { kind: 'done' };
  const body = { conditions: { users: { excludeUsers: [...excluded, user] } } };
  return write({ graph, patience }, { method: 'PATCH', path, body });
};

const untried = (fault: DirectoryFault): WriteOutcome => ({ kind: 'failed', fault, unclear: false });

/** Each with patience of its own: Microsoft takes one such call a second. One that fails keeps none of the others back. */
export const exclude = async (
  { inTenant }: Reach,
  directoryId: string,
  user: DirectoryUserId,
  policies: readonly string[],
): Promise<WriteOutcome> => {
  let failure: Extract<WriteOutcome, { kind: 'failed' }> | undefined;
  for (const policy of policies) {
    const done = await inTenant(directoryId, async (graph, patience) =>
      ok(await excludeFrom(graph, patience, user, policy)),
    );
    const outcome = done.ok ? done.value : untried(done.error);
    if (outcome.kind === 'done') continue;
    const first = failure ?? outcome;
    failure = { ...first, unclear: first.unclear || outcome.unclear };
  }
  return failure ?? { kind: 'done' };
};

const PASSWORDS = 'User-PasswordProfile.ReadWrite.All';

export type Rights = Pick<BreakGlassSurroundings, 'mayReset' | 'missing'>;

/** What the app was granted: the password of a Global Administrator takes both the permission and a role above them. */
export const readRights = async (graph: Graph, patience: Patience): Read<Rights> => {
  const paths = { own: ownPrincipal(graph.clientId), ...grantPaths(graph.clientId) };
  const answers = await readTogether(graph, paths, patience);
  if (!answers.ok) return answers;
  const [principal, permissions] = await Promise.all([
    readPrincipal(graph, answers.value.own, answers.value.roleGroups, patience).then(ifAllowed),
    readPermissions(graph, answers.value, patience).then(ifAllowed),
  ]);
  if (!principal.ok) return principal;
  if (!permissions.ok) return permissions;
  const granted = permissions.value;
  const hasRole = principal.value?.roles.some((role) => RESETTERS.includes(role));
  const mayReset = granted?.includes(PASSWORDS) === false ? false : hasRole;
  return ok({
    ...(mayReset === undefined ? {} : { mayReset }),
    ...(granted === undefined ? {} : { missing: missingForBreakGlass(granted) }),
  });
};
