import type { Account } from '../../engine/account.js';
import type { AccountId, TenantId } from '../../engine/ids.js';

/** An account under an exclusive, expiring right to change it and its directory user. */
export interface LeasedAccount {
  readonly account: Account;
  /** Grows with each lease; a holder whose lease was taken over can write nothing any more. */
  readonly fence: number;
  /** Whether the last holder vanished without releasing: its last directory write may have happened. */
  readonly abandoned: boolean;
}

/** How often the account was leased so far, and whether it is. */
export interface Holding {
  readonly fence: number;
  readonly isHeld: boolean;
}

export interface AccountFilter {
  /** Absent: all. */
  readonly tenants?: readonly TenantId[];
  /** Only those that somebody can sign in with, as far as we know. */
  readonly open?: true;
  /** Only those that nobody can, and that nobody has used since then. */
  readonly unusedSince?: Date;
}

export interface AccountPage {
  readonly items: readonly Account[];
  readonly total: number;
}

export interface AccountStore {
  load(id: AccountId): Promise<Account | undefined>;
  holding(id: AccountId): Promise<Holding | undefined>;
  /** Inserts unless it exists. `false`: another account of the tenant has that user principal name. */
  ensure(account: Account): Promise<boolean>;
  /** Those of a tenant in the order of their ids, from the one after `after` on. */
  byTenant(tenant: TenantId, after: AccountId | undefined, limit: number): Promise<readonly Account[]>;
  /** Those of several tenants, at most `limit` in all; `undefined`: there are more. */
  ofTenants(tenants: readonly TenantId[], limit: number): Promise<readonly Account[] | undefined>;
  /** Those of these tenants that fit, most recently used first. */
  list(filter: AccountFilter, page: { readonly skip: number; readonly limit: number }): Promise<AccountPage>;
  /** Those with this user principal name, in whatever tenants. */
  byUpn(upn: string): Promise<readonly Account[]>;
  /** Those that owe an end and that nobody is at. */
  owing(now: Date, limit: number): Promise<readonly AccountId[]>;
  /** Forgets it, under its lease; `false`: the lease was lost. */
  forget(id: AccountId, fence: number): Promise<boolean>;
  /** `undefined`: somebody else holds it. */
  lease(id: AccountId, now: Date, until: Date): Promise<LeasedAccount | undefined>;
  /** `false`: the lease was lost; stop at once. `until` prolongs it. */
  update(account: Account, fence: number, until: Date): Promise<boolean>;
  /** Gives it another user principal name; `false`: the lease was lost, or another account of the tenant has that name. */
  rename(id: AccountId, fence: number, upn: string): Promise<boolean>;
  release(id: AccountId, fence: number): Promise<void>;
  /** Takes the sealed password out, once: `undefined` when it is gone or of another generation. One atomic update. */
  takeSealed(id: AccountId, generation: number): Promise<string | undefined>;
  /** The same for the sealed value of the access pass with this directory id. */
  takePass(id: AccountId, pass: string): Promise<string | undefined>;
}
