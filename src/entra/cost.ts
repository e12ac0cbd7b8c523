/** What requests use up of the limits that Microsoft sets an app in a tenant. */

interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

export type Allowance = 'units' | 'writes' | 'authentication' | 'conditional-access' | 'logs';

export type Cost = Readonly<Partial<Record<Allowance, number>>>;

// learn.microsoft.com/graph/throttling-limits, "Identity and access service limits"; whatever is not listed costs 1.
const READING: readonly (readonly [RegExp, number])[] = [
  [/^\/(users|applications)$/, 2],
  [/^\/users\/[^/]+\/(memberOf|transitiveMemberOf|licenseDetails|ownedObjects)\b/, 2],
  [/^\/groups\/[^/]+\/members\b/, 3],
  [/^\/groups\/[^/]+\/transitiveMembers\b/, 5],
  [/^\/applications\/[^/]+\/extensionProperties$/, 2],
  [/^\/servicePrincipals.*\/appRoleAssignments$/, 2],
  [/^\/oauth2PermissionGrants\b/, 2],
  [/^\/subscribedSkus$/, 3],
];

/** Services behind Graph with limits of their own, far narrower than the directory's. */
const APART: readonly (readonly [RegExp, Allowance])[] = [
  [/\/authentication\/|\/temporaryAccessPassMethods\b/, 'authentication'],
  [/^\/identity\/conditionalAccess\//, 'conditional-access'],
  [/^\/auditLogs\//, 'logs'],
];

const SHORT_PAGE = 20;

const unitsOf = (method: string, path: string, query: string): number => {
  const base = (method === 'GET' ? READING.find(([pattern]) => pattern.test(path))?.[1] : undefined) ?? 1;
  const top = /(?:^|&)\$top=(\d+)/.exec(query)?.[1];
  const saved = (query.includes('$select=') ? 1 : 0) + (top !== undefined && Number(top) < SHORT_PAGE ? 1 : 0);
  return Math.max(1, base + (query.includes('$expand=') ? 1 : 0) - saved);
};

export const costOf = ({ method, path }: Request): Cost => {
  const [resource = '', query = ''] = path.split('?', 2);
  const apart = APART.find(([pattern]) => pattern.test(resource))?.[1];
  return {
    units: unitsOf(method, resource, query),
    ...(method === 'GET' ? {} : { writes: 1 }),
    ...(apart === undefined ? {} : { [apart]: 1 }),
  };
};

/** Of a batch: each item counts by itself, the envelope does not. */
export const costOfAll = (requests: readonly Request[]): Cost => {
  const sum: Partial<Record<Allowance, number>> = {};
  for (const cost of requests.map(costOf)) {
    for (const allowance of allowancesOf(cost)) sum[allowance] = (sum[allowance] ?? 0) + (cost[allowance] ?? 0);
  }
  return sum;
};

export const allowancesOf = (cost: Cost): readonly Allowance[] => Object.keys(cost) as Allowance[];

/** The limit that a refusal for being too many was most likely about. */
export const narrowestOf = (cost: Cost): Allowance =>
  allowancesOf(cost).find((allowance) => allowance !== 'units' && allowance !== 'writes') ?? 'units';
