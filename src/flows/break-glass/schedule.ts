/** Has passwords changed sooner than planned: on an admin's word, or because the keys of a vault are others now. */
import type { BreakGlassAccount, RotationCause } from '../../engine/break-glass.js';
import type { Fault } from '../../engine/faults.js';
import { vaultOf } from '../../engine/ids.js';
import type { BreakGlassId, TenantId, VaultId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { eachAtMost } from '../../lib/each-at-most.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { rotate } from './rotate.js';
import type { Rotated, RotateDeps } from './rotate.js';

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

/** Whether its password is changed regularly. */
export const isKept = ({ rotateAt }: BreakGlassAccount): boolean => rotateAt !== undefined;

export const byTenant = (
  accounts: readonly BreakGlassAccount[],
): ReadonlyMap<TenantId, readonly BreakGlassAccount[]> => {
  const grouped = new Map<TenantId, BreakGlassAccount[]>();
  for (const account of accounts) grouped.set(account.tenant, [...(grouped.get(account.tenant) ?? []), account]);
  return grouped;
};

type ScheduleDeps = Pick<FlowDeps, 'clock' | 'config' | 'breakGlass'>;

/** Every password of a tenant is changed by then, now where nothing is said; how many. */
export const rotateTenant = async (
  { clock, breakGlass }: Omit<ScheduleDeps, 'config'>,
  tenant: TenantId,
  cause: RotationCause,
  at = clock.now(),
): Promise<number> => {
  const asked = (await breakGlass.ofTenant(tenant)).map(({ id }) => breakGlass.rotateBy(id, at, cause));
  return (await Promise.all(asked)).filter(Boolean).length;
};

const PAGE = 500;
const AT_ONCE = 16;

/**
 * Everything that is sealed to this vault is changed now; how many passwords. What was seen cannot be unseen, and whoever
 * is new can open only what is sealed from now on. To be called after the keys have changed.
 */
export const rotateVault = async (deps: ScheduleDeps, vault: VaultId, cause: RotationCause): Promise<number> => {
  const now = deps.clock.now();
  let count = 0;
  let page: readonly BreakGlassAccount[];
  let after: BreakGlassId | undefined;
  do {
    page = await deps.breakGlass.all(after, PAGE);
    after = page.at(-1)?.id;
    const tenants = await deps.config.tenants.byIds([...new Set(page.map(({ tenant }) => tenant))]);
    const theirs = new Set(tenants.filter(({ organization }) => vaultOf(organization) === vault).map(({ id }) => id));
    const concerned = page.filter(({ tenant }) => theirs.has(tenant));
    await eachAtMost(AT_ONCE, concerned, async ({ id }) => {
      if (await deps.breakGlass.rotateBy(id, now, cause)) count += 1;
    });
  } while (page.length === PAGE);
  return count;
};
