import type { ExpirationAction } from './access.js';
import { isAwaited, restsAs } from './ending.js';
import { isLive } from './request.js';
import type { AccessRequest } from './request.js';
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
  /** The password of the last loan, which its technician knows, on an account that stays open without any access. */
  | { readonly use: 'kept' }
  /** A password nobody knows: random, never stored, chosen anew for each attempt. */
  | { readonly use: 'shut' }
);

/** The state of an account nobody uses. Generation 0: no password was ever decided on. */
export const shutCredential = (generation: number): Credential => ({ use: 'shut', generation, sessionsRevoked: false });

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
  /** Once an answer told that this very write made the user a member of the group. */
  readonly joined?: true;
  /** The password that came with the sign-in, once an answer told that both are set. */
  readonly generation?: number;
}

export type GrantedAccess =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'role'; readonly role: RoleId }
  | { readonly kind: 'group'; readonly group: DirectoryGroupId };

/** A directory user that Latchkey manages: one for each technician and tenant. */
export interface Account {
  readonly id: AccountId;
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly upn: string;
  readonly displayName: string;
  /** Unknown until the directory's answer to the creation, or a read, has told it. */
  readonly objectId?: string;
  /** Whether a creation was ever sent: if not, the first step needs no read before it. */
  readonly creationSent: boolean;
  readonly credential: Credential;
  readonly grants: readonly Grant[];
  /**
   * A deletion of the user that was sent, and when it was last in flight. Gone with the next creation. Once it was
   * answered with success, a read that does not show the user proves it; before, only one that is late enough.
   */
  readonly deletion?: { readonly at: Date; readonly answered: boolean };
  /** The strictest end asked for by requests that are over, while others still need the account. */
  readonly owed?: ExpirationAction;
  readonly lastUsedAt?: Date;
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
      readonly assignments: readonly { readonly id: string; readonly role: RoleId }[];
      readonly groups: readonly HeldGroup[];
    };

/** What the account should be. */
export interface Desired {
  /**
   * `open`: somebody may sign in. Of an account that nobody needs: `kept` is left as it is but for its access, `shut` has
   * sign-in off and a password nobody knows, `deleted` is shut and then deleted, where it may be.
   */
  readonly user: 'open' | 'kept' | 'shut' | 'deleted';
  readonly roles: readonly RoleId[];
  readonly groups: readonly DirectoryGroupId[];
  readonly generation: number;
  readonly revokeSessions: boolean;
}

const liveOn = (account: Account, requests: readonly AccessRequest[]): readonly AccessRequest[] =>
  requests.filter((request) => request.account === account.id && isLive(request));

/** What the account's live requests add up to, or, where none is live, what they leave behind. */
export const desired = (account: Account, requests: readonly AccessRequest[]): Desired => {
  const live = liveOn(account, requests);
  return {
    user: live.length > 0 ? 'open' : atRest(account, requests),
    roles: [...new Set(live.flatMap(({ roles }) => roles.map(({ id }) => id)))],
    groups: [...new Set(live.flatMap(({ groups }) => groups.map(({ id }) => id)))],
    generation: account.credential.generation,
    revokeSessions: !account.credential.sessionsRevoked,
  };
};

/** An account that waits for its next, already approved request is shut meanwhile and deleted after that one. */
const atRest = (account: Account, requests: readonly AccessRequest[]): Exclude<Desired['user'], 'open'> => {
  const action = restsAs(account, requests);
  if (action === 'delete') return isAwaited(account, requests) ? 'shut' : 'deleted';
  // What is shut already has no password that anybody knows, and is not opened to be kept.
  return action === 'keep' && account.credential.use !== 'shut' ? 'kept' : 'shut';
};

/** An active request that waits for a credential had one and asked for another. */
export const wantsReissue = (request: AccessRequest): boolean =>
  request.state === 'active' && request.reveal === 'none';

/**
 * Which new credential the account needs for its requests, or `undefined` when the present one serves: a live one is
 * joined and never changed unless its holder asked for another, and a shut one stays shut.
 */
export const credentialNeeded = (
  account: Account,
  requests: readonly AccessRequest[],
): Credential['use'] | undefined => {
  const { use } = account.credential;
  const live = liveOn(account, requests);
  if (live.length > 0) return use !== 'lent' || live.some(wantsReissue) ? 'lent' : undefined;
  const wanted = atRest(account, requests) === 'kept' ? 'kept' : 'shut';
  return use === wanted ? undefined : wanted;
};

/** How long reads may lag behind a write whose answer never came (`entra.md` calls 120 s safe). */
export const SETTLE_MS = 120_000;

