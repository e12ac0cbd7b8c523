import type { Fault } from '../engine/faults.js';
import { tenantId } from '../engine/ids.js';
import type { OrganizationId, TenantId } from '../engine/ids.js';
import type { Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, mayTouch, owned, recordChange } from './change.js';
import { edit } from './edit.js';
import { shortNameFrom } from './organizations.js';
import type { Facts } from './ports/audit.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { DEFAULT_DURATION_MS } from './defaults.js';

type TenantDeps = ChangeDeps & Pick<FlowDeps, 'directory' | 'requests'>;

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
}

const factsOf = ({ name, organization, domain, defaultDurationMs }: Tenant): Facts => ({
  name,
  organization: organization ?? null,
  domain,
  defaultDurationMs,
});

/** Connects a tenant that has consented. The directory itself is asked, so that a typing error shows at once. */
export const addTenant = async (deps: TenantDeps, admin: Admin, asked: NewTenant): Promise<Result<Tenant, Fault>> => {
  // Whoever connects a directory decides whose it is.
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  if ((await deps.config.tenants.byId(asked.id)) !== undefined) {
    return err({ code: 'admin.exists', what: 'tenant', name: asked.id });
  }
  const described = await deps.directory.describe(asked.directoryId);
  if (!described.ok) return described;
  const domain = chooseDomain(described.value.domains, asked.domain);
  if (!domain.ok) return domain;
  const tenant: Tenant = {
    id: asked.id,
    name: asked.name ?? described.value.name,
    directoryId: asked.directoryId.toLowerCase(),
    domain: domain.value,
    defaultDurationMs: DEFAULT_DURATION_MS,
    ...owned(asked.organization),
  };
  await recordChange(deps, admin, {
    what: 'tenant.added',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { tenant: tenant.id, directory: tenant.directoryId },
    after: factsOf(tenant),
  });
  return (await deps.config.tenants.add(tenant))
    ? ok(tenant)
    : err({ code: 'admin.exists', what: 'tenant', name: asked.directoryId });
};

interface Domain {
  readonly name: string;
  readonly verified: boolean;
  readonly managed: boolean;
}

const chooseDomain = (domains: readonly Domain[], asked: string | undefined): Result<string, Fault> => {
  const usable = domains.filter(({ verified, managed }) => verified && managed);
  const names = usable.map(({ name }) => name);
  if (asked === undefined) {
    const own = names.find((name) => !name.includes('.onmicrosoft.')) ?? names[0];
    return own === undefined ? err({ code: 'domain.unverified', domain: '(any)', verified: [] }) : ok(own);
  }
  const found = domains.find(({ name }) => name.toLowerCase() === asked.toLowerCase());
  if (found === undefined || !found.verified) return err({ code: 'domain.unverified', domain: asked, verified: names });
  // Passwords of federated users are set elsewhere, so Graph refuses to.
  return found.managed ? ok(found.name) : err({ code: 'domain.federated', domain: asked });
};

/** Only which kinds of things name it: what they are called is for the caller to say, to whom it may. */
const whatNames = async ({ config }: TenantDeps, id: TenantId): Promise<readonly string[]> => {
  const [[rule], [template]] = await Promise.all([
    config.rules.using({ kind: 'tenant', id }, 1),
    config.templates.using({ kind: 'tenant', id }, 1),
  ]);
  return [...(rule === undefined ? [] : ['a rule']), ...(template === undefined ? [] : ['a template'])];
};

/** What a tenant is to be from now on; what is absent stays. */
export interface TenantChange {
  readonly name?: string;
  readonly domain?: string;
  readonly defaultDurationMs?: number;
  /** `null`: the owners' alone. */
  readonly organization?: OrganizationId | null;
}

export const setTenant = async (
  deps: TenantDeps,
  admin: Admin,
  tenant: Tenant,
  { organization, domain: asked, ...rest }: TenantChange,
): Promise<Result<Tenant, Fault>> => {
  // Else an organization's admin could put a tenant under rules that its owners know nothing of.
  const allowed =
    organization === undefined ? await mayTouch(deps, admin, tenant.organization) : await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const domain = asked === undefined ? ok(undefined) : await usableDomain(deps, tenant, asked);
  if (!domain.ok) return domain;
  return edit(deps, admin, deps.config.tenants, tenant.id, {
    what: 'tenant',
    event: 'tenant.changed',
    ownerOf: (current) => current.organization,
    factsOf,
    about: { tenant: tenant.id },
    next: ({ organization: current, ...known }) =>
      ok({
        ...known,
        ...rest,
        ...(domain.value === undefined ? {} : { domain: domain.value }),
        ...owned(organization === undefined ? current : (organization ?? undefined)),
      }),
  });
};

const usableDomain = async (
  deps: TenantDeps,
  { directoryId }: Tenant,
  asked: string,
): Promise<Result<string, Fault>> => {
  const described = await deps.directory.describe(directoryId);
  return described.ok ? chooseDomain(described.value.domains, asked) : described;
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
  return ok(tenant);
};

/** `Contoso Ltd.` is typed `contoso-ltd`. */
export const tenantIdFrom = (name: string): TenantId => tenantId(shortNameFrom(name));
