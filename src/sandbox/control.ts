import { z, ZodError } from 'zod';

import { changeApp, registerApp } from './app-control.js';
import { FaultSpec } from './faults.js';
import { describeLimits, setLimits } from './limit-control.js';
import { groupsOf } from './memberships.js';
import type { Tenant, User } from './model.js';
import { rolesHeldBy } from './privilege.js';
import { GraphRefusal } from './refusal.js';
import { roleById } from './role-catalog.js';
import { signIn } from './sign-in.js';
import { changeTenant } from './tenant-control.js';
import { ControlRefusal } from './tenant-lookup.js';
import { usabilityOf } from './temporary-access-pass.js';
import { userRow } from './users.js';
import type { World } from './world.js';

/** The control plane below `/_sandbox/`: looks at the state, signs users in, and makes things go wrong. Never part of Graph. */

interface ControlRequest {
  readonly method: string;
  readonly url: string;
  readonly text: string;
}

interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const SignInBody = z.strictObject({
  upn: z.string(),
  password: z.string().optional(),
  accessPass: z.string().optional(),
  app: z.string().optional(),
  ipAddress: z.string().optional(),
});
const LatencyBody = z.strictObject({ ms: z.int().nonnegative() });

const userState = (world: World, tenant: Tenant, user: User): unknown => {
  const [pass] = tenant.accessPasses.withKey(user.id);
  return {
    ...userRow(user),
    roles: [...rolesHeldBy(tenant, user.id)].map((id) => roleById(id)?.displayName ?? id).toSorted(),
    groups: groupsOf(tenant, user.id).map(({ displayName }) => displayName),
    mustChangePassword: user.password.mustChange,
    accessPass:
      pass === undefined
        ? null
        : {
            id: pass.id,
            startsAt: pass.startsAt,
            lifetimeInMinutes: pass.lifetimeInMinutes,
            usability: usabilityOf(tenant, pass, world.clock.now()),
          },
  };
};

const tenantState = (world: World, tenant: Tenant): unknown => ({
  id: tenant.id,
  displayName: tenant.displayName,
  domains: tenant.domains,
  accessPassPolicy: tenant.accessPassPolicy,
  plans: tenant.plans,
  conditionalAccessPolicies: tenant.conditionalAccessPolicies.all(),
  pimPolicy: tenant.pimPolicy,
  administrativeUnits: tenant.administrativeUnits.all(),
  roleAssignments: tenant.roleAssignments.all(),
  roleSchedules: tenant.roleSchedules.all(),
  users: tenant.users.all().map((user) => userState(world, tenant, user)),
  deletedUsers: tenant.deletedUsers
    .all()
    .map(({ user, deletedAt }) => ({ id: user.id, userPrincipalName: user.userPrincipalName, deletedAt })),
  groups: tenant.groups.all(),
  servicePrincipals: tenant.servicePrincipals.all().map((principal) => ({
    ...principal,
    roles: [...rolesHeldBy(tenant, principal.id)].map((id) => roleById(id)?.displayName ?? id),
  })),
});

const state = (world: World): unknown => ({
  now: world.clock.now().toISOString(),
  latencyMs: world.latencyMs,
  apps: [...world.apps.values()].map(({ appId, displayName, homeTenantId, redirectUris, extensionAttributes }) => ({
    appId,
    displayName,
    homeTenantId,
    redirectUris,
    extensionAttributes,
  })),
  tenants: [...world.tenants.values()].map((tenant) => tenantState(world, tenant)),
  signIns: world.signIns,
  unknownPaths: world.requests.unknownPaths(),
  faults: world.faults.list(),
});

const okay = (body: unknown): ControlAnswer => ({ status: 200, body });
const done: ControlAnswer = { status: 200, body: { ok: true } };

const setLatency = (world: World, body: unknown): ControlAnswer => {
  world.latencyMs = LatencyBody.parse(body).ms;
  return done;
};

const clearRequests = (world: World): ControlAnswer => {
  world.requests.clear();
  return done;
};

const clearFaults = (world: World): ControlAnswer => {
  world.faults.clear();
  return done;
};

const clearLimits = (world: World): ControlAnswer => {
  world.limits.clear();
  return done;
};

const reset = (world: World): ControlAnswer => {
  world.reset();
  return done;
};

type Handler = (world: World, body: unknown, query: URLSearchParams) => ControlAnswer;

const handlers: Readonly<Record<string, Handler>> = {
  'GET state': (world) => okay(state(world)),
  'POST reset': reset,
  'POST sign-in': (world, body) => okay(signIn(world, SignInBody.parse(body))),
  'GET requests': (world, _, query) =>
    okay({
      requests: world.requests.since(Number(query.get('since') ?? 0)),
      unknownPaths: world.requests.unknownPaths(),
    }),
  'DELETE requests': clearRequests,
  'GET faults': (world) => okay({ faults: world.faults.list() }),
  'POST faults': (world, body) => ({ status: 201, body: world.faults.add(FaultSpec.parse(body)) }),
  'DELETE faults': clearFaults,
  'POST latency': setLatency,
  'GET limits': (world) => okay(describeLimits(world)),
  'POST limits': (world, body) => okay(setLimits(world, body)),
  'DELETE limits': clearLimits,
  'POST apps': (world, body) => ({ status: 201, body: registerApp(world, body) }),
};

const route = (world: World, method: string, path: string, body: unknown, query: URLSearchParams): ControlAnswer => {
  const handler = handlers[`${method} ${path}`];
  if (handler !== undefined) return handler(world, body, query);
  const [area = '', id = '', action = ''] = path.split('/');
  if (method === 'POST' && area === 'tenants') return okay(changeTenant(world, id, action, body));
  if (method === 'POST' && area === 'apps') return okay(changeApp(world, id, body));
  if (method === 'DELETE' && area === 'faults')
    return world.faults.remove(Number(id)) ? done : { status: 404, body: { error: `no fault ${id}` } };
  return { status: 404, body: { error: `the control plane does not know ${method} ${path}` } };
};

/** Answers a request below `/_sandbox/`; what it cannot make sense of is 400 with the reason. */
export const answerControl = (world: World, { method, url, text }: ControlRequest): ControlAnswer => {
  const { pathname, searchParams } = new URL(url, 'https://localhost');
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return route(world, method, decodeURIComponent(pathname.slice('/_sandbox/'.length)), body, searchParams);
  } catch (thrown) {
    if (thrown instanceof ZodError) return { status: 400, body: { error: z.prettifyError(thrown) } };
    if (thrown instanceof ControlRefusal || thrown instanceof GraphRefusal || thrown instanceof SyntaxError)
      return { status: 400, body: { error: thrown.message } };
    throw thrown;
  }
};
