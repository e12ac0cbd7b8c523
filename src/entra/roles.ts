import type { DirectoryFault } from '../engine/faults.js';
import { roleId } from '../engine/ids.js';
import { isPrivilegedRole } from '../engine/roles.js';
import type { DirectoryRole } from '../flows/ports.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { rolePage } from './answers.js';
import type { Graph } from './call.js';
import type { Patience } from './patience.js';
import { readRows } from './read.js';

/** The roles that exist in the tenant and can be given, built in and custom, by name. */
export const readRoles = async (
  graph: Graph,
  patience: Patience,
): Promise<Result<readonly DirectoryRole[], DirectoryFault>> => {
  const answer = await graph.send({ method: 'GET', path: '/roleManagement/directory/roleDefinitions' }, patience);
  if (!answer.ok) return err(answer.error.fault);
  const rows = await readRows(graph, rolePage, answer.value, patience);
  if (!rows.ok) return rows;
  const roles = rows.value
    .filter((row) => row.isEnabled !== false)
    .map((row) => {
      const id = roleId(row.id.toLowerCase());
      // What a custom role allows is not looked into, so it counts as the worst where the directory does not say.
      const privileged = (row.isPrivileged ?? row.isBuiltIn !== true) || isPrivilegedRole(id);
      return { id, name: row.displayName, privileged };
    });
  return ok(roles.toSorted((one, other) => one.name.localeCompare(other.name)));
};
