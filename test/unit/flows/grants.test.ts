import { describe, expect, it } from 'vitest';
import type { Account, Grant } from '../../../src/engine/account.js';
import { withAnswers } from '../../../src/engine/granted.js';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import { directoryGroupId, requestId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { Step } from '../../../src/engine/plan.js';
import { writeAhead, writeBack } from '../../../src/flows/grants.js';
import type { StepOutcome } from '../../../src/flows/ports.js';
import { addMs, SECOND } from '../../../src/lib/clock.js';
import { anAccount, aUser, aWish, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const USERS = USER_ADMINISTRATOR.id;
const ROLE = { kind: 'role', role: USERS } as const;
const SIGN_IN = { kind: 'sign-in' } as const;
const later = addMs(NOON, 30 * SECOND);

const throttled: DirectoryFault = { code: 'directory.throttled', detail: '429' };
const done: StepOutcome = { kind: 'done' };
const refused: StepOutcome = { kind: 'failed', fault: throttled, unclear: false };
const unclear: StepOutcome = { kind: 'failed', fault: throttled, unclear: true };

const live: Account = anAccount({
  creationSent: true,
  objectId: 'known',
  credential: { use: 'lent', generation: 6, sessionsRevoked: false, request: requestId('R-7K2M') },
  grants: [
    { access: SIGN_IN, at: NOON, generation: 5 },
    { access: ROLE, at: NOON, assignment: 'a-1' },
  ],
});

const observed = aUser({ enabled: true, generation: 5, assignments: [{ id: 'a-1', role: USERS }] });

const wanted = aWish({ roles: [{ role: USERS }], generation: 6, revokeSessions: true });

/** The account after these outcomes of giving it a new password, which takes its role and gives it back. */
const renewed = (outcomes: readonly StepOutcome[]): Account => {
  const steps = plan(observed, wanted);
  expect(steps.map((step) => step.do)).toEqual(['unassign', 'set', 'revoke-sessions', 'assign']);
  return writeBack(writeAhead(live, observed, steps, later), live.grants, steps, outcomes, later);
};

const roleGrant = ({ grants }: Account): Grant | undefined => grants.find(({ access }) => access.kind === 'role');

describe('what is on record after a round', () => {
  it('names whatever may be given before anything is sent', () => {
    const ahead = writeAhead(anAccount(), { exists: false }, plan({ exists: false }, wanted), NOON);
    expect(ahead).toMatchObject({
      creationSent: true,
      grants: [
        { access: SIGN_IN, at: NOON },
        { access: ROLE, at: NOON },
      ],
    });
  });

  it('names the new assignment once it is answered for', () => {
    const account = renewed([done, done, done, { kind: 'done', assignment: 'a-2' }]);
    expect(roleGrant(account)).toEqual({ access: ROLE, at: later, assignment: 'a-2' });
    expect(account.credential.sessionsRevoked).toBe(true);
  });

  it('does not bring back a role that was taken when giving it again is refused: the next round gives it', () => {
    const account = renewed([done, done, done, refused]);
    const seen = aUser({ ...observed, generation: 6, assignments: [] });
    const next = plan(withAnswers(seen, account, addMs(later, SECOND)), { ...wanted, revokeSessions: false });
    expect(next).toEqual([{ do: 'assign', role: USERS }]);
  });

  it('keeps a role on record that could not be taken', () => {
    expect(roleGrant(renewed([refused, refused, refused, refused]))).toMatchObject({ assignment: 'a-1', at: NOON });
  });

  it('keeps on record, from now on, what may have been given', () => {
    expect(roleGrant(renewed([done, done, done, unclear]))).toEqual({ access: ROLE, at: later });
  });

  it('keeps what an earlier unanswered write may have given when the same is then refused', () => {
    const before = anAccount({ creationSent: true, grants: [{ access: SIGN_IN, at: NOON }] });
    const steps = [{ do: 'create', enabled: true, generation: 1 } as const];
    const account = writeBack(
      writeAhead(before, { exists: false }, steps, later),
      before.grants,
      steps,
      [refused],
      later,
    );
    expect(account.grants).toEqual([{ access: SIGN_IN, at: NOON }]);
  });
});

describe('what is on record of a group', () => {
  const group = directoryGroupId('g-mail');
  const access = { kind: 'group', group } as const;
  const join: Step = { do: 'join', group };
  const leave: Step = { do: 'leave', group };
  const account = anAccount({ creationSent: true, objectId: 'known' });
  const after = (before: Account, step: Step, outcome: StepOutcome): readonly Grant[] =>
    writeBack(writeAhead(before, observed, [step], later), before.grants, [step], [outcome], later).grants;

  it('is the membership before anything is sent, and that it was given once that is answered', () => {
    expect(writeAhead(account, observed, [join], later).grants).toEqual([{ access, at: later }]);
    expect(after(account, join, { kind: 'done', joined: true })).toEqual([{ access, at: later, joined: true }]);
    expect(after(account, join, unclear)).toEqual([{ access, at: later }]);
    expect(after(account, join, refused)).toEqual([]);
  });

  it('is nothing any more once giving and taking were answered', () => {
    const member = { ...account, grants: [{ access, at: NOON, joined: true } as const] };
    expect(after(member, leave, done)).toEqual([]);
    for (const outcome of [unclear, refused, { kind: 'absent' } as const]) {
      expect(after(member, leave, outcome)).toEqual(member.grants);
    }
  });

  it('stays on record where somebody was a member already: whose write made it so nobody knows', () => {
    const found = { ...account, grants: after(account, join, done) };
    expect(after(found, leave, done)).toEqual(found.grants);
  });
});

describe('what is on record of a deletion', () => {
  const steps: readonly Step[] = [{ do: 'delete' }];
  const ahead = writeAhead(live, observed, steps, later);

  it('is that it was sent, and once it is answered that the user is gone', () => {
    expect(ahead.deletion).toEqual({ at: later, answered: false });
    for (const outcome of [unclear, refused, { kind: 'absent' } as const]) {
      expect(writeBack(ahead, live.grants, steps, [outcome], later).deletion).toEqual({ at: later, answered: false });
    }
    expect(writeBack(ahead, live.grants, steps, [done], later).deletion).toEqual({ at: later, answered: true });
  });

  it('is forgotten with the old object id as soon as the user is made anew', () => {
    const anew = writeAhead(ahead, { exists: false }, [{ do: 'create', enabled: true, generation: 7 }], later);
    expect(anew).toMatchObject({ creationSent: true });
    expect(anew).not.toHaveProperty('deletion');
    expect(anew).not.toHaveProperty('objectId');
  });
});

describe('what is on record of an access pass', () => {
  const access = { kind: 'pass' } as const;
  const account = anAccount({ creationSent: true, objectId: 'known', grants: [{ access, at: NOON, pass: 'p-1' }] });
  const after = (pass: string, outcome: StepOutcome): readonly Grant[] =>
    writeBack(account, account.grants, [{ do: 'withdraw-pass', pass }], [outcome], later).grants;

  it('is nothing once its withdrawal was answered for', () => {
    expect(after('p-1', done)).toEqual([]);
    for (const outcome of [unclear, refused]) expect(after('p-1', outcome)).toEqual(account.grants);
  });

  it('that is not there is that another one may be, which only a look can tell', () => {
    expect(after('p-1', { kind: 'absent' })).toEqual([{ access, at: NOON }]);
    expect(after('p-2', { kind: 'absent' })).toEqual(account.grants);
  });
});
