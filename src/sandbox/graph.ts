import { administrativeUnitRoutes } from './administrative-units.js';
import { applicationRoutes } from './applications.js';
import { auditLogRoutes } from './audit-logs.js';
import { runBatch } from './batch.js';
import { conditionalAccessRoutes } from './conditional-access.js';
import { deletedItemRoutes } from './deleted-items.js';
import { directoryRoleRoutes } from './directory-roles.js';
import { directoryRoutes } from './directory.js';
import type { FaultTarget } from './faults.js';
import type { GraphAnswer, GraphCall, Route } from './graph-call.js';
import { groupRoutes } from './groups.js';
import { guid } from './guid.js';
import { limitAnswer } from './limit-answer.js';
import { licenceRoutes } from './licences.js';
import type { AccessToken, Tenant } from './model.js';
import { requireAny } from './permissions.js';
import { GraphRefusal, notImplemented } from './refusal.js';
import { roleAssignmentRoutes } from './role-assignments.js';
import { createRouter } from './router.js';
import { roleScheduleRequestRoutes } from './role-schedule-requests.js';
import { roleScheduleRoutes } from './role-schedule-lists.js';
import { accessPassRoutes } from './temporary-access-pass.js';
import { userRoutes } from './users.js';
import type { World } from './world.js';

/** Graph v1.0: takes one authenticated request to its handler, and turns refusals into Graph's error answers. */

export interface GraphRequest {
  readonly method: string;
  /** Path and query below `/v1.0`. */
  readonly path: string;
  readonly body: unknown;
  readonly caller: AccessToken;
  readonly tenant: Tenant;
  readonly clientRequestId: string | undefined;
  readonly insideBatch: boolean;
  readonly isEventual: boolean;
}

const routes: readonly Route[] = [
  ...userRoutes,
  ...accessPassRoutes,
  ...groupRoutes,
  ...roleAssignmentRoutes,
  ...directoryRoleRoutes,
  ...roleScheduleRequestRoutes,
  ...roleScheduleRoutes,
  ...administrativeUnitRoutes,
  ...deletedItemRoutes,
  ...directoryRoutes,
  ...applicationRoutes,
  ...licenceRoutes,
  ...conditionalAccessRoutes,
  ...auditLogRoutes,
];

const router = createRouter(routes);

export const refusalAnswer = (
  world: World,
  refusal: GraphRefusal,
  clientRequestId: string | undefined,
): GraphAnswer => {
  const requestId = guid(world.random);
  return {
    status: refusal.status,
    body: {
      error: {
        code: refusal.code,
        message: refusal.message,
        ...(refusal.details.length > 0 ? { details: refusal.details } : {}),
        innerError: {
          date: world.clock.now().toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': clientRequestId ?? requestId,
        },
      },
    },
  };
};

const targetOf = ({ method, path, tenant, insideBatch }: GraphRequest): FaultTarget => ({
  service: 'graph',
  method,
  path: `/v1.0${path}`,
  tenant: tenant.id,
  scope: insideBatch ? 'item' : 'request',
});

/** The moment as of which this request sees the directory: the past, while replication lags. */
const viewOf = (world: World, target: FaultTarget): Pick<GraphCall, 'readAt' | 'aimAt'> => {
  const isRead = target.method === 'GET';
  const delay = world.faults.take(target, ['replication-delay'], (fault) => isRead || fault.writesToo);
  if (delay === undefined) return { readAt: undefined, aimAt: undefined };
  const past = world.clock.now().getTime() - delay.ms;
  return { readAt: past, aimAt: delay.writesToo ? past : undefined };
};

const throttled = (world: World, { method, path, tenant, caller }: GraphRequest): GraphAnswer | undefined => {
  const size = (): number => tenant.users.all().length;
  const refused = world.limits.take({ tenantId: tenant.id, appId: caller.appId, size, method, path });
  return refused === undefined ? undefined : limitAnswer(refused, caller);
};

const dispatch = (world: World, request: GraphRequest): GraphAnswer => {
  const [path = '', search = ''] = request.path.split(/\?(.*)/s);
  if (path.toLowerCase() === '/$batch') return dispatchBatch(world, request);
  const refused = throttled(world, request);
  if (refused !== undefined) return refused;
  const match = router.match(request.method, path);
  if (match.kind === 'unknown') {
    world.requests.countUnknown(`${request.method} ${path}`);
    throw notImplemented(`${request.method} ${path}`);
  }
  if (match.kind === 'wrong-method')
    throw new GraphRefusal(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
  for (const need of match.route.needs) requireAny(request.caller.permissions, need);
  const target = targetOf(request);
  return match.route.handle({
    world,
    tenant: request.tenant,
    caller: request.caller,
    params: match.params,
    query: new URLSearchParams(search),
    body: request.body,
    now: world.clock.now(),
    path: request.path,
    isEventual: request.isEventual,
    target,
    ...viewOf(world, target),
  });
};

const dispatchBatch = (world: World, request: GraphRequest): GraphAnswer => {
  if (request.insideBatch) throw new GraphRefusal(400, 'BadRequest', 'A batch cannot hold a batch.');
  if (request.method !== 'POST')
    throw new GraphRefusal(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
  return runBatch(world, request, (item) => answerGraph(world, { ...request, ...item, insideBatch: true }));
};

/** Answers a request whose caller is known. Never throws for what Graph would refuse. */
export const answerGraph = (world: World, request: GraphRequest): GraphAnswer => {
  try {
    return dispatch(world, request);
  } catch (thrown) {
    if (thrown instanceof GraphRefusal) return refusalAnswer(world, thrown, request.clientRequestId);
    throw thrown;
  }
};
