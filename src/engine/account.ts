import type { AccountKind, ExpirationAction, ExistingUser } from './access.js';
import type { AccountId, DirectoryGroupId, PersonId, RequestId, RoleId, TenantId } from './ids.js';

/**
 * The password that the directory holds, or is about to hold. Its number grows with each password we decide on and is
 * written into the account's tag in the same directory call, so that a read shows which password is set.
 */
export type Credential = {
  readonly generation: number;
  /** Whether old sessions are known to be revoked since this generation was decided on. */
  readonly sessionsRevoked: boolean;
} & (
  | {
      readonly use: 'lent';
      readonly request: RequestId;
      /** The sealed password; gone once it was taken. */
      readonly sealed?: string;
    }
  /** A password nobody knows, on an account that is open: whoever uses it signs in with an access pass. */
  | { readonly use: 'blind' }
  /** The password of the last loan, which its technician knows, on an account that stays open without any access. */
  | { readonly use: 'kept' }
  /** A password nobody knows: random, never stored, chosen anew for each attempt. */
  | { readonly use: 'shut' }
  /** Of an existing user: theirs, and never changed. */
  | { readonly use: 'own' }
);

/** The state of an account nobody uses. Generation 0: no password was ever decided on. */
export const shutCredential = (generation: number): Credential => ({ use: 'shut', generation, sessionsRevoked: false });

/** The state of an existing user whom nobody borrows. */
export const OWN_CREDENTIAL: Credential = { use: 'own', generation: 0, sessionsRevoked: true };

/**
 * The Temporary Access Pass that was decided on. Its value is born in the directory's answer: one whose answer never came
 * is taken away and issued anew.
 */
export interface Pass {
  readonly request: RequestId;
  /** Grows with each one decided on. */
  readonly number: number;
  /** What the answer told. */
  readonly issued?: { readonly id: string; readonly endsAt: Date };
  /** The sealed value; gone once it was taken. */
  readonly sealed?: string;
  /** The tenant's policy does not have it: a password takes its place. */
  readonly refused?: true;
}

/**
 * Access that a write of ours has given or may have given. Recorded before the write; dropped when both the write and
 * its removal were answered with success, or when a read that is late enough shows that it is not there.
 */
export interface Grant {
  readonly access: GrantedAccess;
  /** When the write was last in flight. */
  readonly at: Date;
  /** The directory's id of the role assignment, once an answer told it. */
  readonly assignment?: string;
  /** Of a role that Entra itself ends: when. */
  readonly until?: Date;
  /** Once an answer told that this very write made the user a member of the group. */
  readonly joined?: true;
  /** The password that came with the sign-in, once an answer told that both are set. */
  readonly generation?: number;
  /** The directory's id of the access pass, once an answer told it. */
  readonly pass?: string;
}

export type GrantedAccess =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'role'; readonly role: RoleId }
  | { readonly kind: 'group'; readonly group: DirectoryGroupId }
  | { readonly kind: 'pass' };

/** How an existing user was when it was borrowed: whatever is named here is not ours to take. */
export interface Before {
  readonly enabled: boolean;
  readonly roles: readonly RoleId[];
  readonly groups: readonly DirectoryGroupId[];
  /** When it was proven to be so again. A loan that begins right after may be shown what the last one had. */
  readonly restedAt?: Date;
}

/** A directory user that Latchkey manages, or lends for a while. */
export interface Account {
  readonly id: AccountId;
  readonly tenant: TenantId;
  readonly kind: AccountKind;
  /** Whose it is; absent: it was there before, and is lent to whoever may borrow it. */
  readonly person?: PersonId;
  readonly upn: string;
  readonly displayName: string;
  /** Unknown until the directory's answer to the creation, or a read, has told it. */
  readonly objectId?: string;
  /** Whether a creation was ever sent: if not, the first step needs no read before it. */
  readonly creationSent: boolean;
  readonly credential: Credential;
  readonly pass?: Pass;
  readonly grants: readonly Grant[];
  /** Of an existing user, since it was first borrowed. */
  readonly before?: Before;
  /**
   * A deletion of the user that was sent, and when it was last in flight. Gone with the next creation. Once it was
   * answered with success, a read that does not show the user proves it; before, only one that is late enough.
   */
  readonly deletion?: { readonly at: Date; readonly answered: boolean };
  /** The strictest end asked for by requests that are over, while others still need the account. */
  readonly owed?: ExpirationAction;
  readonly lastUsedAt?: Date;
  /** When a write of ours to the user was last in flight: for a while after it, a read that differs may only be late. */
  readonly writtenAt?: Date;
}

/** A role that the user holds. */
export interface HeldRole {
  /** The directory's id of the assignment, or of the schedule that Entra ends by itself. */
  readonly id: string;
  readonly role: RoleId;
  /** When Entra ends it; absent: never. */
  readonly until?: Date;
}

/** A group that the user is in and can be made to leave. */
export interface HeldGroup {
  readonly id: DirectoryGroupId;
  /** Entra guards its members like holders of a role: they must leave before their password or sign-in changes. */
  readonly roleAssignable: boolean;
}

/** What the directory says about an account. */
export type Observed =
  | { readonly exists: false }
  | {
      readonly exists: true;
      readonly objectId: string;
      readonly enabled: boolean;
      /** From our tag; absent where the user carries none, or one that is not this account's. */
      readonly generation?: number;
      /** Whether it carries our tag and is neither a guest nor kept in step with a directory elsewhere. */
      readonly deletable: boolean;
      readonly origin: ExistingUser['origin'];
      /** Its user principal name. */
      readonly upn?: string;
      readonly assignments: readonly HeldRole[];
      /** Which roles Entra ends was read as well; absent: nobody looked, or nobody may. */
      readonly endsRead?: true;
      readonly groups: readonly HeldGroup[];
      /** Ids of its access passes; absent: nobody looked. */
      readonly passes?: readonly string[];
    };

/** How long reads may lag behind a write whose answer never came (`entra.md` calls 120 s safe). */
export const SETTLE_MS = 120_000;
