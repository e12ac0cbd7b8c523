/** Plans passwords to be changed sooner, as when the keys of a vault are others now. */
import type { BreakGlassAccount, RotationCause } from '../../engine/break-glass.js';
import { vaultOf } from '../../engine/ids.js';
import type { BreakGlassId, TenantId, VaultId } from '../../engine/ids.js';
import { eachAtMost } from '../../lib/each-at-most.js';
import type { FlowDeps } from '../deps.js';

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
 * Everything that is sealed to this vault is changed by then, now where nothing is said; how many passwords. What was seen cannot be unseen, and whoever
 * is new can open only what is sealed from now on. To be called after the keys have changed.
 */
export const rotateVault = async (
  deps: ScheduleDeps,
  vault: VaultId,
  cause: RotationCause,
  at = deps.clock.now(),
): Promise<number> => {
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
      if (await deps.breakGlass.rotateBy(id, at, cause)) count += 1;
    });
  } while (page.length === PAGE);
  return count;
};
