import { isLive } from './request.js';
import type { AccessRequest } from './request.js';
import type { AccountId, PersonId, RequestId, RoleId, TenantId } from './ids.js';

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
  /** The password that came with the sign-in, once an answer told that both are set. */
  readonly generation?: number;
}

export type GrantedAccess = { readonly kind: 'sign-in' } | { readonly kind: 'role'; readonly role: RoleId };

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
  readonly lastUsedAt?: Date;
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
      readonly assignments: readonly { readonly id: string; readonly role: RoleId }[];
      readonly groups: readonly string[];
    };

/** What the account should be. */
export interface Desired {
  readonly signIn: boolean;
  readonly roles: readonly RoleId[];
  readonly generation: number;
  readonly revokeSessions: boolean;
}

/** What the account's live requests add up to. Requests that are not live add nothing. */
export const desired = (account: Account, requests: readonly AccessRequest[]): Desired => {
  const live = requests.filter((request) => request.account === account.id && isLive(request));
  const roles = new Set(live.flatMap((request) => request.roles.map((role) => role.id)));
  return {
    signIn: live.length > 0,
    roles: [...roles],
    generation: account.credential.generation,
    revokeSessions: !account.credential.sessionsRevoked,
  };
};

/** An active request that waits for a credential had one and asked for another. */
export const wantsReissue = (request: AccessRequest): boolean =>
  request.state === 'active' && request.reveal === 'none';

/**
 * Which new credential the account needs for its requests, or `undefined` when the present one serves: a live one is
 * joined and never changed unless its holder asked for another, and a shut one stays shut.
 */
export const credentialNeeded = (account: Account, requests: readonly AccessRequest[]): 'lent' | 'shut' | undefined => {
  const live = requests.filter((request) => request.account === account.id && isLive(request));
  if (live.length === 0) return account.credential.use === 'shut' ? undefined : 'shut';
  return account.credential.use === 'shut' || live.some(wantsReissue) ? 'lent' : undefined;
};

/** How long reads may lag behind a write whose answer never came (`entra.md` calls 120 s safe). */
export const SETTLE_MS = 120_000;

const sameAccess = (one: GrantedAccess, other: GrantedAccess): boolean =>
  one.kind === 'sign-in' ? other.kind === 'sign-in' : other.kind === 'role' && one.role === other.role;

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
  const isAnswered = given?.assignment !== undefined || given?.generation !== undefined;
  return isAnswered ? withoutGrant(grants, access) : grants;
};

/** Restarts the wait for every grant, for when it is unknown until when a dead process was still writing. */
export const restamped = (grants: readonly Grant[], at: Date): readonly Grant[] =>
  grants.map((grant) => ({ ...grant, at }));

const shows = (observed: Observed, access: GrantedAccess): boolean => {
  if (!observed.exists) return false;
  if (access.kind === 'sign-in') return observed.enabled;
  return observed.assignments.some((assignment) => assignment.role === access.role);
};

/** The grants that still matter after a read at `readAt`: seen by it, or too young for its silence to count. */
export const unsettledGrants = (grants: readonly Grant[], observed: Observed, readAt: Date): readonly Grant[] =>
  grants.filter((grant) => shows(observed, grant.access) || readAt.getTime() - grant.at.getTime() < SETTLE_MS);

/**
 * What a read at `readAt` says, together with what answers have told and the read may not show yet: the user and its
 * password, and each assignment.
 */
export const withAnswers = (observed: Observed, account: Account, readAt: Date): Observed => {
  const signIn = grantOf(account.grants, { kind: 'sign-in' });
  const isFresh = signIn !== undefined && readAt.getTime() - signIn.at.getTime() < SETTLE_MS;
  if (!isFresh || signIn.generation === undefined || account.objectId === undefined) {
    return withKnownGrants(observed, account.grants, readAt);
  }
  const { assignments, groups } = observed.exists ? observed : { assignments: [], groups: [] };
  const user = { exists: true, objectId: account.objectId, enabled: true, generation: signIn.generation } as const;
  return withKnownGrants({ ...user, assignments, groups }, account.grants, readAt);
};

/**
 * What a read at `readAt` says, together with assignments that an answer told us of and the read may not show yet. One
 * that a late enough read does not show is gone, and must not keep us from giving the role again.
 */
export const withKnownGrants = (observed: Observed, grants: readonly Grant[], readAt: Date): Observed => {
  if (!observed.exists) return observed;
  const seen = new Set(observed.assignments.map((assignment) => assignment.id));
  const hidden = unsettledGrants(grants, observed, readAt).flatMap(({ access, assignment }) =>
    access.kind === 'role' && assignment !== undefined && !seen.has(assignment)
      ? [{ id: assignment, role: access.role }]
      : [],
  );
  return { ...observed, assignments: [...observed.assignments, ...hidden] };
};
