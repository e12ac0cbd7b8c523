import { describe, expect, it } from 'vitest';
import { withAnswers } from '../../../src/engine/account.js';
import type { Account, Grant, Observed } from '../../../src/engine/account.js';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import { requestId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import { writeAhead, writeBack } from '../../../src/flows/grants.js';
import type { StepOutcome } from '../../../src/flows/ports.js';
import { addMs, SECOND } from '../../../src/lib/clock.js';
import { anAccount, NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

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

const observed: Observed = {
  exists: true,
  objectId: 'known',
  enabled: true,
  generation: 5,
  assignments: [{ id: 'a-1', role: USERS }],
  groups: [],
};

const wanted = { signIn: true, roles: [USERS], generation: 6, revokeSessions: true };

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
    const seen: Observed = { ...observed, generation: 6, assignments: [] };
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
