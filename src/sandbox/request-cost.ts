/** What a request costs by Microsoft's table of identity and access limits, and which limits it counts against. */

export type LimitKind = 'resourceUnits' | 'writes' | 'authenticationMethods' | 'conditionalAccess' | 'auditLogs';

export interface Cost {
  readonly limit: LimitKind;
  readonly cost: number;
}

/** Reads that cost more than one unit; the first that fits counts. */
const UNITS: readonly (readonly [path: RegExp, units: number])[] = [
  [/^\/applications\/[^/]+\/extensionProperties$/i, 2],
  [/^\/applications$/i, 2],
  [/^\/groups\/[^/]+\/members$/i, 3],
  [/^\/groups\/[^/]+\/transitiveMembers/i, 5],
  [/^\/servicePrincipals[^/]*(\/[^/]+)?\/appRoleAssignments$/i, 2],
  [/^\/subscribedSkus$/i, 3],
  [/^\/users$/i, 2],
  [/^\/users\/[^/]+\/(memberOf|transitiveMemberOf)/i, 2],
];

const FEW = 20;

const readUnits = (path: string, query: URLSearchParams): number => {
  const base = UNITS.find(([pattern]) => pattern.test(path))?.[1] ?? 1;
  const top = query.get('$top');
  const adjusted =
    base -
    (query.has('$select') ? 1 : 0) +
    (query.has('$expand') ? 1 : 0) -
    (top !== null && Number(top) < FEW ? 1 : 0);
  return Math.max(adjusted, 1);
};

/** `path`: below `/v1.0`, with the query. A batch costs nothing itself: its items do. */
export const costOf = (method: string, path: string): readonly Cost[] => {
  const [bare = '', search = ''] = path.split(/\?(.*)/s);
  if (/^\/users\/[^/]+\/authentication(\/|$)/i.test(bare)) return [{ limit: 'authenticationMethods', cost: 1 }];
  if (/^\/identity\/conditionalAccess(\/|$)/i.test(bare)) return [{ limit: 'conditionalAccess', cost: 1 }];
  if (/^\/auditLogs(\/|$)/i.test(bare)) return [{ limit: 'auditLogs', cost: 1 }];
  if (method === 'GET') return [{ limit: 'resourceUnits', cost: readUnits(bare, new URLSearchParams(search)) }];
  return [
    { limit: 'resourceUnits', cost: 1 },
    { limit: 'writes', cost: 1 },
  ];
};
