import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desired, Observed } from '../../../src/engine/account.js';
import { plan } from '../../../src/engine/plan.js';
import { roleId } from '../../../src/engine/ids.js';
import {
  accessIn,
  anyClosing,
  anyDesired,
  anyObserved,
  anyOpening,
  historyOf,
  rolesHeld,
} from '../../fakes/directory-model.js';

const RUNS = { numRuns: 500 };

const isSubset = <T>(some: ReadonlySet<T>, all: ReadonlySet<T>): boolean => [...some].every((one) => all.has(one));

const after = (observed: Observed, wanted: Desired): Observed => historyOf(observed, plan(observed, wanted)).at(-1)!;

/** Once its steps are done, sessions need no revoking; an account that was just made never had any. */
const fulfilled = (wanted: Desired): Desired => ({ ...wanted, revokeSessions: false });

const summaryOf = ({ enabled, generation, assignments, groups }: Extract<Observed, { exists: true }>): object => ({
  enabled,
  generation,
  roles: assignments.map(({ role }) => role).toSorted(),
  groups,
});

describe('a plan', () => {
  it('leads from any state to the desired one', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const reached = after(observed, wanted);
        const should = {
          enabled: wanted.signIn,
          generation: wanted.generation,
          roles: wanted.roles.toSorted(),
          groups: [],
        };
        expect(reached.exists ? summaryOf(reached) : 'gone').toEqual(
          observed.exists || wanted.signIn ? should : 'gone',
        );
      }),
      RUNS,
    );
  });

  it('leaves nothing for a second one to do', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        expect(plan(after(observed, wanted), fulfilled(wanted))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('can be broken off anywhere, and the next one still gets there', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, anyDesired, fc.nat(12), (observed, first, then, cut) => {
        const interrupted = historyOf(observed, plan(observed, first).slice(0, cut)).at(-1)!;
        expect(plan(after(interrupted, then), fulfilled(then))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('takes every role before it changes password or sign-in', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const change = steps.findIndex((step) => step.do === 'set');
        fc.pre(change >= 0);
        expect(rolesHeld(historyOf(observed, steps.slice(0, change)).at(-1)!).size).toBe(0);
      }),
      RUNS,
    );
  });

  it('changes sign-in, password and tag of an account that exists by one step at most', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const writes = plan(observed, wanted).filter((step) => step.do === 'set' || step.do === 'create');
        expect(writes.length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('revokes the sessions of an account that exists whenever that is wanted, before any role is given', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        fc.pre(observed.exists);
        const verbs = plan(observed, wanted).map((step) => step.do);
        expect(verbs.filter((verb) => verb === 'revoke-sessions')).toHaveLength(wanted.revokeSessions ? 1 : 0);
        const access = verbs.slice(0, verbs.indexOf('revoke-sessions') + 1);
        expect(access).not.toContain('assign');
      }),
      RUNS,
    );
  });

  it('does not give back and forth what is already as it should be', () => {
    const held = [roleId('user-admin'), roleId('helpdesk')];
    const observed: Observed = {
      exists: true,
      objectId: 'known',
      enabled: true,
      generation: 3,
      assignments: held.map((role, index) => ({ id: `a-${index}`, role })),
      groups: [],
    };
    const wanted: Desired = { signIn: true, roles: held.slice(1), generation: 3, revokeSessions: false };
    expect(plan(observed, wanted)).toEqual([{ do: 'unassign', assignment: 'a-0', role: held[0] }]);
  });
});

describe('a plan that closes', () => {
  it('leaves no more access than before, wherever it is broken off', () => {
    fc.assert(
      fc.property(anyObserved, anyClosing, (observed, wanted) => {
        const [before, ...states] = historyOf(observed, plan(observed, wanted)).map(accessIn);
        states.reduce((previous, state) => {
          expect(isSubset(state, previous)).toBe(true);
          return state;
        }, before!);
      }),
      RUNS,
    );
  });

  it('makes no account only to shut it', () => {
    fc.assert(
      fc.property(anyClosing, (wanted) => {
        expect(plan({ exists: false }, wanted)).toEqual([]);
      }),
    );
  });
});

describe('a plan that opens', () => {
  it('gives roles last', () => {
    fc.assert(
      fc.property(anyObserved, anyOpening, (observed, wanted) => {
        const verbs = plan(observed, wanted).map((step) => step.do);
        const first = verbs.indexOf('assign');
        fc.pre(first >= 0);
        expect(new Set(verbs.slice(first))).toEqual(new Set(['assign']));
      }),
      RUNS,
    );
  });

  it('lets nobody in while the account still carries a role or a group that nobody asked for', () => {
    fc.assert(
      fc.property(anyObserved, anyOpening, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const states = historyOf(observed, steps);
        for (const [index, step] of steps.entries()) {
          if (step.do !== 'create' && step.do !== 'set') continue;
          const then = states[index + 1]!;
          expect(isSubset(rolesHeld(then), new Set(wanted.roles))).toBe(true);
          expect(then.exists && then.groups).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('says sign-in with every password, as a lagging read may show it off while it is on', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const said = plan(observed, wanted).flatMap((step) => (step.do === 'set' ? [step.enabled] : []));
        expect(said).not.toContain(!wanted.signIn);
      }),
      RUNS,
    );
  });
});
