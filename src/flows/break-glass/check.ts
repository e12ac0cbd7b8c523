/** Looks whether a tenant's break-glass accounts would work in an emergency, and lifts what stands in their way. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { DirectoryFault, Fault } from '../../engine/faults.js';
import type { DirectoryUserId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import type { BreakGlassSurroundings } from '../ports/break-glass.js';

/** What a look at one account tells; `found` is absent where there is no user yet, or `fault` kept it from being read. */
export interface CheckedAccount {
  readonly account: BreakGlassAccount;
  readonly found?: BreakGlassSurroundings;
  readonly fault?: DirectoryFault;
}

type CheckDeps = Pick<FlowDeps, 'breakGlass' | 'breakGlassDirectory'>;

export const checkAccount = async (
  { breakGlassDirectory }: Pick<FlowDeps, 'breakGlassDirectory'>,
  tenant: Tenant,
  account: BreakGlassAccount,
): Promise<CheckedAccount> => {
  if (account.objectId === undefined) return { account };
  const found = await breakGlassDirectory.inspect(tenant, account.objectId);
  return found.ok ? { account, found: found.value } : { account, fault: found.error };
};

/** For whoever may see the tenant. */
export const checkTenant = async (deps: CheckDeps, tenant: Tenant): Promise<readonly CheckedAccount[]> => {
  const accounts = await deps.breakGlass.ofTenant(tenant.id);
  return await Promise.all(accounts.map((account) => checkAccount(deps, tenant, account)));
};

/**
 * Excludes the accounts from every conditional access policy that would stop them, and looks again. What the app may not
 * change is told by the look.
 */
export const excludeFromPolicies = async (
  deps: CheckDeps & ChangeDeps,
  admin: Admin,
  tenant: Tenant,
): Promise<Result<readonly CheckedAccount[], Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const checked = await checkTenant(deps, tenant);
  if (checked.length === 0) return err({ code: 'break-glass.none', tenant: tenant.name });
  const after: CheckedAccount[] = [];
  for (const one of checked) after.push(await excludeOne(deps, admin, tenant, one));
  return ok(after);
};

const excludeOne = async (
  deps: CheckDeps & ChangeDeps,
  admin: Admin,
  tenant: Tenant,
  checked: CheckedAccount,
): Promise<CheckedAccount> => {
  const { account, found } = checked;
  const policies = found?.policies ?? [];
  const user: DirectoryUserId | undefined = account.objectId;
  if (user === undefined || policies.length === 0) return checked;
  await recordChange(deps, admin, {
    what: 'break-glass.excluded',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { account: account.upn, policies: policies.map(({ name }) => name) },
  });
  const excluded = await deps.breakGlassDirectory.exclude(
    tenant,
    user,
    policies.map(({ id }) => id),
  );
  const again = await checkAccount(deps, tenant, account);
  return excluded.kind === 'failed' ? { ...again, fault: excluded.fault } : again;
};
