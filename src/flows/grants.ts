import type { Account, Before, Grant, GrantedAccess, Observed } from '../engine/account.js';
import { SETTLE_MS } from '../engine/account.js';
import { afterTaking, grantOf, withGrant, withoutGrant } from '../engine/granted.js';
import type { Step } from '../engine/plan.js';
import type { StepOutcome } from './ports.js';

/** What a step gives, if it gives anything. */
const givenBy = (step: Step): GrantedAccess | undefined => {
  if (step.do === 'assign') return { kind: 'role', role: step.role };
  if (step.do === 'reschedule') return { kind: 'role', role: step.role };
  if (step.do === 'join') return { kind: 'group', group: step.group };
  if (step.do === 'issue-pass') return { kind: 'pass' };
  if (step.do === 'create' && step.enabled) return { kind: 'sign-in' };
  return step.do === 'set' && step.enabled ? { kind: 'sign-in' } : undefined;
};

/** What a step takes away, if it takes anything. */
const takenBy = (step: Step): GrantedAccess | undefined => {
  if (step.do === 'unassign') return { kind: 'role', role: step.role };
  if (step.do === 'leave') return { kind: 'group', group: step.group };
  if (step.do === 'withdraw-pass') return { kind: 'pass' };
  return step.do === 'set' && !step.enabled ? { kind: 'sign-in' } : undefined;
};

/** The account as it must be on record before the steps are sent: whatever they may do to it is named in it. */
export const writeAhead = (account: Account, observed: Observed, steps: readonly Step[], now: Date): Account => {
  const grants = steps.reduce((all, step) => withAhead(all, step, now), account.grants);
  const known = { ...account, grants, ...(observed.exists ? { objectId: observed.objectId } : {}) };
  if (steps.some((step) => step.do === 'create')) return { ...unmade(known), creationSent: true };
  if (!steps.some((step) => step.do === 'delete')) return known;
  return { ...known, deletion: { at: now, answered: false } };
};