const sameAccess = (one: GrantedAccess, other: GrantedAccess): boolean => {
  if (one.kind === 'role') return other.kind === 'role' && one.role === other.role;
  if (one.kind === 'group') return other.kind === 'group' && one.group === other.group;
  return other.kind === 'sign-in';
};

export const withGrant = (grants: readonly Grant[], grant: Grant): readonly Grant[] => [
  ...grants.filter((known) => !sameAccess(known.access, grant.access)),
  grant,
];

export const withoutGrant = (grants: readonly Grant[], access: GrantedAccess): readonly Grant[] =>
  grants.filter((grant) => !sameAccess(grant.access, access));

export const grantOf = (grants: readonly Grant[], access: GrantedAccess): Grant | undefined =>
  grants.find((grant) => sameAccess(grant.access, access));

/**
 * The grants after this access was taken. One that nobody answered for may still be on its way, and arrive once more
 * after it was taken: it stays named until a late enough read shows that it has not.
 */
export const afterTaking = (grants: readonly Grant[], access: GrantedAccess): readonly Grant[] => {
  const given = grantOf(grants, access);
  const isAnswered = given?.assignment !== undefined || given?.generation !== undefined || given?.joined === true;
  return isAnswered ? withoutGrant(grants, access) : grants;
};

/** Restarts the wait for every grant, for when it is unknown until when a dead process was still writing. */
export const restamped = (grants: readonly Grant[], at: Date): readonly Grant[] =>
  grants.map((grant) => ({ ...grant, at }));

const shows = (observed: Observed, access: GrantedAccess): boolean => {
  if (!observed.exists) return false;
  if (access.kind === 'sign-in') return observed.enabled;
  if (access.kind === 'group') return observed.groups.some(({ id }) => id === access.group);
  return observed.assignments.some((assignment) => assignment.role === access.role);
};

/** The grants that still matter after a read at `readAt`: seen by it, or too young for its silence to count. */
export const unsettledGrants = (grants: readonly Grant[], observed: Observed, readAt: Date): readonly Grant[] =>
  grants.filter((grant) => shows(observed, grant.access) || readAt.getTime() - grant.at.getTime() < SETTLE_MS);

/** The account of a holder that vanished: until when it was still writing is unknown, so every wait begins anew. */
export const takenOver = (account: Account, at: Date): Account => ({
  ...account,
  grants: restamped(account.grants, at),
  ...(account.deletion?.answered === false ? { deletion: { at, answered: false } } : {}),
});

/**
 * What a read at `readAt` says, together with what answers have told and the read may not show yet: that the user is
 * deleted, or the user and its password, each assignment and each membership.
 */
export const withAnswers = (observed: Observed, account: Account, readAt: Date): Observed => {
  const { deletion, objectId } = account;
  const isFresh = (at: Date): boolean => readAt.getTime() - at.getTime() < SETTLE_MS;
  if (deletion?.answered === true && isFresh(deletion.at)) return { exists: false };
  const signIn = grantOf(account.grants, { kind: 'sign-in' });
  if (signIn?.generation === undefined || !isFresh(signIn.at) || objectId === undefined) {
    return withKnownGrants(observed, account.grants, readAt);
  }
  const rest = observed.exists ? observed : ({ deletable: true, assignments: [], groups: [] } as const);
  const user = { exists: true, objectId, enabled: true, generation: signIn.generation } as const;
  return withKnownGrants({ ...rest, ...user }, account.grants, readAt);
};

/**
 * What a read at `readAt` says, together with assignments and memberships that an answer told us of and the read may not
 * show yet. One that a late enough read does not show is gone, and must not keep us from giving the access again.
 */
export const withKnownGrants = (observed: Observed, grants: readonly Grant[], readAt: Date): Observed => {
  if (!observed.exists) return observed;
  const hidden = unsettledGrants(grants, observed, readAt);
  const seen = new Set(observed.assignments.map(({ id }) => id));
  const assignments = hidden.flatMap(({ access, assignment }) =>
    access.kind === 'role' && assignment !== undefined && !seen.has(assignment)
      ? [{ id: assignment, role: access.role }]
      : [],
  );
  const groups = hidden.flatMap(({ access, joined }): readonly HeldGroup[] =>
    // Of which kind it is, no answer tells: the one that asks for more care.
    access.kind === 'group' && joined === true && !shows(observed, access)
      ? [{ id: access.group, roleAssignable: true }]
      : [],
  );
  return {
    ...observed,
    assignments: [...observed.assignments, ...assignments],
    groups: [...observed.groups, ...groups],
  };
};
