import { SETTLE_MS } from './account.js';
import type { Account, Grant, GrantedAccess, HeldGroup, HeldRole, Observed } from './account.js';

/** What we have given or may have given, set beside what a read of the directory shows of it. */

const sameAccess = (one: GrantedAccess, other: GrantedAccess): boolean => {
  if (one.kind === 'role') return other.kind === 'role' && one.role === other.role;
  if (one.kind === 'group') return other.kind === 'group' && one.group === other.group;
  return other.kind === one.kind;
};

export const withGrant = (grants: readonly Grant[], grant: Grant): readonly Grant[] => [
  ...grants.filter((known) => !sameAccess(known.access, grant.access)),
  grant,
];

export const withoutGrant = (grants: readonly Grant[], access: GrantedAccess): readonly Grant[] =>
  grants.filter((grant) => !sameAccess(grant.access, access));

export const grantOf = (grants: readonly Grant[], access: GrantedAccess): Grant | undefined =>
  grants.find((grant) => sameAccess(grant.access, access));

/** Whether an answer told that this very write gave the access. */
const isAnswered = ({ assignment, generation, pass, joined }: Grant): boolean =>
  assignment !== undefined || generation !== undefined || pass !== undefined || joined === true;

/**
 * The grants after this access was taken. One that nobody answered for may still be on its way, and arrive once more
 * after it was taken: it stays named until a late enough read shows that it has not.
 */
export const afterTaking = (grants: readonly Grant[], access: GrantedAccess): readonly Grant[] => {
  const given = grantOf(grants, access);
  return given !== undefined && isAnswered(given) ? withoutGrant(grants, access) : grants;
};

/**
 * Whether what is on record as given is ours to take. What the user had before, and somebody else has taken meanwhile, is
 * ours once we gave it again; where nobody answered for that it is still taken for the user's own.
 */
export const isOursToTake = ({ kind, before }: Account, grant: Grant): boolean => {
  const { access } = grant;
  if (kind !== 'existing' || before === undefined || isAnswered(grant)) return true;
  if (access.kind === 'sign-in') return !before.enabled;
  if (access.kind === 'role') return !before.roles.includes(access.role);
  return access.kind !== 'group' || !before.groups.includes(access.group);
};

/** Restarts the wait for every grant, for when it is unknown until when a dead process was still writing. */
export const restamped = (grants: readonly Grant[], at: Date): readonly Grant[] =>
  grants.map((grant) => ({ ...grant, at }));

const shows = (observed: Observed, access: GrantedAccess): boolean => {
  if (!observed.exists) return false;
  if (access.kind === 'sign-in') return observed.enabled;
  if (access.kind === 'group') return observed.groups.some(({ id }) => id === access.group);
  // A read that did not look for passes does not speak against one.
  if (access.kind === 'pass') return observed.passes === undefined || observed.passes.length > 0;
  return observed.assignments.some((assignment) => assignment.role === access.role);
};

/** The grants that still matter after a read at `readAt`: seen by it, or too young for its silence to count. */
export const unsettledGrants = (grants: readonly Grant[], observed: Observed, readAt: Date): readonly Grant[] =>
  grants.filter((grant) => shows(observed, grant.access) || readAt.getTime() - grant.at.getTime() < SETTLE_MS);

/**
 * The account with its roles' ends as a read shows them: the answer that would have told of a new end may have been lost.
 * The very account where nothing differs.
 */
export const withSeenEnds = (account: Account, observed: Observed): Account => {
  const seenEnd = ({ access, until }: Grant): Date | undefined => {
    if (access.kind !== 'role' || until === undefined || !observed.exists) return undefined;
    const seen = observed.assignments.find(({ role, until: end }) => role === access.role && end !== undefined);
    return seen?.until?.getTime() === until.getTime() ? undefined : seen?.until;
  };
  if (!account.grants.some((grant) => seenEnd(grant) !== undefined)) return account;
  const grants = account.grants.map((grant) => {
    const until = seenEnd(grant);
    return until === undefined ? grant : { ...grant, until };
  });
  return { ...account, grants };
};

/** The account of a holder that vanished: until when it was still writing is unknown, so every wait begins anew. */
export const takenOver = (account: Account, at: Date): Account => ({
  ...account,
  grants: restamped(account.grants, at),
  ...(account.deletion?.answered === false ? { deletion: { at, answered: false } } : {}),
});

/**
 * What a read at `readAt` says, together with what answers have told and the read may not show yet: that the user is
 * deleted, or the user and its password, each assignment, membership and access pass.
 */
export const withAnswers = (observed: Observed, account: Account, readAt: Date): Observed => {
  const { deletion, objectId } = account;
  const isFresh = (at: Date): boolean => readAt.getTime() - at.getTime() < SETTLE_MS;
  if (deletion?.answered === true && isFresh(deletion.at)) return { exists: false };
  const signIn = grantOf(account.grants, { kind: 'sign-in' });
  if (signIn?.generation === undefined || !isFresh(signIn.at) || objectId === undefined) {
    return withKnownGrants(observed, account.grants, readAt);
  }
  const rest = observed.exists
    ? observed
    : ({ deletable: true, origin: 'cloud', assignments: [], groups: [] } as const);
  const user = { exists: true, objectId, enabled: true, generation: signIn.generation } as const;
  return withKnownGrants({ ...rest, ...user }, account.grants, readAt);
};

/**
 * What a read at `readAt` says, together with what an answer told us of and the read may not show yet. What a late
 * enough read does not show is gone, and must not keep us from giving the access again.
 */
export const withKnownGrants = (observed: Observed, grants: readonly Grant[], readAt: Date): Observed => {
  if (!observed.exists) return observed;
  const hidden = unsettledGrants(grants, observed, readAt);
  const passes = hidden.flatMap(({ pass }) => pass ?? []).filter((id) => observed.passes?.includes(id) !== true);
  return {
    ...observed,
    assignments: [
      ...observed.assignments.map((seen) => (observed.endsRead ? withKnownEnd(seen, grants, readAt) : seen)),
      ...hidden.flatMap((grant) => hiddenRole(observed.assignments, grant)),
    ],
    groups: [...observed.groups, ...hidden.flatMap((grant) => hiddenGroup(observed, grant))],
    ...(observed.passes === undefined && passes.length === 0
      ? {}
      : { passes: [...(observed.passes ?? []), ...passes] }),
  };
};

/** That Entra will end a role is shown by another list than the role itself, and may be shown there later. */
const withKnownEnd = (seen: HeldRole, grants: readonly Grant[], readAt: Date): HeldRole => {
  const given = grantOf(grants, { kind: 'role', role: seen.role });
  if (seen.until !== undefined || given?.until === undefined || given.assignment === undefined) return seen;
  return readAt.getTime() - given.at.getTime() < SETTLE_MS ? { ...seen, until: given.until } : seen;
};

const hiddenRole = (seen: readonly HeldRole[], { access, assignment, until }: Grant): readonly HeldRole[] => {
  if (access.kind !== 'role' || assignment === undefined) return [];
  // Entra knows one that it ends by itself by several ids, but gives no role so to anybody twice.
  const isSeen = seen.some(({ id, role }) => id === assignment || (until !== undefined && role === access.role));
  return isSeen ? [] : [{ id: assignment, role: access.role, ...(until === undefined ? {} : { until }) }];
};

const hiddenGroup = (observed: Observed, { access, joined }: Grant): readonly HeldGroup[] =>
  // Of which kind it is, no answer tells: the one that asks for more care.
  access.kind === 'group' && joined === true && !shows(observed, access)
    ? [{ id: access.group, roleAssignable: true }]
    : [];
