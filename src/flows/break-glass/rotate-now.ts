/** Has the passwords of a tenant changed at once, on an admin's word. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import { rotate } from './rotate.js';
import type { Rotated, RotateDeps } from './rotate.js';
import { isKept } from './schedule.js';

/** An account, and what came of changing its password. */
export interface RotatedAccount {
  readonly account: BreakGlassAccount;
  readonly rotated: Rotated;
}

/** Changes the passwords of a tenant while the admin waits; whatever is not done at once is done soon. */
export const rotateNow = async (
  deps: RotateDeps & ChangeDeps,
  admin: Admin,
  tenant: Tenant,
): Promise<Result<readonly RotatedAccount[], Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const accounts = (await deps.breakGlass.ofTenant(tenant.id)).filter(isKept);
  if (accounts.length === 0) return err({ code: 'break-glass.none', tenant: tenant.name });
  await recordChange(deps, admin, {
    what: 'break-glass.rotation-asked',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { accounts: accounts.map(({ upn }) => upn) },
  });
  const now = deps.clock.now();
  for (const { id } of accounts) await deps.breakGlass.rotateBy(id, now, 'demand');
  return ok(await rotateAll(deps, accounts));
};

/** Each by itself, so that one that fails leaves the others theirs. */
export const rotateAll = async (
  deps: RotateDeps,
  accounts: readonly BreakGlassAccount[],
): Promise<readonly RotatedAccount[]> => {
  const done: RotatedAccount[] = [];
  for (const known of accounts) {
    const rotated = await rotate(deps, known.id);
    done.push({ account: (await deps.breakGlass.load(known.id)) ?? known, rotated });
  }
  return done;
};
