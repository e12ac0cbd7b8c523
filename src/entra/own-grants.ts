import type { DirectoryFault } from '../engine/faults.js';
import type { Found, Inspection } from '../engine/inspection.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { assignmentPage } from './answers.js';
import { inBatches } from './batches.js';
import { LARGEST_BATCH } from './call.js';
import type { Graph } from './call.js';
import { malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { grantPage, principalAnswer, resourceAnswer, roleGroupPage } from './inspection-answers.js';
import type { Patience } from './patience.js';
import { equals } from './query.js';
import { readBody, readRows, readTogether } from './read.js';

/** What a tenant has granted the app: permissions by its consent, directory roles by an administrator's hand. */

/** Microsoft Graph's own application id, in every tenant and cloud. */
const GRAPH_APP = '00000003-0000-0000-c000-000000000000';

const principalOf = (appId: string): string => `/servicePrincipals(appId='${appId}')`;

export const ownPrincipal = (clientId: string): string => `${principalOf(clientId)}?$select=id,appId`;

/** What the permissions and the groups of the app are read from. */
export const grantPaths = (clientId: string) => ({
  resource: `${principalOf(GRAPH_APP)}?$select=id,appRoles`,
  grants: `${principalOf(clientId)}/appRoleAssignments?$top=999`,
  roleGroups: `${principalOf(clientId)}/memberOf/microsoft.graph.group?$select=id,isAssignableToRole&$top=999`,
});

type GrantAnswers = Readonly<Record<keyof ReturnType<typeof grantPaths>, GraphAnswer>>;

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Names of Graph's permissions alone: the app may hold some of other services too. */
export const readPermissions = async (
  graph: Graph,
  { resource, grants }: GrantAnswers,
  patience: Patience,
): Promise<Found<readonly string[]>> => {
  const graphItself = readBody(resourceAnswer, resource);
  if (!graphItself.ok) return graphItself;
  const rows = await readRows(graph, grantPage, grants, patience);
  if (!rows.ok) return rows;
  const { id, appRoles } = graphItself.value;
  const granted = new Set(
    rows.value.filter(({ resourceId }) => same(resourceId, id)).map(({ appRoleId }) => appRoleId.toLowerCase()),
  );
  return ok(
    appRoles
      .flatMap((role) => (role.value !== null && granted.has(role.id.toLowerCase()) ? [role.value] : []))
      .toSorted((one, other) => one.localeCompare(other)),
  );
};

type Principal = Inspection['principal'] extends Found<infer T> ? T : never;

/** Our service principal and the roles it holds in the whole directory, itself or as a member of groups. */
export const readPrincipal = async (
  graph: Graph,
  own: GraphAnswer,
  groups: GraphAnswer,
  patience: Patience,
): Promise<Found<Principal>> => {
  const principal = readBody(principalAnswer, own);
  if (!principal.ok) return principal;
  const { id, appId } = principal.value;
  if (!same(appId, graph.clientId)) return err(malformed('the answer is about another app'));
  const roleGroups = await readRows(graph, roleGroupPage, groups, patience);
  if (!roleGroups.ok) return roleGroups;
  // Of a group that does not say, its role assignments tell.
  const holders = roleGroups.value.filter(({ isAssignableToRole }) => isAssignableToRole !== false);
  const roles = await readRoles(graph, [id, ...holders.map((group) => group.id)], patience);
  return roles.ok ? ok({ objectId: id, roles: [...roles.value].toSorted() }) : roles;
};

const WHOLE_DIRECTORY = '/';

const readRoles = async (
  graph: Graph,
  holders: readonly string[],
  patience: Patience,
): Promise<Result<ReadonlySet<string>, DirectoryFault>> => {
  const roles = new Set<string>();
  for (const some of inBatches(holders, LARGEST_BATCH)) {
    const answers = await readTogether(graph, Object.fromEntries(some.map((id) => [id, assignmentsOf(id)])), patience);
    if (!answers.ok) return answers;
    for (const [holder, answer] of Object.entries(answers.value)) {
      const rows = await readRows(graph, assignmentPage, answer, patience);
      if (!rows.ok) return rows;
      if (!rows.value.every(({ principalId }) => same(principalId, holder))) {
        return err(malformed('the list holds role assignments of others'));
      }
      for (const { roleDefinitionId, directoryScopeId } of rows.value) {
        if (directoryScopeId === WHOLE_DIRECTORY) roles.add(roleDefinitionId.toLowerCase());
      }
    }
  }
  return ok(roles);
};

const assignmentsOf = (principalId: string): string =>
  `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(equals('principalId', principalId))}`;
