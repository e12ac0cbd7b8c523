import type { AdministrativeUnit, Group, ServicePrincipal, Tenant, User } from './model.js';
import { roleByNameOrId, type BuiltInRole } from './role-catalog.js';
import { servicePrincipalOf } from './world.js';

/** What the control plane is told by name or by id; what there is none of is a `ControlRefusal`. */

export class ControlRefusal extends Error {
  override readonly name = 'ControlRefusal';
}

export const principalOf = (tenant: Tenant, app: string): ServicePrincipal => {
  const principal = servicePrincipalOf(tenant, app);
  if (principal === undefined) throw new ControlRefusal(`${tenant.displayName} does not consent to ${app}`);
  return principal;
};

export const roleOf = (nameOrId: string): BuiltInRole => {
  const role = roleByNameOrId(nameOrId);
  if (role === undefined) throw new ControlRefusal(`no role ${nameOrId}`);
  return role;
};

export const userOf = (tenant: Tenant, idOrName: string): User => {
  const user = tenant.users.get(idOrName.toLowerCase()) ?? tenant.users.withKey(idOrName.toLowerCase())[0];
  if (user === undefined) throw new ControlRefusal(`no user ${idOrName} in ${tenant.displayName}`);
  return user;
};

export const groupOf = (tenant: Tenant, idOrName: string): Group => {
  const group = tenant.groups.get(idOrName) ?? tenant.groups.all().find((each) => each.displayName === idOrName);
  if (group === undefined) throw new ControlRefusal(`no group ${idOrName} in ${tenant.displayName}`);
  return group;
};

export const unitNamed = (tenant: Tenant, idOrName: string): AdministrativeUnit | undefined =>
  tenant.administrativeUnits.get(idOrName) ??
  tenant.administrativeUnits.all().find((each) => each.displayName === idOrName);

export const unitOf = (tenant: Tenant, idOrName: string): AdministrativeUnit => {
  const unit = unitNamed(tenant, idOrName);
  if (unit === undefined) throw new ControlRefusal(`no administrative unit ${idOrName} in ${tenant.displayName}`);
  return unit;
};
