import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned } from '../asking.js';
import { found } from './find.js';
import type { AdminContext } from './noun.js';

/** A tenant is known by its domain and its GUID, too. */
export const tenantNamed = async ({ sight }: AdminContext, typed: string): Promise<Result<Tenant, Fault>> => {
  const direct = await found('tenant', sight.tenants, typed);
  if (direct.ok) return direct;
  const wanted = cleaned(typed).toLowerCase();
  const { items } = await sight.tenants.page({ skip: 0, limit: 0 });
  const other = items.find(({ domain, directoryId }) => [domain, directoryId].includes(wanted));
  return other === undefined ? direct : ok(other);
};
