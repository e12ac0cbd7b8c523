import type { BreakGlassPermission } from '../../engine/break-glass-permissions.js';
import type { BreakGlassAccount, SealedEntry, Use } from '../../engine/break-glass.js';
import type { DirectoryFault } from '../../engine/faults.js';
import type { BreakGlassId, DirectoryUserId, TenantId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import type { Redacted } from '../../lib/redacted.js';
import type { Result } from '../../lib/result.js';

/** A break-glass account under an exclusive, expiring right to change it and its directory user. */
export interface LeasedBreakGlass {
  readonly account: BreakGlassAccount;
  /** Grows with each lease; a holder whose lease was taken over can write nothing any more. */
  readonly fence: number;
}

export interface BreakGlassStore {
  /** `false`: there is one of this id. */
  insert(account: BreakGlassAccount): Promise<boolean>;
  load(id: BreakGlassId): Promise<BreakGlassAccount | undefined>;
  ofTenant(tenant: TenantId): Promise<readonly BreakGlassAccount[]>;
  /** Those that have any, in the order of their ids. */
  tenants(): Promise<readonly TenantId[]>;
  /** In the order of their ids, from the one after `after` on. */
  all(after: BreakGlassId | undefined, limit: number): Promise<readonly BreakGlassAccount[]>;
  /** Those whose `rotateAt` has come and that nobody is at, most overdue first, none of these tenants. */
  due(
    now: Date,
    limit: number,
    except: readonly TenantId[],
  ): Promise<readonly Pick<BreakGlassAccount, 'id' | 'tenant'>[]>;
  /** `undefined`: somebody else holds it, or it is gone. */
  lease(id: BreakGlassId, now: Date, until: Date): Promise<LeasedBreakGlass | undefined>;
  /**
   * `false`: the lease was lost; stop at once. Keeps a sooner `rotateAt` that was asked for meanwhile. `until` prolongs the
   * lease, and its absence ends it in the same write.
   */
  update(account: BreakGlassAccount, fence: number, until: Date | undefined): Promise<boolean>;
  release(id: BreakGlassId, fence: number): Promise<void>;
  /**
   * Has it rotated at `at`, unless that is planned for sooner; a rotation under way does not count. Needs no lease. `false`:
   * there is none, or it is stopped.
   */
  rotateBy(id: BreakGlassId, at: Date, cause: NonNullable<BreakGlassAccount['rotateFor']>): Promise<boolean>;
  /** Changes what no rotation touches, whoever holds the lease: drill, use, alarms, an access pass. */
  note(
    id: BreakGlassId,
    noted: Partial<Pick<BreakGlassAccount, 'drilled' | 'used' | 'alarmed' | 'passUntil'>>,
  ): Promise<void>;
  forget(id: BreakGlassId, fence: number): Promise<boolean>;
}

/** What a write to the directory came to. `unclear`: it may have happened. */
export type WriteOutcome =
  { readonly kind: 'done' } | { readonly kind: 'failed'; readonly fault: DirectoryFault; readonly unclear: boolean };

export interface FoundUser {
  readonly objectId: DirectoryUserId;
  readonly upn: string;
  /** Whether it bears the mark of this installation for the id. */
  readonly marked: boolean;
  readonly enabled: boolean;
  readonly origin: 'cloud' | 'synced' | 'guest';
  /** Whether it holds Global Administrator permanently in the whole directory. */
  readonly isAdministrator: boolean;
}

/** What one look at an account and its surroundings tells. Absent parts could not be read. */
export interface BreakGlassSurroundings {
  readonly user?: FoundUser;
  /** Conditional access policies in force that are about it and do not exclude it. */
  readonly policies?: readonly { readonly id: string; readonly name: string }[];
  /** Whether the app may change the password of a Global Administrator. */
  readonly mayReset?: boolean;
  /** What else the app was not granted. */
  readonly missing?: readonly BreakGlassPermission[];
}

/** One sign-in or change that the directory has on record. */
export interface RecordedUse extends Pick<Use, 'at' | 'says'> {
  /** The directory's own id of the record. */
  readonly id: string;
  readonly user: DirectoryUserId;
}

/** What rotation needs of a tenant's directory, through the app that is configured for break-glass accounts. */
export interface BreakGlassDirectory {
  /** Whether a call could be made at all: gets a token, and asks nothing else. */
  ready(tenant: Tenant): Promise<Result<undefined, DirectoryFault>>;
  /** The tenant's first domain, `*.onmicrosoft.com`; `undefined`: it tells none. */
  initialDomain(tenant: Tenant): Promise<Result<string | undefined, DirectoryFault>>;
  find(
    tenant: Tenant,
    by: { readonly upn: string } | { readonly objectId: DirectoryUserId },
  ): Promise<Result<FoundUser | undefined, DirectoryFault>>;
  /** Makes the user, enabled, marked with the id, its password not expiring. Never repeated after an unclear answer. */
  create(
    tenant: Tenant,
    account: Pick<BreakGlassAccount, 'id' | 'upn' | 'name'>,
    password: Redacted<string>,
  ): Promise<WriteOutcome & { readonly objectId?: DirectoryUserId }>;
  /** One call: the password, which does not expire, and the account enabled. */
  setPassword(tenant: Tenant, user: DirectoryUserId, password: Redacted<string>): Promise<WriteOutcome>;
  /** Gives Global Administrator for good; done where it is held already. */
  makeAdministrator(tenant: Tenant, user: DirectoryUserId): Promise<WriteOutcome>;
  inspect(tenant: Tenant, user: DirectoryUserId): Promise<Result<BreakGlassSurroundings, DirectoryFault>>;
  /** Excludes the user from each of these conditional access policies. */
  exclude(tenant: Tenant, user: DirectoryUserId, policies: readonly string[]): Promise<WriteOutcome>;
  disable(tenant: Tenant, user: DirectoryUserId): Promise<WriteOutcome>;
  remove(tenant: Tenant, user: DirectoryUserId): Promise<WriteOutcome>;
  /** A fresh access pass for one hour at most, as far as the tenant's policy goes. */
  issuePass(
    tenant: Tenant,
    user: DirectoryUserId,
  ): Promise<Result<{ readonly value: Redacted<string>; readonly endsAt: Date }, DirectoryFault>>;
  /** Ends every access pass that the user has. */
  withdrawPasses(tenant: Tenant, user: DirectoryUserId): Promise<WriteOutcome>;
  /** Sign-ins of these users and changes by them since then, oldest first. */
  uses(
    tenant: Tenant,
    users: readonly DirectoryUserId[],
    since: Date,
  ): Promise<Result<readonly RecordedUse[], DirectoryFault>>;
}

/** Seals to people's keys what only they can open. */
export interface RecipientSealer {
  /** Throws where one of the recipients is none. The answer is an age file, armored. */
  seal(entry: SealedEntry, recipients: readonly string[]): Promise<string>;
  /** The same for anything else, as an access pass for its one viewer. */
  sealText(text: Redacted<string>, recipients: readonly string[]): Promise<string>;
  /** Whether this is the public key of an age identity. */
  isRecipient(text: string): Promise<boolean>;
  /** A key pair that is printed once and kept nowhere. */
  generate(): Promise<{ readonly identity: Redacted<string>; readonly recipient: string }>;
}

/** A sealed password as it is kept outside the database, too. No secret in it is open. */
export interface VaultCopy {
  readonly id: BreakGlassId;
  readonly upn: string;
  readonly number: number;
  readonly at: Date;
  readonly recipients: readonly string[];
  readonly sealed: string;
}

/** A folder that outlives the database. */
export interface VaultCopies {
  /** Resolves once it would survive a crash. */
  write(copy: VaultCopy): Promise<void>;
  /** Drops what is older than this number. */
  prune(id: BreakGlassId, before: number): Promise<void>;
}
