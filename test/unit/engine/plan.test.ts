import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Desired, Observed } from '../../../src/engine/account.js';
import { gives, plan } from '../../../src/engine/plan.js';
import { directoryGroupId, roleId } from '../../../src/engine/ids.js';
import {
  accessIn,
  anyClosing,
  anyDesired,
  anyObserved,
  anyOpening,
  groupsHeld,
  historyOf,
  isGuarded,
  rolesHeld,
} from '../../fakes/directory-model.js';
import { aUser, aWish } from '../../fakes/fixtures.js';

const RUNS = { numRuns: 500 };

const isSubset = <T>(some: ReadonlySet<T>, all: ReadonlySet<T>): boolean => [...some].every((one) => all.has(one));

const after = (observed: Observed, wanted: Desired): Observed => historyOf(observed, plan(observed, wanted)).at(-1)!;

/** Once its steps are done, sessions need no revoking; an account that was just made never had any. */
const fulfilled = (wanted: Desired): Desired => ({ ...wanted, revokeSessions: false });

const summaryOf = (observed: Observed): object | 'gone' =>
  observed.exists
    ? {
        enabled: observed.enabled,
        generation: observed.generation,
        roles: observed.assignments.map(({ role }) => role).toSorted(),
        groups: observed.groups.map(({ id }) => id).toSorted(),
      }
    : 'gone';

/** What should become of an account, as plainly as it can be said. */
const rightEnd = (observed: Observed, wanted: Desired): object | 'gone' => {
  const access = { roles: wanted.roles.toSorted(), groups: wanted.groups.toSorted() };
  if (wanted.user === 'open') return { enabled: true, generation: wanted.generation, ...access };
  if (!observed.exists || (wanted.user === 'deleted' && observed.deletable)) return 'gone';
  if (wanted.user === 'kept') return { enabled: observed.enabled, generation: observed.generation, ...access };
  return { enabled: false, generation: wanted.generation, ...access };
};

describe('a plan', () => {
  it('leads from any state to the desired one', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        expect(summaryOf(after(observed, wanted))).toEqual(rightEnd(observed, wanted));
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

  it('takes every role, and every group that can carry one, before it changes password or sign-in', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const change = steps.findIndex((step) => step.do === 'set');
        fc.pre(change >= 0);
        expect(isGuarded(historyOf(observed, steps.slice(0, change)).at(-1)!)).toBe(false);
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

  it('revokes the sessions of an account that exists whenever that is wanted, before any access is given', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        fc.pre(observed.exists);
        const verbs = plan(observed, wanted).map((step) => step.do);
        expect(verbs.filter((verb) => verb === 'revoke-sessions')).toHaveLength(wanted.revokeSessions ? 1 : 0);
        const steps = plan(observed, wanted).slice(0, verbs.indexOf('revoke-sessions') + 1);
        expect(steps.some(gives)).toBe(false);
      }),
      RUNS,
    );
  });

  it('does not give back and forth what is already as it should be', () => {
    const held = [roleId('user-admin'), roleId('helpdesk')];
    const [left, kept] = [directoryGroupId('g-1'), directoryGroupId('g-2')];
    const observed = aUser({
      enabled: true,
      generation: 5,
      assignments: held.map((role, index) => ({ id: `a-${index}`, role })),
      groups: [left, kept].map((id) => ({ id, roleAssignable: true })),
    });
    expect(plan(observed, aWish({ roles: held.slice(1), groups: [kept] }))).toEqual([
      { do: 'unassign', assignment: 'a-0', role: held[0] },
      { do: 'leave', group: left },
    ]);
  });

  it('takes a group that can carry roles before a new password, and gives it back; another one stays', () => {
    const [guarded, plain] = [directoryGroupId('g-3'), directoryGroupId('g-1')];
    const groups = [
      { id: guarded, roleAssignable: true },
      { id: plain, roleAssignable: false },
    ];
    const observed = aUser({ enabled: true, generation: 4, groups });
    expect(plan(observed, aWish({ groups: [guarded, plain] }))).toEqual([
      { do: 'leave', group: guarded },
      { do: 'set', enabled: true, generation: 5 },
      { do: 'join', group: guarded },
    ]);
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

describe('a plan that keeps the account', () => {
  it('takes all access and changes neither its sign-in nor its password', () => {
    fc.assert(
      fc.property(anyObserved, anyClosing, (observed, closing) => {
        const verbs = plan(observed, { ...closing, user: 'kept' }).map((step) => step.do);
        for (const verb of verbs) expect(['unassign', 'leave', 'revoke-sessions']).toContain(verb);
      }),
      RUNS,
    );
  });
});

describe('a plan that deletes', () => {
  it('deletes last, and only what is shut, stripped and ours', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const at = steps.findIndex((step) => step.do === 'delete');
        expect(at >= 0).toBe(wanted.user === 'deleted' && observed.exists && observed.deletable);
        if (at < 0) return;
        expect(at).toBe(steps.length - 1);
        const before = historyOf(observed, steps.slice(0, -1)).at(-1)!;
        expect(accessIn(before).size).toBe(0);
        expect(before).toMatchObject({ generation: wanted.generation });
      }),
      RUNS,
    );
  });
});

describe('a plan that opens', () => {
  it('gives access last', () => {
    fc.assert(
      fc.property(anyObserved, anyOpening, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const first = steps.findIndex(gives);
        fc.pre(first >= 0);
        expect(steps.slice(first).every(gives)).toBe(true);
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
          expect(isSubset(groupsHeld(then), new Set(wanted.groups))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('says sign-in with every password, as a lagging read may show it off while it is on', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const said = plan(observed, wanted).flatMap((step) => (step.do === 'set' ? [step.enabled] : []));
        expect(said).not.toContain(wanted.user !== 'open');
      }),
      RUNS,
    );
  });
});