/** What an answer has told of access that is only to end at another time stays known. */
const withAhead = (grants: readonly Grant[], step: Step, now: Date): readonly Grant[] => {
  const access = givenBy(step);
  if (access === undefined) return grants;
  const known = step.do === 'reschedule' ? grantOf(grants, access) : undefined;
  return withGrant(grants, { ...known, access, at: now });
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
 * `sealedPass`: the value of an access pass that the answers hold.
 */
export const writeBack = (
  account: Account,
  before: readonly Grant[],
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  now: Date,
  sealedPass?: string,
): Account => {
  let known = account;
  let earlier = before;
  for (const [index, step] of steps.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    known = learn(known, earlier, { step, outcome, now, ...(sealedPass === undefined ? {} : { sealedPass }) });
    // What was just taken is no longer there to fall back on when giving it again is refused.
    if (outcome.kind === 'done') earlier = afterStep(earlier, step);
  }
  return known;
};

interface Lesson<O extends StepOutcome = StepOutcome> {
  readonly step: Step;
  readonly outcome: O;
  readonly now: Date;
  readonly sealedPass?: string;
}

type Done = Extract<StepOutcome, { kind: 'done' }>;

const learn = (account: Account, before: readonly Grant[], lesson: Lesson): Account => {
  const { step, outcome, now } = lesson;
  if (outcome.kind === 'failed') return afterFailure(account, before, step, outcome, now);
  if (outcome.kind === 'absent') return afterMissing(account, step);
  if (step.do === 'revoke-sessions') {
    return { ...account, credential: { ...account.credential, sessionsRevoked: true } };
  }
  if (step.do === 'delete') return { ...account, deletion: { at: now, answered: true } };
  if (takenBy(step) !== undefined) return { ...account, grants: afterStep(account.grants, step) };
  return givenBy(step) === undefined ? account : afterGiving(account, before, { ...lesson, outcome });
};

/** The access pass that we know is not there. Whether another one has taken its place, only a look can tell. */
const afterMissing = (account: Account, step: Step): Account => {
  const given = grantOf(account.grants, { kind: 'pass' });
  if (step.do !== 'withdraw-pass' || given?.pass !== step.pass) return account;
  const { access, at } = given;
  return { ...account, grants: withGrant(account.grants, { access, at }) };
};

const afterStep = (grants: readonly Grant[], step: Step): readonly Grant[] => {
  const taken = takenBy(step);
  if (taken === undefined) return grants;
  const given = grantOf(grants, taken);
  // Of access passes there may be another one, of which this says nothing.
  if (step.do === 'withdraw-pass' && given?.pass !== undefined && given.pass !== step.pass) return grants;
  return afterTaking(grants, taken);
};

const afterFailure = (
  account: Account,
  before: readonly Grant[],
  step: Step,
  { fault, unclear }: Extract<StepOutcome, { kind: 'failed' }>,
  now: Date,
): Account => {
  const given = givenBy(step);
  if (given === undefined) return account;
  if (unclear) return { ...account, grants: withAhead(account.grants, step, now) };
  const earlier = grantOf(before, given);
  const grants = earlier === undefined ? withoutGrant(account.grants, given) : withGrant(account.grants, earlier);
  const isRefused = step.do === 'issue-pass' && fault.code === 'directory.no-pass' && account.pass !== undefined;
  return { ...account, grants, ...(isRefused ? { pass: { ...account.pass, refused: true } } : {}) };
};

const afterGiving = (account: Account, before: readonly Grant[], lesson: Lesson<Done>): Account => {
  const { step, outcome, now } = lesson;
  const access = givenBy(step);
  if (access === undefined) return account;
  const objectId = outcome.objectId ?? account.objectId;
  return {
    ...withPass(account, lesson),
    grants: isTheirs(account, before, access, outcome)
      ? withoutGrant(account.grants, access)
      : withGrant(account.grants, { ...learnt(account, step, outcome), access, at: now }),
    lastUsedAt: now,
    ...(objectId === undefined ? {} : { objectId }),
  };
};

/** Somebody else had given it to an existing user already, between our reading and our writing: it is not ours to take. */
const isTheirs = ({ kind }: Account, before: readonly Grant[], access: GrantedAccess, outcome: Done): boolean => {
  if (kind !== 'existing' || grantOf(before, access) !== undefined) return false;
  if (access.kind === 'role') return outcome.assignment === undefined;
  return access.kind === 'group' && outcome.joined === undefined;
};

/** What an answer tells of the access that a step gave. */
const learnt = ({ credential, grants }: Account, step: Step, outcome: Done): Omit<Grant, 'access' | 'at'> => {
  if (step.do === 'reschedule') {
    const known = grantOf(grants, { kind: 'role', role: step.role });
    return { ...(known?.assignment === undefined ? {} : { assignment: known.assignment }), until: step.until };
  }
  return {
    ...(outcome.assignment === undefined ? {} : { assignment: outcome.assignment }),
    ...(step.do === 'assign' && step.until !== undefined ? { until: step.until } : {}),
    ...(outcome.joined === undefined ? {} : { joined: true }),
    ...(outcome.pass === undefined ? {} : { pass: outcome.pass.id }),
    ...(step.do === 'create' || step.do === 'set' ? { generation: credential.generation } : {}),
  };
};

const withPass = (account: Account, { outcome: { pass: issued }, sealedPass }: Lesson<Done>): Account => {
  if (issued === undefined || account.pass === undefined) return account;
  const { id, endsAt } = issued;
  const { request, number } = account.pass;
  const sealed = sealedPass === undefined ? {} : { sealed: sealedPass };
  return { ...account, pass: { request, number, issued: { id, endsAt }, ...sealed } };
};

/**
 * An existing user who is borrowed keeps what it had before. Right after a loan a read may still show what that one
 * gave: what was known before it is then known still.
 */
export const withBefore = (account: Account, observed: Observed, now: Date): Account => {
  if (account.kind !== 'existing' || !observed.exists) return account;
  const { before } = account;
  if (before !== undefined && before.restedAt === undefined) return account;
  if (before?.restedAt !== undefined && now.getTime() - before.restedAt.getTime() < SETTLE_MS) {
    const { restedAt: _, ...known } = before;
    return { ...account, before: known };
  }
  return { ...account, before: beforeIn(observed) };
};

const beforeIn = ({ enabled, assignments, groups }: Extract<Observed, { exists: true }>): Before => ({
  enabled,
  roles: [...new Set(assignments.map(({ role }) => role))],
  groups: groups.map(({ id }) => id),
});
