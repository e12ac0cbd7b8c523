import type { Tenant } from './model.js';
import { badRequest, notFound } from './refusal.js';
import type { BuiltInRole } from './role-catalog.js';

/** Where a role may be assigned: in the whole directory, or in one administrative unit. */

export const WHOLE_DIRECTORY = '/';

const UNIT = /^\/administrativeUnits\/([^/]+)$/i;

export const scopeOfUnit = (unitId: string): string => `/administrativeUnits/${unitId}`;

const requireUnitRole = (role: BuiltInRole): void => {
  if (!role.fitsUnits)
    throw badRequest(`The role ${role.displayName} cannot be assigned at the scope of an administrative unit.`);
};

/** The scope in its one spelling; refused where it is none, names nothing, or is not for this role. */
export const readScope = (tenant: Tenant, text: string, role: BuiltInRole, at: number | undefined): string => {
  if (text === WHOLE_DIRECTORY) return text;
  if (!text.startsWith('/')) throw badRequest('Must specify valid property scope of entity RoleAssignment.');
  const unit = tenant.administrativeUnits.get(UNIT.exec(text)?.[1]?.toLowerCase() ?? '', at);
  if (unit === undefined) throw notFound(text);
  requireUnitRole(role);
  return scopeOfUnit(unit.id);
};
