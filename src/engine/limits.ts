/** What a tenant lends at most, whatever rules say: one more limit never gives anybody more. */
import type { DirectoryGroup, Role } from './access.js';
import type { Demands, Thing } from './rule.js';
import type { Tenant } from './tenant.js';

export type Limits = Pick<Tenant, 'longestDurationMs' | 'roles' | 'groups' | 'leaving'>;

interface Things {
  readonly roles: readonly Role[];
  readonly groups: readonly DirectoryGroup[];
}

/** What of the things asked for the tenant does not lend to anybody. */
export const notLentBy = ({ roles, groups }: Limits, asked: Things): readonly Thing[] => [
  ...asked.roles.filter((role) => roles !== undefined && !roles.some((lent) => includes(lent, role))),
  ...asked.groups.filter((group) => groups !== undefined && !groups.some(({ id }) => id === group.id)),
];

/** A role in the whole directory includes the same one confined to a unit, and never the other way round. */
const includes = (lent: Role, { id, unit }: Role): boolean =>
  lent.id === id && (lent.unit === undefined || lent.unit.id === unit?.id);

/** The demands of rules, for no longer than the tenant lends. */
export const withinLimits = (terms: Demands, { longestDurationMs }: Limits): Demands =>
  longestDurationMs === undefined ? terms : { ...terms, longestMs: Math.min(terms.longestMs, longestDurationMs) };
