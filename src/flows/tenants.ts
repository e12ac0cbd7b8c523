import type { Fault } from '../engine/faults.js';
import { tenantId } from '../engine/ids.js';
import type { OrganizationId, TenantId } from '../engine/ids.js';
import type { Cloud, Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, mayTouch, owned, recordChange } from './change.js';
import { chooseDomain } from './domains.js';
import { shortNameFrom } from './organizations.js';
import type { DirectoryDescription } from './ports.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { DEFAULT_DURATION_MS } from './defaults.js';
import { factsOf } from './tenant-settings.js';

type TenantDeps = ChangeDeps & Pick<FlowDeps, 'directory' | 'requests' | 'tenantApps' | 'checkups'>;

export interface NewTenant {
  /** The short name people type. */
  readonly id: TenantId;
  readonly directoryId: string;
  /** Absent: the directory's own name. */
  readonly name?: string;
  /** Absent: the first verified managed domain that is not the initial one, else the initial one. */
  readonly domain?: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  /** Absent: the server's app's. */
  readonly cloud?: Cloud;
  /** Who of the tenant let the app in, where that is known. */
  readonly authorised?: NonNullable<Tenant['authorised']>;
}

/** Connects a tenant that has consented. The directory itself is asked, so that a typing error shows at once. */
export const addTenant = async (deps: TenantDeps, admin: Admin, asked: NewTenant): Promise<Result<Tenant, Fault>> => {
  const allowed = await mayConnect(deps, admin, asked);
  if (!allowed.ok) return allowed;
  const described = await deps.directory.describe(asked.directoryId);
  return described.ok ? addDescribed(deps, admin, asked, described.value) : described;
};

/** Whether this person may connect a tenant under this name, and nothing else has the name or the directory. */
export const mayConnect = async (
  deps: ChangeDeps,
  admin: Admin,
  { id, directoryId }: { readonly id: TenantId; readonly directoryId?: string },
): Promise<Result<undefined, Fault>> => {
  // Whoever connects a directory decides whose it is.
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const tenants = await deps.config.tenants.all();
  const rival = tenants.find((known) => known.id === id || known.directoryId === directoryId?.toLowerCase());
  return rival === undefined ? ok(undefined) : err({ code: 'admin.exists', what: 'tenant', name: rival.id });
};

/** Connects a tenant of which the directory has spoken already. */
export const addDescribed = async (
  deps: ChangeDeps,
  admin: Admin,
  asked: NewTenant,
  described: DirectoryDescription,
): Promise<Result<Tenant, Fault>> => {
  const allowed = await mayConnect(deps, admin, asked);
  if (!allowed.ok) return allowed;
  const domain = chooseDomain(described.domains, asked.domain);
  if (!domain.ok) return domain;
  const { authorised } = asked;
  const tenant: Tenant = {
    id: asked.id,
    name: asked.name ?? described.name,
    directoryId: asked.directoryId.toLowerCase(),
    domain: domain.value,
    defaultDurationMs: DEFAULT_DURATION_MS,
    ...owned(asked.organization),
    ...(asked.cloud === undefined ? {} : { cloud: asked.cloud }),
    ...(authorised === undefined ? {} : { authorised }),
  };
  await recordChange(deps, admin, {
    what: 'tenant.added',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: {
      tenant: tenant.id,
      directory: tenant.directoryId,
      ...(authorised === undefined ? {} : { authorisedBy: `${authorised.name} (${authorised.upn})` }),
    },
    after: factsOf(tenant),
  });
  return (await deps.config.tenants.add(tenant))
    ? ok(tenant)
    : err({ code: 'admin.exists', what: 'tenant', name: asked.directoryId });
};

/** Only which kinds of things name it: what they are called is for the caller to say, to whom it may. */
const whatNames = async ({ config }: TenantDeps, id: TenantId): Promise<readonly string[]> => {
  const [[rule], [template]] = await Promise.all([
    config.rules.using({ kind: 'tenant', id }, 1),
    config.templates.using({ kind: 'tenant', id }, 1),
  ]);
  return [...(rule === undefined ? [] : ['a rule']), ...(template === undefined ? [] : ['a template'])];
};

/** Disconnects a tenant that nothing depends on any more. */
export const removeTenant = async (deps: TenantDeps, admin: Admin, id: TenantId): Promise<Result<Tenant, Fault>> => {
  const tenant = await deps.config.tenants.byId(id);
  if (tenant === undefined) return err({ code: 'admin.unknown', what: 'tenant', asked: id });
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const open = await deps.requests.list(
    { tenant: id, states: ['pending', 'approved', 'provisioning', 'active', 'closing'] },
    5,
  );
  const by = [...open.map((request) => request.id), ...(await whatNames(deps, id))];
  if (by.length > 0) return err({ code: 'admin.in-use', what: 'tenant', name: tenant.name, by });
  await recordChange(deps, admin, {
    what: 'tenant.removed',
    tenant: id,
    ...owned(tenant.organization),
    facts: { tenant: id, directory: tenant.directoryId },
  });
  await deps.config.tenants.remove(id);
  await deps.tenantApps.remove(tenant.directoryId);
  await deps.checkups.forget(id);
  return ok(tenant);
};

/** `Contoso Ltd.` is typed `contoso-ltd`. */
export const tenantIdFrom = (name: string): TenantId => tenantId(shortNameFrom(name));
