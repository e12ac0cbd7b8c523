/** What admins settle about a tenant: what it is called, whose it is, what it lends and how its accounts are made. */
import { heldAs } from '../engine/access.js';
import type { DirectoryGroup, ExpirationAction, Role } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import type { OrganizationId } from '../engine/ids.js';
import { USUAL_PATTERN, whyUnfitPattern } from '../engine/naming.js';
import type { Cloud, Tenant } from '../engine/tenant.js';
import { writeDuration } from '../engine/when.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, mayTouch, owned } from './change.js';
import { rotateTenant } from './break-glass/schedule.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { groupCalled, groupsNamed } from './directory-names.js';
import { chooseDomain } from './domains.js';
import { edit } from './edit.js';
import type { Facts } from './ports/audit.js';
import { rolesNamed } from './role-names.js';

type SettingsDeps = ChangeDeps & Pick<FlowDeps, 'directory' | 'search' | 'tenantApps' | 'breakGlass'>;

/** What a tenant is to be from now on. What is absent stays; `null` takes a setting out. */
export interface TenantChange {
  readonly name?: string;
  readonly domain?: string;
  readonly defaultDurationMs?: number;
  readonly longestDurationMs?: number | null;
  /** Names or ids, as its directory knows them. */
  readonly roles?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly namePattern?: string | null;
  readonly atEnd?: ExpirationAction;
  readonly accessPass?: 'once' | 'many' | null;
  readonly cloud?: Cloud;
  /** `null`: the owners' alone. */
  readonly organization?: OrganizationId | null;
}

/** Every setting as it is compared and recorded. */
export const factsOf = (tenant: Tenant): Facts => ({
  name: tenant.name,
  organization: tenant.organization ?? null,
  domain: tenant.domain,
  defaultDurationMs: tenant.defaultDurationMs,
  longestDurationMs: tenant.longestDurationMs ?? null,
  roles:
    tenant.roles?.map(({ id, name, unit }) => `${name} (${id}${unit === undefined ? '' : ` in ${unit.id}`})`) ?? null,
  groups: tenant.groups?.map(({ id, name }) => `${name} (${id})`) ?? null,
  namePattern: tenant.namePattern ?? null,
  atEnd: tenant.atEnd ?? null,
  accessPass: tenant.accessPass ?? null,
  cloud: tenant.cloud ?? null,
});

/** Why settings do not go together, from whatever side they come; `undefined`: they do. */
export const unfitTenant = (tenant: Tenant): Fault | undefined => {
  const { domain, defaultDurationMs, longestDurationMs, namePattern = USUAL_PATTERN } = tenant;
  if (longestDurationMs !== undefined && defaultDurationMs > longestDurationMs) {
    const problem = `an access lasts ${writeDuration(defaultDurationMs)} where nobody says otherwise, which is longer than ${writeDuration(longestDurationMs)}; set both, as in --longest ${writeDuration(longestDurationMs)} --default ${writeDuration(longestDurationMs)}`;
    return { code: 'admin.invalid', field: '--longest', problem };
  }
  for (const [field, things] of [
    ['--role', tenant.roles],
    ['--group', tenant.groups],
  ] as const) {
    if (things?.length === 0) return { code: 'admin.invalid', field, problem: 'name at least one, or lift the limit' };
    if ((things?.length ?? 0) > MOST_THINGS) {
      return { code: 'admin.invalid', field, problem: `at most ${MOST_THINGS} fit` };
    }
  }
  const problem = whyUnfitPattern(namePattern, domain);
  return problem === undefined ? undefined : { code: 'admin.invalid', field: '--account-name', problem };
};

/** As many as a form shows chosen. */
const MOST_THINGS = 100;

export const setTenant = async (
  deps: SettingsDeps,
  admin: Admin,
  tenant: Tenant,
  change: TenantChange,
): Promise<Result<Tenant, Fault>> => {
  // Else an organization's admin could put a tenant under rules that its owners know nothing of.
  const allowed =
    change.organization === undefined ? await mayTouch(deps, admin, tenant.organization) : await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const settled = await lookUp(deps, tenant, change);
  if (!settled.ok) return settled;
  const changed = await edit(deps, admin, deps.config.tenants, tenant.id, {
    what: 'tenant',
    event: 'tenant.changed',
    ownerOf: (current) => current.organization,
    factsOf,
    about: { tenant: tenant.id },
    next: (current) => {
      const next = withSettings(current, settled.value);
      const fault = unfitTenant(next);
      return fault === undefined ? ok(next) : err(fault);
    },
  });
  // Whoever has the tenant now has a vault of their own, and its former owners shall open nothing new.
  if (changed.ok && change.organization !== undefined) await rotateTenant(deps, tenant.id, 'recipients');
  return changed;
};

