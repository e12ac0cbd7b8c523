/** From what somebody typed to the tenant they mean, among those that they may know of. */
import type { Fault } from '../engine/faults.js';
import { tenantId } from '../engine/ids.js';
import { maySee } from '../engine/organization.js';
import type { Person } from '../engine/person.js';
import type { Tenant } from '../engine/tenant.js';
import { openTenants } from '../flows/offer.js';
import { adminNames, standingOf } from '../flows/standing.js';
import type { StandingDeps } from '../flows/standing.js';
import { bookFor } from '../flows/book.js';
import { isOpenTo } from '../flows/consult.js';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { cleaned, shortened } from './asking.js';

/**
 * By its short name, its name, its domain or its GUID. One that is neither open to this person by some rule nor theirs to
 * see does not exist for them.
 */
export const tenantMeant = async (
  deps: StandingDeps,
  person: Person,
  typed: string,
): Promise<Result<Tenant, Fault>> => {
  const wanted = cleaned(typed).toLowerCase();
  const direct = await deps.config.tenants.byId(tenantId(wanted));
  if (direct !== undefined && (await mayKnow(deps, person, direct))) return ok(direct);
  const called = await tenantsCalled(deps, wanted);
  const known = await Promise.all(called.map((tenant) => mayKnow(deps, person, tenant)));
  const [tenant, ...others] = called.filter((_, index) => known[index]);
  if (tenant === undefined) return err(await unknownTo(deps, person, typed));
  if (others.length === 0) return ok(tenant);
  const candidates = [tenant, ...others].map(({ id, domain }) => `${id} (${domain})`);
  return err({ code: 'admin.ambiguous', what: 'tenant', asked: shortened(typed), candidates });
};

/**
 * Directory and domain are proven, and say it alone; a name is whatever its admins call it, another organization's
 * tenant too.
 */
const tenantsCalled = async ({ config }: StandingDeps, wanted: string): Promise<readonly Tenant[]> => {
  const tenants = await config.tenants.all();
  const proven = tenants.filter(({ domain, directoryId }) =>
    [domain, directoryId].some((one) => one.toLowerCase() === wanted),
  );
  return proven.length > 0 ? proven : tenants.filter(({ name }) => name.toLowerCase() === wanted);
};

const mayKnow = async (deps: StandingDeps, person: Person, tenant: Tenant): Promise<boolean> => {
  if (isOpenTo(await bookFor(deps, person, tenant), person, tenant)) return true;
  return maySee(await standingOf(deps, person), tenant.organization);
};

const unknownTo = async (deps: StandingDeps, person: Person, typed: string): Promise<Fault> => {
  const [open, standing, tenants] = await Promise.all([
    openTenants(deps, person),
    standingOf(deps, person),
    deps.config.tenants.all(),
  ]);
  const seen = tenants.filter(({ organization }) => maySee(standing, organization));
  const known = [...open.map(({ tenant }) => tenant), ...seen];
  const admins = await adminNames(deps);
  if (known.length === 0) return { code: 'tenant.none', admins };
  const meant = closest(
    cleaned(typed),
    known.map(({ id }) => id),
  );
  return { code: 'tenant.unknown', asked: shortened(typed), admins, ...(meant === undefined ? {} : { meant }) };
};
