/** Roles as people name them, `User Administrator` or, confined to a unit, `User Administrator@Berlin office`. */
import { heldAs } from '../engine/access.js';
import type { AdministrativeUnit, Role } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import type { Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { roleCalled, unknownRole } from './directory-names.js';

type NameDeps = Pick<FlowDeps, 'directory' | 'search'>;

/** Roles by name or id as the tenant's directory knows them, each where it is to hold. */
export const rolesNamed = async (
  deps: NameDeps,
  tenant: Pick<Tenant, 'directoryId' | 'name'>,
  names: readonly string[],
): Promise<Result<readonly Role[], Fault>> => {
  if (names.length === 0) return ok([]);
  const known = await deps.directory.roles(tenant);
  if (!known.ok) return known;
  const roles = new Map<string, Role>();
  for (const name of names) {
    // A role whose own name has an @ in it goes by that.
    const whole = roleCalled(known.value, name);
    const { role: called, unit: unitName } = splitRole(name);
    const role = whole ?? roleCalled(known.value, called);
    if (role === undefined) return err(unknownRole(tenant.name, known.value, called));
    const unit =
      whole !== undefined || unitName === undefined ? ok(undefined) : await unitNamed(deps, tenant, unitName);
    if (!unit.ok) return unit;
    const confined = unit.value === undefined ? role : { ...role, unit: unit.value };
    roles.set(heldAs(confined), confined);
  }
  return ok([...roles.values()]);
};

/** What stands before the last `@`, and the unit behind it. */
export const splitRole = (typed: string): { readonly role: string; readonly unit?: string } => {
  const at = typed.lastIndexOf('@');
  const unit = typed.slice(at + 1).trim();
  return at <= 0 || unit === '' ? { role: typed } : { role: typed.slice(0, at).trim(), unit };
};

/** A unit by its name or id. */
export const unitNamed = async (
  { search }: Pick<FlowDeps, 'search'>,
  tenant: Pick<Tenant, 'directoryId' | 'name'>,
  typed: string,
): Promise<Result<AdministrativeUnit, Fault>> => {
  const listed = await search.units(tenant, typed);
  if (!listed.ok) return listed;
  const wanted = typed.toLowerCase();
  const found = listed.value.filter(({ id, name }) => name.toLowerCase() === wanted || id === wanted);
  const [unit, ...others] = found;
  if (unit === undefined) {
    const meant = listed.value[0]?.name;
    return err({ code: 'unit.unknown', tenant: tenant.name, asked: typed, ...(meant === undefined ? {} : { meant }) });
  }
  if (others.length === 0) return ok(unit);
  return err({ code: 'unit.ambiguous', asked: typed, candidates: found.map(({ id, name }) => `${name} (${id})`) });
};
