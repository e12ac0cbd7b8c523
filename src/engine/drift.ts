import { SETTLE_MS } from './account.js';
import type { Account } from './account.js';
import type { Reading } from './confirmation.js';
import { desired, wantsReissue } from './desired.js';
import type { Ways } from './desired.js';
import { withAnswers } from './granted.js';
import type { DirectoryGroupId, RoleId } from './ids.js';
import { plan } from './plan.js';
import type { Step } from './plan.js';
import { isLive } from './request.js';
import type { AccessRequest } from './request.js';

/** Where the directory says something else than we left there, and nothing of ours is under way that would explain it. */

/** One way in which a user is not as it should be. */
export type Drift =
  /** It can sign in, and nobody needs it. */
  | { readonly kind: 'open' }
  /** It holds what nobody asked for. */
  | ({ readonly kind: 'extra' } & Things)
  /** Live access that somebody took away. */
  | { readonly kind: 'disabled' }
  | ({ readonly kind: 'missing' } & Things)
  /** Entra ends these roles at another time than they should end. */
  | { readonly kind: 'other-end'; readonly roles: readonly RoleId[] }
  /** Its tag says that another password of ours is set. */
  | { readonly kind: 'password' }
  | { readonly kind: 'untagged' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'renamed'; readonly to: string };

interface Things {
  readonly roles: readonly RoleId[];
  readonly groups: readonly DirectoryGroupId[];
}

/** What a look at an account's user has shown. */
export interface Sighting extends Reading {
  /** The name that it has now, where it is known by its object id. */
  readonly upn?: string;
}

/**
 * What stands in the directory against what is on record; nothing where a pass is under way or due, or where a write
 * of ours is so young that reads may not show it yet. What is found is what a pass would change, by its own plan, so
 * that whatever is reported as ours to repair is repaired by one.
 */
export const driftOf = (
  account: Account,
  requests: readonly AccessRequest[],
  sighting: Sighting,
  ways: Ways,
): readonly Drift[] => {
  const mine = requests.filter((request) => request.account === account.id);
  if (!isSettled(account, mine, sighting.at) || !isKept(account, mine)) return [];
  const observed = withAnswers(sighting.observed, account, sighting.at);
  if (!observed.exists) return isMissed(account, mine) ? [{ kind: 'deleted' }] : [];
  // An app that must strip a user first gives everything back: taken and given in one plan, it is no drift.
  const wanted = desired(account, mine, { ...ways, powers: { ...ways.powers, changesHolders: true } });
  const steps = plan(observed, { ...wanted, revokeSessions: false });
  return [
    ...inSteps(steps, observed.enabled),
    ...tagDrift(account, observed.generation, wanted.generation),
    ...nameDrift(account, sighting.upn),
  ];
};

/** Nothing of ours is under way, or about to be. */
const isSettled = (account: Account, requests: readonly AccessRequest[], readAt: Date): boolean => {
  const last = Math.max(account.writtenAt?.getTime() ?? 0, account.lastUsedAt?.getTime() ?? 0);
  return readAt.getTime() - last >= SETTLE_MS && requests.every((request) => isAtEase(request, readAt));
};

const isAtEase = (request: AccessRequest, now: Date): boolean => {
  if (request.state === 'provisioning' || request.state === 'closing') return false;
  if (request.state !== 'active') return true;
  const isOver = request.endsAt !== undefined && request.endsAt <= now;
  // What is only to be looked at later is at ease until then.
  const isDue = request.retryAt !== undefined && (request.trouble !== undefined || request.retryAt <= now);
  return !isOver && !isDue && !wantsReissue(request);
};

/** An existing user whom nobody borrows is nobody's business but theirs whose it is. */
const isKept = (account: Account, requests: readonly AccessRequest[]): boolean =>
  account.kind === 'existing' ? requests.some(isLive) || isUnproven(account) : account.creationSent;

