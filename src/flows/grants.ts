import { afterTaking, grantOf, withGrant, withoutGrant } from '../engine/account.js';
import type { Account, Grant, GrantedAccess, Observed } from '../engine/account.js';
import type { Step } from '../engine/plan.js';
import type { StepOutcome } from './ports.js';

/** What a step gives, if it gives anything. */
const givenBy = (step: Step): GrantedAccess | undefined => {
  if (step.do === 'assign') return { kind: 'role', role: step.role };
  if (step.do === 'join') return { kind: 'group', group: step.group };
  if (step.do === 'create' && step.enabled) return { kind: 'sign-in' };
  return step.do === 'set' && step.enabled ? { kind: 'sign-in' } : undefined;
};

/** What a step takes away, if it takes anything. */
const takenBy = (step: Step): GrantedAccess | undefined => {
  if (step.do === 'unassign') return { kind: 'role', role: step.role };
  if (step.do === 'leave') return { kind: 'group', group: step.group };
  return step.do === 'set' && !step.enabled ? { kind: 'sign-in' } : undefined;
};

/** The account as it must be on record before the steps are sent: whatever they may do to it is named in it. */
export const writeAhead = (account: Account, observed: Observed, steps: readonly Step[], now: Date): Account => {
  const given = steps.flatMap((step) => givenBy(step) ?? []);
  const grants = given.reduce((all, access) => withGrant(all, { access, at: now }), account.grants);
  const known = { ...account, grants, ...(observed.exists ? { objectId: observed.objectId } : {}) };
  if (steps.some((step) => step.do === 'create')) return { ...unmade(known), creationSent: true };
  if (!steps.some((step) => step.do === 'delete')) return known;
  return { ...known, deletion: { at: now, answered: false } };
};

/** A user that is made anew has another object id, and nothing to do with the deletion of the one before. */
const unmade = (account: Account): Account => {
  const copy: { -readonly [K in keyof Account]: Account[K] } = { ...account };
  delete copy.objectId;
  delete copy.deletion;
  return copy;
};

/**
 * The account with what the answers taught us. Whatever stays unclear stays named, from now on. What was refused for
 * sure leaves the grants as they were before it was tried: an earlier write, unanswered, may still have given the same.
 */
export const writeBack = (
  account: Account,
  before: readonly Grant[],
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  now: Date,
): Account => {
  let known = account;
  let earlier = before;
  for (const [index, step] of steps.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    known = learn(known, earlier, step, outcome, now);
    const taken = takenBy(step);
    // What was just taken is no longer there to fall back on when giving it again is refused.
    if (taken !== undefined && outcome.kind === 'done') earlier = afterTaking(earlier, taken);
  }
  return known;
};

const learn = (account: Account, before: readonly Grant[], step: Step, outcome: StepOutcome, now: Date): Account => {
  const given = givenBy(step);
  if (outcome.kind === 'failed') {
    if (given === undefined) return account;
    const earlier = grantOf(before, given);
    if (outcome.unclear) return { ...account, grants: withGrant(account.grants, { access: given, at: now }) };
    return {
      ...account,
      grants: earlier === undefined ? withoutGrant(account.grants, given) : withGrant(account.grants, earlier),
    };
  }
  if (outcome.kind === 'absent') return account;
  const taken = takenBy(step);
  if (taken !== undefined) return { ...account, grants: afterTaking(account.grants, taken) };
  if (step.do === 'revoke-sessions') {
    return { ...account, credential: { ...account.credential, sessionsRevoked: true } };
  }
  if (step.do === 'delete') return { ...account, deletion: { at: now, answered: true } };
  if (given === undefined) return account;
  const grant: Grant = {
    access: given,
    at: now,
    ...(outcome.assignment ? { assignment: outcome.assignment } : {}),
    ...(outcome.joined ? { joined: true } : {}),
    ...(given.kind === 'sign-in' ? { generation: account.credential.generation } : {}),
  };
  const objectId = outcome.objectId ?? account.objectId;
  return {
    ...account,
    grants: withGrant(account.grants, grant),
    lastUsedAt: now,
    ...(objectId === undefined ? {} : { objectId }),
  };
};