/** A change whose every name has been looked up in the directory. */
type Settled = Omit<TenantChange, 'roles' | 'groups'> & {
  readonly roles?: readonly Role[] | null;
  readonly groups?: readonly DirectoryGroup[] | null;
};

const lookUp = async (
  deps: SettingsDeps,
  tenant: Tenant,
  { domain, roles, groups, ...rest }: TenantChange,
): Promise<Result<Settled, Fault>> => {
  if (rest.cloud !== undefined && (await deps.tenantApps.of(tenant.directoryId)) === undefined) {
    const problem = `the server's own app serves ${tenant.name}, and its cloud is the server's; /jit admin tenant app gives it an app of its own`;
    return err({ code: 'admin.invalid', field: '--cloud', problem });
  }
  const usable = domain === undefined ? ok(undefined) : await usableDomain(deps, tenant, domain);
  if (!usable.ok) return usable;
  const lent = roles ? await rolesMeant(deps, tenant, roles) : ok(roles);
  if (!lent.ok) return lent;
  const joined = groups ? await groupsMeant(deps, tenant, groups) : ok(groups);
  if (!joined.ok) return joined;
  return ok({
    ...rest,
    ...(usable.value === undefined ? {} : { domain: usable.value }),
    ...(lent.value === undefined ? {} : { roles: lent.value }),
    ...(joined.value === undefined ? {} : { groups: joined.value }),
  });
};

const usableDomain = async (
  { directory }: SettingsDeps,
  { directoryId }: Tenant,
  asked: string,
): Promise<Result<string, Fault>> => {
  const described = await directory.describe(directoryId);
  return described.ok ? chooseDomain(described.value.domains, asked) : described;
};

/** A role that is on the list already, where it holds there, goes by the name under which it is held. */
const rolesMeant = async (
  deps: SettingsDeps,
  tenant: Tenant,
  names: readonly string[],
): Promise<Result<readonly Role[], Fault>> => {
  const kept = (tenant.roles ?? []).filter((role) => names.includes(heldAs(role)));
  const held = kept.map((role): string => heldAs(role));
  const found = await rolesNamed(
    deps,
    tenant,
    names.filter((name) => !held.includes(name)),
  );
  if (!found.ok) return found;
  return ok([...new Map([...kept, ...found.value].map((role) => [heldAs(role), role])).values()]);
};

/** A group that is on the list already stays it, even where another has the same name by now. */
const groupsMeant = async (
  deps: SettingsDeps,
  tenant: Tenant,
  names: readonly string[],
): Promise<Result<readonly DirectoryGroup[], Fault>> => {
  const known = (tenant.groups ?? []).map((group) => ({ ...group, keptElsewhere: false }));
  const groups = new Map<string, DirectoryGroup>();
  for (const name of names) {
    const kept = groupCalled(known, tenant.name, name);
    const found = kept.ok ? ok([kept.value]) : await groupsNamed(deps, tenant, [name]);
    if (!found.ok) return found;
    for (const group of found.value) groups.set(group.id, group);
  }
  return ok([...groups.values()]);
};

/** The settings that can be absent, and so taken out. */
const OPTIONAL = ['longestDurationMs', 'roles', 'groups', 'namePattern', 'accessPass'] as const;

const withSettings = (current: Tenant, { organization, ...change }: Settled): Tenant => {
  const { organization: owner, ...known } = current;
  const next = { ...known, ...change, ...owned(organization === undefined ? owner : (organization ?? undefined)) };
  const out = OPTIONAL.filter((setting) => next[setting] === null);
  return Object.fromEntries(
    Object.entries(next).filter(([setting]) => !out.some((gone) => gone === setting)),
  ) as unknown as Tenant;
};
