/** Accounts go by the names that the directory has for their users, whoever gave them another. */
import type { Account, Observed } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs } from '../lib/clock.js';
import { ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { Lease, LEASE_MS } from './lease.js';

/** The account under the name that a read of its user shows; one that was not there before is renamed only by a look. */
export const followName = async (held: Lease, account: Account, observed: Observed): Promise<Account> => {
  if (account.kind !== 'existing' || !observed.exists || observed.upn === undefined) return account;
  if (isSame(observed.upn, account.upn)) return account;
  return (await held.rename(observed.upn)) ? { ...account, upn: observed.upn } : account;
};

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * Has whoever was lent once give back a name that the directory has given to somebody else since. `false`: the name is
 * not on record for such a user, or is theirs still.
 */
export const freeName = async (
  deps: Pick<FlowDeps, 'accounts' | 'search' | 'clock'>,
  tenant: Tenant,
  upn: string,
): Promise<Result<boolean, DirectoryFault>> => {
  const namesakes = await deps.accounts.byUpn(upn);
  const known = namesakes.find((account) => account.tenant === tenant.id && account.kind === 'existing');
  if (known?.objectId === undefined) return ok(false);
  const found = await deps.search.user(tenant, known.objectId);
  if (!found.ok) return found;
  const now = found.value?.upn ?? nameWhenDeleted(known.objectId, known.upn);
  return ok(!isSame(now, upn) && (await renamed(deps, known, now)));
};

/** As Entra itself renames those that it deletes, so that their names are free. */
const nameWhenDeleted = (objectId: string, upn: string): string => `${objectId.replaceAll('-', '')}${upn}`;

const renamed = async (deps: Pick<FlowDeps, 'accounts' | 'clock'>, { id }: Account, upn: string): Promise<boolean> => {
  const now = deps.clock.now();
  const leased = await deps.accounts.lease(id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return false;
  try {
    return await new Lease(deps, leased.fence, leased.account).rename(upn);
  } finally {
    await deps.accounts.release(id, leased.fence);
  }
};
