import { heldAs } from './access.js';
import { OWN_CREDENTIAL, SETTLE_MS, shutCredential } from './account.js';
import type { Account, Grant, Observed } from './account.js';
import type { Desired } from './desired.js';
import { owedBy } from './ending.js';
import { grantOf, isOursToTake, unsettledGrants } from './granted.js';
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
  const isMine = ({ access }: Pick<Grant, 'access'>): boolean =>
    isOnlyFor(request, wanted, access) && isOurs(account, access);
  const { observed, at } = reading;
  const held = observed.exists
    ? [
        ...observed.assignments.map(({ role }) => ({ access: { kind: 'role', role } as const })),
        ...observed.groups.map(({ id }) => ({ access: { kind: 'group', group: id } as const })),
        ...(observed.passes ?? []).map((pass) => ({ access: { kind: 'pass' } as const, pass })),
      ]
    : [];
  return ![...held, ...unsettledGrants(account.grants, observed, at)].some(
    (one) => !isOthers(wanted, one) && isMine(one),
  );
};

/** Whether it is the access pass that others go on using. */
const isOthers = ({ pass: wanted }: Desired, { access, pass }: Pick<Grant, 'access' | 'pass'>): boolean =>
  access.kind === 'pass' && wanted.kind === 'kept' && wanted.id === pass;

/** Whether this access is the ending request's, and nobody else's who still needs the account. */
const isOnlyFor = (request: AccessRequest, wanted: Desired, access: Grant['access']): boolean => {
  if (access.kind === 'sign-in') return false;
  if (access.kind === 'pass') return request.tap;
  if (access.kind === 'group') {
    return request.groups.some(({ id }) => id === access.group) && !wanted.groups.includes(access.group);
  }
  const isWanted = wanted.roles.some(({ role }) => role === access.role);
  return request.roles.some((role) => heldAs(role) === access.role) && !isWanted;
};

/** Whatever an account of ours has; of what an existing user has, what we gave it. */
const isOurs = (account: Account, access: Grant['access']): boolean => {
  if (account.kind !== 'existing') return true;
  const given = grantOf(account.grants, access);
  return given !== undefined && isOursToTake(account, given);
};

/** Whether a reading proves that an account nobody needs is as it should be left, with nothing still on its way to it. */
export const confirmsRest = (account: Account, wanted: Desired, { observed, at }: Reading): boolean => {
  const open = unsettledGrants(account.grants, observed, at);
  // Whoever knows the password of a kept account may go on signing in; there is nothing there for them.
  const counts = open.filter(({ access }) => wanted.user !== 'kept' || access.kind !== 'sign-in');
  if (counts.some((grant) => isOursToTake(account, grant))) return false;
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
  if (wanted.user === 'returned') return 'as-before';
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
  const { credential } = account;
  if (wanted.user === 'returned') return returned(account, reading);
  if (leftOf(wanted, reading) === 'deleted') {
    const { objectId: _gone, pass: _old, deletion: _done, owed: _paid, lastUsedAt: _last, ...known } = account;
    return { ...known, creationSent: false, credential: shutCredential(credential.generation), grants: [] };
  }
  const isPutOff = owedBy(account, requests) === 'delete' && wanted.user !== 'deleted';
  const { owed, pass, ...settled } = account;
  const staysOwed = owed !== undefined && isPutOff;
  if (pass === undefined && (owed === undefined || staysOwed)) return account;
  return staysOwed ? { ...settled, owed } : settled;
};

/**
 * The user is theirs again; what it was before stays known for as long as a read may still show what it was meanwhile. One
 * who is not there has not been seen without what we gave: whoever restores it restores that as well, so it stays named.
 */
const returned = (account: Account, { observed, at }: Reading): Account => {
  const { pass: _pass, owed: _owed, ...kept } = account;
  if (!observed.exists && account.grants.length > 0) return kept;
  const { before, ...known } = kept;
  return {
    ...known,
    credential: OWN_CREDENTIAL,
    grants: [],
    ...(before === undefined ? {} : { before: { ...before, restedAt: at } }),
  };
};

/** When reads begin to count that do not show what is on record as given or deleted; `undefined`: they do already. */
export const settlesAt = ({ grants, deletion }: Account, now: Date): Date | undefined => {
  const unanswered = deletion?.answered === false ? [deletion.at] : [];
  const times = [...grants.map(({ at }) => at), ...unanswered].map((at) => at.getTime());
  const last = Math.max(0, ...times) + SETTLE_MS;
  return last > now.getTime() ? new Date(last) : undefined;
};
