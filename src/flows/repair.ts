/** The two things that Latchkey can put right in a tenant by itself, where an admin wants it and a permission allows. */
import type { Fault } from '../engine/faults.js';
import type { UsefulRole } from '../engine/own-rights.js';
import type { Tenant } from '../engine/tenant.js';
import type { Result } from '../lib/result.js';
import { mayOwn, mayTouch, owned, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';

type RepairDeps = ChangeDeps & Pick<FlowDeps, 'inspector'>;

/** Lets the tenant give access passes to everybody. */
export const enablePasses = async (deps: RepairDeps, admin: Admin, tenant: Tenant): Promise<Result<void, Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  await recordChange(deps, admin, {
    what: 'tenant.passes-enabled',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { tenant: tenant.id },
  });
  return deps.inspector.enablePasses(tenant);
};

/** Has the app take a directory role. Whoever runs Latchkey answers for what its app can do, so that only owners say so. */
export const takeRole = async (
  deps: RepairDeps,
  admin: Admin,
  tenant: Tenant,
  { id, name }: UsefulRole,
): Promise<Result<void, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  await recordChange(deps, admin, {
    what: 'tenant.role-taken',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { tenant: tenant.id, role: name },
  });
  return deps.inspector.takeRole(tenant, id);
};
