import { SETTLE_MS, shutCredential, unsettledGrants } from './account.js';
import type { Account, Desired, Grant, Observed } from './account.js';
import { owedBy } from './ending.js';
import { plan } from './plan.js';
import type { AccessRequest, AccountLeft } from './request.js';

/** A read of the directory, and when it was begun. */
export interface Reading {
  readonly observed: Observed;
  readonly at: Date;
}

/**
 * Whether a reading proves that a closing request's access is gone: nothing of it is seen, nothing of it is still too
 * young for the read's silence to count, and, when nobody needs the account any more, the account itself is at rest.
 */
export const confirmsEnd = (request: AccessRequest, account: Account, wanted: Desired, reading: Reading): boolean => {
  if (wanted.user !== 'open') return confirmsRest(account, wanted, reading);
  const isMine = ({ access }: Pick<Grant, 'access'>): boolean => isOnlyFor(request, wanted, access);
  const { observed, at } = reading;
  const held = observed.exists
    ? [
        ...observed.assignments.map(({ role }) => ({ access: { kind: 'role', role } as const })),
        ...observed.groups.map(({ id }) => ({ access: { kind: 'group', group: id } as const })),
      ]
    : [];
  return !held.some(isMine) && !unsettledGrants(account.grants, observed, at).some(isMine);
};

/** Whether this access is the ending request's, and nobody else's who still needs the account. */
const isOnlyFor = ({ roles, groups }: AccessRequest, wanted: Desired, access: Grant['access']): boolean => {
  if (access.kind === 'role') return roles.some(({ id }) => id === access.role) && !wanted.roles.includes(access.role);
  if (access.kind === 'sign-in') return false;
  return groups.some(({ id }) => id === access.group) && !wanted.groups.includes(access.group);
};

/** Whether a reading proves that an account nobody needs is as it should be left, with nothing still on its way to it. */
export const confirmsRest = (account: Account, wanted: Desired, { observed, at }: Reading): boolean => {
  const open = unsettledGrants(account.grants, observed, at);
  // Whoever knows the password of a kept account may go on signing in; there is nothing there for them.
  const counts = open.filter(({ access }) => wanted.user !== 'kept' || access.kind !== 'sign-in');
  if (counts.length > 0) return false;
  if (!observed.exists) return isGone(account, at);
  return account.credential.sessionsRevoked && plan(observed, wanted).length === 0;
};

/** A read that does not show the user may be older than the user, and older than a deletion that nobody answered for. */
const isGone = ({ lastUsedAt, deletion }: Account, readAt: Date): boolean => {
  const since = deletion?.at ?? lastUsedAt;
  return deletion?.answered === true || since === undefined || readAt.getTime() - since.getTime() >= SETTLE_MS;
};

/** What a confirmed end has left of the account itself. */
export const leftOf = (wanted: Desired, { observed }: Reading): AccountLeft => {
  if (wanted.user === 'open') return 'in-use';
  if (!observed.exists) return wanted.user === 'deleted' ? 'deleted' : 'disabled';
  return observed.enabled ? 'enabled' : 'disabled';
};

/**
 * The account once its rest is confirmed: it owes nothing any more, unless it was only shut for now. Of one that is
 * deleted nothing is known but its name and how many passwords it has had, so that the next request makes it anew.
 */
export const rested = (
  account: Account,
  requests: readonly AccessRequest[],
  wanted: Desired,
  reading: Reading,
): Account => {
  const { id, tenant, person, upn, displayName, credential } = account;
  if (leftOf(wanted, reading) === 'deleted') {
    const fresh = { creationSent: false, credential: shutCredential(credential.generation), grants: [] };
    return { id, tenant, person, upn, displayName, ...fresh };
  }
  const isPutOff = owedBy(account, requests) === 'delete' && wanted.user !== 'deleted';
  const { owed, ...settled } = account;
  return owed === undefined || isPutOff ? account : settled;
};

/** When reads begin to count that do not show what is on record as given or deleted; `undefined`: they do already. */
export const settlesAt = ({ grants, deletion }: Account, now: Date): Date | undefined => {
  const unanswered = deletion?.answered === false ? [deletion.at] : [];
  const times = [...grants.map(({ at }) => at), ...unanswered].map((at) => at.getTime());
  const last = Math.max(0, ...times) + SETTLE_MS;
  return last > now.getTime() ? new Date(last) : undefined;
};
