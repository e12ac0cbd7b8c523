/** Lets an account go for good: shut once more, or deleted, and forgotten as soon as the directory confirms it. */
import { shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import type { RequestState } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs } from '../lib/clock.js';
import { redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayTouch, owned, recordChange } from './change.js';
import type { Admin } from './change.js';
import { converge } from './converge.js';
import type { FlowDeps } from './deps.js';
import { Lease, LEASE_MS, LeaseLost } from './lease.js';

const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active', 'closing'];

/** Requests that need the account, or may come to need it. */
export const needing = async (
  { requests }: Pick<FlowDeps, 'requests'>,
  { id }: Pick<Account, 'id'>,
): Promise<readonly RequestId[]> => (await requests.byAccount(id, OPEN)).map(({ request }) => request.id);

/** `waiting`: the directory has not confirmed it yet; it is tried on, and the account stays on record. */
export type Retired = 'gone' | 'disabled' | 'waiting';

export const retire = async (
  deps: FlowDeps,
  admin: Admin,
  { tenant, account, remove }: { readonly tenant: Tenant; readonly account: Account; readonly remove: boolean },
): Promise<Result<Retired, Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  if (account.kind === 'existing') return err(notOurs(account));
  const marked = await underLease(deps, account, async (held) => {
    const by = await needing(deps, account);
    if (by.length > 0) return err<Fault>({ code: 'admin.in-use', what: 'account', name: account.upn, by });
    await recordChange(deps, admin, {
      what: 'account.retired',
      tenant: tenant.id,
      ...owned(tenant.organization),
      ...(account.person === undefined ? {} : { about: [account.person] }),
      facts: { account: account.upn, id: account.id, deleted: remove },
    });
    if (!held.account.creationSent) return ok('nothing there');
    const credential = shutCredential(held.account.credential.generation + 1);
    await held.write({ ...held.account, owed: remove ? 'delete' : 'disable', credential });
    return ok('marked');
  });
  if (!marked.ok) return marked;
  if (marked.value === 'marked') await converge(deps, account.id);
  return await underLease(deps, account, (held, fence) => letGo(deps, tenant, held, fence));
};

const notOurs = ({ upn }: Account): Fault => ({
  code: 'admin.invalid',
  field: 'account',
  problem: `${upn} was there before me, so there is nothing of mine to retire; rules decide who may borrow it`,
});

/** Nobody may be at it meanwhile: an account that is about to be used is not let go. */
const underLease = async <T>(
  deps: Pick<FlowDeps, 'clock' | 'accounts'>,
  { id }: Account,
  act: (held: Lease, fence: number) => Promise<Result<T, Fault>>,
): Promise<Result<T, Fault>> => {
  const now = deps.clock.now();
  const leased = await deps.accounts.lease(id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return err({ code: 'busy' });
  try {
    return await act(new Lease(deps, leased.fence, leased.account), leased.fence);
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return err({ code: 'busy' });
    throw thrown;
  } finally {
    await deps.accounts.release(id, leased.fence);
  }
};

const letGo = async (
  deps: FlowDeps,
  tenant: Tenant,
  { account }: Lease,
  fence: number,
): Promise<Result<Retired, Fault>> => {
  if (account.owed !== undefined || (await needing(deps, account)).length > 0) return ok('waiting');
  const { objectId, creationSent } = account;
  const isThere = creationSent && objectId !== undefined;
  // Whoever stays there is no longer ours, and must not be taken for it.
  if (isThere && !(await untag(deps, tenant, { ...account, objectId }))) return ok('waiting');
  await deps.accounts.forget(account.id, fence);
  // What was asked for in this very moment finds an account of that name as if it had never been there.
  if ((await needing(deps, account)).length > 0) {
    await deps.accounts.ensure({ ...account, creationSent: false, credential: shutCredential(0), grants: [] });
  }
  return ok(isThere ? 'disabled' : 'gone');
};

const untag = async (
  { directory }: Pick<FlowDeps, 'directory'>,
  tenant: Tenant,
  { id, upn, displayName, objectId }: Account & { readonly objectId: string },
): Promise<boolean> => {
  const user = { account: id, upn, displayName, objectId };
  const [outcome] = await directory.apply(tenant, user, [{ do: 'untag' }], redacted(''));
  return outcome?.kind === 'done' || outcome?.kind === 'absent';
};
