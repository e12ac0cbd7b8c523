import type { DirectoryFault } from '../engine/faults.js';
import type { RoleId } from '../engine/ids.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Graph } from './call.js';
import { faultOf, malformed } from './errors.js';
import { principalAnswer } from './inspection-answers.js';
import { isAlreadyAssigned } from './outcomes.js';
import { ownPrincipal } from './own-grants.js';
import type { Patience } from './patience.js';
import { readBody } from './read.js';

/** Gives our own service principal a role in the whole directory. Sent once: having it already is as good. */
export const takeRole = async (
  graph: Graph,
  role: RoleId,
  patience: Patience,
): Promise<Result<void, DirectoryFault>> => {
  const own = await graph.send({ method: 'GET', path: ownPrincipal(graph.clientId) }, patience);
  if (!own.ok) return err(own.error.fault);
  const principal = readBody(principalAnswer, own.value);
  if (!principal.ok) return principal;
  const { id, appId } = principal.value;
  if (appId.toLowerCase() !== graph.clientId.toLowerCase()) return err(malformed('the answer is about another app'));
  const body = { principalId: id, roleDefinitionId: role, directoryScopeId: '/' };
  const assigned = await graph.send({ method: 'POST', path: ASSIGNMENTS, body }, patience);
  if (!assigned.ok) return err(assigned.error.fault);
  return assigned.value.status === 201 || isAlreadyAssigned(assigned.value)
    ? ok(undefined)
    : err(faultOf(assigned.value));
};

const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';