/** Whether no read has shown the user without what we gave it. */
const isUnproven = ({ grants, before }: Account): boolean => grants.length > 0 && before?.restedAt === undefined;

/**
 * Whether an existing user is there to be proven free of what its loans gave: it was not in the directory when the last of
 * them ended, and may have been restored with all it had.
 */
export const isProvable = (
  account: Account,
  requests: readonly AccessRequest[],
  { observed, at }: Sighting,
): boolean => {
  const mine = requests.filter((request) => request.account === account.id);
  const isTheirs = account.kind === 'existing' && !mine.some(isLive);
  return isTheirs && observed.exists && isUnproven(account) && isSettled(account, mine, at);
};

/** Of one that we never saw, or deleted ourselves, nobody expects anything; nor of somebody else's that nobody borrows. */
const isMissed = ({ kind, objectId, deletion }: Account, requests: readonly AccessRequest[]): boolean =>
  objectId !== undefined && deletion === undefined && (kind !== 'existing' || requests.some(isLive));

const inSteps = (steps: readonly Step[], isEnabled: boolean): readonly Drift[] => {
  const rolesOf = (what: 'assign' | 'unassign' | 'reschedule'): readonly RoleId[] => [
    ...new Set(steps.flatMap((step) => (step.do === what && 'role' in step ? [step.role] : []))),
  ];
  const groupsOf = (what: 'join' | 'leave'): readonly DirectoryGroupId[] =>
    steps.flatMap((step) => (step.do === what && 'group' in step ? [step.group] : []));
  const given = new Set(rolesOf('assign'));
  const extra = { roles: rolesOf('unassign').filter((role) => !given.has(role)), groups: groupsOf('leave') };
  const missing = { roles: [...given], groups: groupsOf('join') };
  const sets = steps.find((step) => step.do === 'set');
  const turned = sets?.do === 'set' && sets.enabled !== isEnabled;
  return [
    ...(turned ? [{ kind: isEnabled ? 'open' : 'disabled' } as const] : []),
    ...(hasAny(extra) ? [{ kind: 'extra', ...extra } as const] : []),
    ...(hasAny(missing) ? [{ kind: 'missing', ...missing } as const] : []),
    ...(rolesOf('reschedule').length > 0 ? [{ kind: 'other-end', roles: rolesOf('reschedule') } as const] : []),
  ];
};

const hasAny = ({ roles, groups }: Things): boolean => roles.length + groups.length > 0;

/** Nobody tags a user who was there before. */
const tagDrift = ({ kind }: Account, seen: number | undefined, wanted: number): readonly Drift[] => {
  if (kind === 'existing' || seen === wanted) return [];
  return [{ kind: seen === undefined ? 'untagged' : 'password' }];
};

const nameDrift = ({ kind, upn }: Account, seen: string | undefined): readonly Drift[] =>
  kind === 'existing' || seen === undefined || seen.toLowerCase() === upn.toLowerCase()
    ? []
    : [{ kind: 'renamed', to: seen }];

/** Whether a pass over the account puts this right. */
export const isOurs = ({ kind, credential }: Account, { kind: drift }: Drift): boolean => {
  // Only a new password brings a tag, and whoever was left an account knows the one it has.
  if (drift === 'untagged' || drift === 'password') return credential.use !== 'kept';
  return drift !== 'deleted' || kind !== 'existing';
};

/** A user whose tag names an account of ours that goes by another user, or that we do not know at all. */
export const isStray = (
  { objectId }: { readonly objectId: string },
  named: Account | undefined,
  readAt: Date,
): boolean => {
  if (named === undefined) return true;
  const { objectId: known, creationSent, writtenAt } = named;
  if (known === undefined && creationSent) return false;
  const isYoung = writtenAt !== undefined && readAt.getTime() - writtenAt.getTime() < SETTLE_MS;
  return !isYoung && known?.toLowerCase() !== objectId.toLowerCase();
};
