/** The account that a request is for: put on record with a name that is nobody else's, before anything is made. */
import { OWN_CREDENTIAL, shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import type { ExistingUser, FreshUser } from '../engine/access.js';
import type { DirectoryFault, Fault } from '../engine/faults.js';
import { dedicatedAccountId, existingAccountId, freshAccountId } from '../engine/ids.js';
import { accountDisplayName, accountUpn } from '../engine/naming.js';
import type { Person } from '../engine/person.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs } from '../lib/clock.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { LEASE_MS } from './lease.js';
import { freeName } from './rename.js';

type AccountDeps = Pick<FlowDeps, 'random' | 'clock' | 'accounts' | 'requests' | 'search'>;

/** On which account something is asked for: one's own, a user to be made, or one who is there. */
export interface Holder {
  readonly tenant: Tenant;
  readonly fresh?: FreshUser;
  readonly user?: ExistingUser;
}

export const newAccountFor = async (
  deps: AccountDeps,
  requester: Person,
  { tenant, fresh, user }: Holder,
): Promise<Result<Account, Fault>> => {
  if (user !== undefined) return borrowed(deps, tenant, user);
  return fresh === undefined ? dedicated(deps, requester, tenant) : made(deps, requester, tenant, fresh);
};

const MOST_NAMESAKES = 50;

/** The technician's own account in the tenant. */
const dedicated = async (deps: AccountDeps, requester: Person, tenant: Tenant): Promise<Result<Account, Fault>> => {
  for (const person of [requester.id, ...requester.aliases]) {
    const known = await deps.accounts.load(dedicatedAccountId(tenant.id, person));
    if (known !== undefined) return ok(known);
  }
  for (let number = 1; number <= MOST_NAMESAKES; number += 1) {
    const account: Account = {
      ...UNUSED,
      id: dedicatedAccountId(tenant.id, requester.id),
      tenant: tenant.id,
      kind: 'dedicated',
      person: requester.id,
      upn: accountUpn(requester.name, requester.id, tenant.domain, number, tenant.namePattern),
      displayName: accountDisplayName(requester.name),
    };
    if (await deps.accounts.ensure(account)) return ok(account);
  }
  return err({ code: 'busy' });
};

const UNUSED = { creationSent: false, credential: shutCredential(0), grants: [] } as const;

const made = async (
  deps: AccountDeps,
  requester: Person,
  tenant: Tenant,
  { firstName, lastName, upn }: FreshUser,
): Promise<Result<Account, Fault>> => {
  const account: Account = {
    ...UNUSED,
    id: freshAccountId(tenant.id, readableId(deps.random, 8)),
    tenant: tenant.id,
    kind: 'fresh',
    person: requester.id,
    upn,
    displayName: `${firstName} ${lastName}`,
  };
  const put = await ensureNamed(deps, tenant, account);
  if (!put.ok) return put;
  const isPut = put.value || ((await letGo(deps, tenant, upn)) && (await deps.accounts.ensure(account)));
  return isPut ? ok(account) : err({ code: 'user.taken', upn, tenant: tenant.name });
};

/** Frees the name of a user that was made for a request which is over, and that is proven deleted or never was made. */
const letGo = async ({ accounts, requests, clock }: AccountDeps, tenant: Tenant, upn: string): Promise<boolean> => {
  const [known] = (await accounts.byUpn(upn)).filter((account) => account.tenant === tenant.id);
  if (known === undefined || known.kind !== 'fresh') return false;
  const now = clock.now();
  const leased = await accounts.lease(known.id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return false;
  const waiting = await requests.byAccount(known.id, UNDER_WAY);
  if (!leased.account.creationSent && waiting.length === 0) return accounts.forget(known.id, leased.fence);
  await accounts.release(known.id, leased.fence);
  return false;
};

const UNDER_WAY = ['pending', 'approved', 'provisioning', 'active', 'closing'] as const;

/** Whoever is borrowed by several people is the same account for all of them. */
const borrowed = async (deps: AccountDeps, tenant: Tenant, user: ExistingUser): Promise<Result<Account, Fault>> => {
  const account: Account = {
    id: existingAccountId(tenant.id, user.id),
    tenant: tenant.id,
    kind: 'existing',
    upn: user.upn,
    displayName: user.name,
    objectId: user.id,
    creationSent: true,
    credential: OWN_CREDENTIAL,
    grants: [],
  };
  const put = await ensureNamed(deps, tenant, account);
  if (!put.ok) return put;
  if (!put.value) return err({ code: 'user.kept', upn: user.upn });
  return ok((await deps.accounts.load(account.id)) ?? account);
};

/** The directory has given the name to this user: somebody else may have had it when they were lent. */
const ensureNamed = async (
  deps: AccountDeps,
  tenant: Tenant,
  account: Account,
): Promise<Result<boolean, DirectoryFault>> => {
  if (await deps.accounts.ensure(account)) return ok(true);
  const freed = await freeName(deps, tenant, account.upn);
  return freed.ok && freed.value ? ok(await deps.accounts.ensure(account)) : freed;
};
