import { SETTLE_MS, unsettledGrants } from './account.js';
import type { Account, Desired, Observed } from './account.js';
import { plan } from './plan.js';
import type { AccessRequest } from './request.js';

/** A read of the directory, and when it was begun. */
export interface Reading {
  readonly observed: Observed;
  readonly at: Date;
}

/**
 * Whether a reading proves that a closing request's access is gone: nothing of it is seen, nothing of it is still too
 * young for the read's silence to count, and, when nobody needs the account any more, the account itself is shut.
 */
export const confirmsEnd = (request: AccessRequest, account: Account, wanted: Desired, reading: Reading): boolean => {
  const { observed, at } = reading;
  const open = unsettledGrants(account.grants, observed, at);
  if (!wanted.signIn) return open.length === 0 && isShut(account, wanted, reading);
  const mine = new Set(request.roles.map(({ id }) => id).filter((id) => !wanted.roles.includes(id)));
  const held = observed.exists && observed.assignments.some(({ role }) => mine.has(role));
  return !held && !open.some(({ access }) => access.kind === 'role' && mine.has(access.role));
};

const isShut = (account: Account, wanted: Desired, { observed, at }: Reading): boolean =>
  observed.exists
    ? account.credential.sessionsRevoked && plan(observed, wanted).length === 0
    : isTooLateToLag(account, at);

/** A read that does not show the user at all may be older than the user. */
const isTooLateToLag = ({ lastUsedAt }: Account, readAt: Date): boolean =>
  lastUsedAt === undefined || readAt.getTime() - lastUsedAt.getTime() >= SETTLE_MS;

/** When reads begin to count that do not show what is on record as given; `undefined`: they do already. */
export const settlesAt = ({ grants }: Account, now: Date): Date | undefined => {
  const last = Math.max(0, ...grants.map((grant) => grant.at.getTime())) + SETTLE_MS;
  return last > now.getTime() ? new Date(last) : undefined;
};
