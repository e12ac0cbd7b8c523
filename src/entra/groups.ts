import type { DirectoryFault } from '../engine/faults.js';
import { directoryGroupId } from '../engine/ids.js';
import type { ListedGroup } from '../flows/ports.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { listedGroupPage } from './answers.js';
import type { Graph } from './call.js';
import type { Patience } from './patience.js';
import { readRows } from './read.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

const FIELDS = 'id,displayName,isAssignableToRole,groupTypes,mailEnabled,onPremisesSyncEnabled';

/** The groups whose names begin with these words, or the one with this id; with no words, all of them. By name. */
export const readGroups = async (
  graph: Graph,
  words: string,
  patience: Patience,
): Promise<Result<readonly ListedGroup[], DirectoryFault>> => {
  const first = await graph.send({ method: 'GET', path: pathOf(words.trim()) }, patience);
  if (!first.ok) return err(first.error.fault);
  const rows = await readRows(graph, listedGroupPage, first.value, patience);
  if (!rows.ok) return rows;
  const groups = rows.value.map((row) => ({
    id: directoryGroupId(row.id.toLowerCase()),
    name: row.displayName,
    roleAssignable: row.isAssignableToRole === true,
    keptElsewhere: isKeptElsewhere(row),
  }));
  return ok(groups.toSorted((one, other) => one.name.localeCompare(other.name)));
};

const pathOf = (words: string): string => {
  const path = `/groups?$select=${FIELDS}&$top=999`;
  if (words === '') return path;
  const filter = GUID.test(words) ? `id eq '${words}'` : `startswith(displayName,'${words.replaceAll("'", "''")}')`;
  return `${path}&$filter=${encodeURIComponent(filter)}`;
};

interface Kind {
  readonly groupTypes?: readonly string[] | null | undefined;
  readonly mailEnabled?: boolean | null | undefined;
  readonly onPremisesSyncEnabled?: boolean | null | undefined;
}

/** Graph adds nobody to a group whose members a rule, Exchange or a directory on the premises decides. */
const isKeptElsewhere = ({ groupTypes, mailEnabled, onPremisesSyncEnabled }: Kind): boolean => {
  const types = groupTypes ?? [];
  const isMailList = mailEnabled === true && !types.includes('Unified');
  return types.includes('DynamicMembership') || isMailList || onPremisesSyncEnabled === true;
};
