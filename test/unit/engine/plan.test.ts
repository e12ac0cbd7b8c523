import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeldRole, Observed } from '../../../src/engine/account.js';
import type { Desired, WantedRole } from '../../../src/engine/desired.js';
import { directoryGroupId, roleId } from '../../../src/engine/ids.js';
import { gives, plan } from '../../../src/engine/plan.js';
import type { Step } from '../../../src/engine/plan.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import {
  accessIn,
  anyClosing,
  anyDesired,
  anyExisting,
  anyLoan,
  anyObserved,
  anyOpening,
  anyReturn,
  anyWish,
  groupsHeld,
  historyOf,
  isGuarded,
  NEW_PASS,
  passesHeld,
  rolesHeld,
} from '../../fakes/directory-model.js';
import { aUser, aWish, NOON } from '../../fakes/fixtures.js';

const RUNS = { numRuns: 1_000 };

const isSubset = <T>(some: ReadonlySet<T>, all: ReadonlySet<T>): boolean => [...some].every((one) => all.has(one));

const states = (observed: Observed, wanted: Desired): readonly Observed[] =>
  historyOf(observed, plan(observed, wanted), wanted);

const after = (observed: Observed, wanted: Desired): Observed => states(observed, wanted).at(-1)!;

/** What is wanted once its steps are done: sessions need no revoking, and the pass that was issued is the known one. */
const fulfilled = (wanted: Desired): Desired => ({
  ...wanted,
  revokeSessions: false,
  pass: wanted.pass.kind === 'issued' ? { kind: 'kept', id: NEW_PASS } : wanted.pass,
});

const rolesWanted = ({ roles }: Desired): ReadonlySet<string> => new Set(roles.map(({ role }) => role));

const summaryOf = (observed: Observed): object | 'gone' =>
  observed.exists
    ? {
        enabled: observed.enabled,
        generation: observed.generation,
        roles: [...rolesHeld(observed)].toSorted(),
        groups: [...groupsHeld(observed)].toSorted(),
        passes: passesHeld(observed),
      }
    : 'gone';

const rightPasses = (observed: Observed, { pass, borrowed }: Desired): readonly string[] => {
  if (pass.kind === 'issued') return [NEW_PASS];
  // Of an existing user who has none of ours, a pass is somebody else's.
  if (borrowed?.pass === false) return passesHeld(observed);
  return passesHeld(observed).filter((id) => pass.kind === 'kept' && pass.id === id);
};

/** What should become of an account of ours, as plainly as it can be said. */
const rightEnd = (observed: Observed, wanted: Desired): object | 'gone' => {
  const access = {
    roles: [...rolesWanted(wanted)].toSorted(),
    groups: wanted.groups.toSorted(),
    passes: rightPasses(observed, wanted),
  };
  if (wanted.user === 'open') return { enabled: true, generation: wanted.generation, ...access };
  if (!observed.exists || (wanted.user === 'deleted' && observed.deletable)) return 'gone';
  if (wanted.user === 'kept') return { enabled: observed.enabled, generation: observed.generation, ...access };
  return { enabled: false, generation: wanted.generation, ...access };
};

/** What should become of a user who was there before: everything of its own, and what is lent. */
const rightLoan = (observed: Observed, wanted: Desired): object | 'gone' => {
  if (!observed.exists || wanted.borrowed === undefined) return 'gone';
  const { roles, groups, enabled } = wanted.borrowed;
  const own = {
    roles: [...rolesHeld(observed)].filter((role) => !roles.includes(role)),
    groups: [...groupsHeld(observed)].filter((group) => !groups.includes(group)),
  };
  return {
    enabled: wanted.user === 'open' || (enabled && observed.enabled),
    generation: observed.generation,
    roles: [...new Set([...own.roles, ...rolesWanted(wanted)])].toSorted(),
    groups: [...new Set([...own.groups, ...wanted.groups])].toSorted(),
    passes: rightPasses(observed, wanted),
  };
};

/** Changes for which Entra asks an app to stand above the user. */
const touchesSignIn = (step: Step): boolean =>
  step.do === 'set' || step.do === 'issue-pass' || step.do === 'withdraw-pass';

describe('a plan', () => {
  it('leads an account of ours from any state to the desired one', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        expect(summaryOf(after(observed, wanted))).toEqual(rightEnd(observed, wanted));
      }),
      RUNS,
    );
  });

  it('leaves nothing for a second one to do, whatever the kind of account', () => {
    fc.assert(
      fc.property(anyObserved, anyWish, (observed, wanted) => {
        // Nobody is there to be lent, and nobody is made: what is wanted then is not reached.
        fc.pre(observed.exists || wanted.borrowed === undefined);
        expect(plan(after(observed, wanted), fulfilled(wanted))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('can be broken off anywhere, and the next one still gets there', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, anyDesired, fc.nat(12), (observed, first, then, cut) => {
        const interrupted = historyOf(observed, plan(observed, first).slice(0, cut), first).at(-1)!;
        expect(summaryOf(after(interrupted, then))).toEqual(rightEnd(interrupted, then));
        expect(plan(after(interrupted, then), fulfilled(then))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('takes every role, and every group that can carry one, before sign-in, password or pass of ours change', () => {
    fc.assert(
      fc.property(anyObserved, anyDesired, (observed, wanted) => {
        const steps = plan(observed, { ...wanted, changesHolders: false });
        const seen = historyOf(observed, steps, { changesHolders: true });
        expect(steps.filter((step, index) => touchesSignIn(step) && isGuarded(seen[index]!))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('strips nobody of what they are to keep where the app stands above all admins', () => {
    fc.assert(
      fc.property(anyExisting, anyWish, (observed, wanted) => {
        const roles = new Set([...rolesHeld(observed)].filter((role) => rolesWanted(wanted).has(role)));
        const groups = new Set([...groupsHeld(observed)].filter((group) => wanted.groups.includes(group)));
        const keepsAll = (state: Observed): boolean =>
          isSubset(roles, rolesHeld(state)) && isSubset(groups, groupsHeld(state));
        // Deletion alone ends it all, and comes last.
        const seen = states(observed, { ...wanted, changesHolders: true }).slice(0, -1);
        expect(seen.filter((state) => !keepsAll(state))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('changes sign-in, password and tag of an account that exists by one step at most', () => {
    fc.assert(
      fc.property(anyObserved, anyWish, (observed, wanted) => {
        const writes = plan(observed, wanted).filter((step) => step.do === 'set' || step.do === 'create');
        expect(writes.length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('revokes the sessions of an account that exists whenever that is wanted, before any access is given', () => {
    fc.assert(
      fc.property(anyExisting, anyWish, (observed, wanted) => {
        const verbs = plan(observed, wanted).map((step) => step.do);
        expect(verbs.filter((verb) => verb === 'revoke-sessions')).toHaveLength(wanted.revokeSessions ? 1 : 0);
        const steps = plan(observed, wanted).slice(0, verbs.indexOf('revoke-sessions') + 1);
        expect(steps.some(gives)).toBe(false);
      }),
      RUNS,
    );
  });

  it('does not give back and forth what is already as it should be', () => {
    const held = [roleId('user-admin'), roleId('helpdesk')] as const;
    const [left, kept] = [directoryGroupId('g-1'), directoryGroupId('g-2')];
    const observed = aUser({
      enabled: true,
      generation: 5,
      assignments: held.map((role, index) => ({ id: `a-${index}`, role })),
      groups: [left, kept].map((id) => ({ id, roleAssignable: true })),
    });
    expect(plan(observed, aWish({ roles: [{ role: held[1] }], groups: [kept] }))).toEqual([
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
    const wanted = aWish({ groups: [guarded, plain] });
    expect(plan(observed, wanted)).toEqual([
      { do: 'leave', group: guarded },
      { do: 'set', enabled: true, generation: 5 },
      { do: 'join', group: guarded },
    ]);
    expect(plan(observed, { ...wanted, changesHolders: true })).toEqual([{ do: 'set', enabled: true, generation: 5 }]);
  });
});

describe('a plan for an existing user', () => {
  // The model refuses its creation, its deletion and any password of ours.
  it('lends what is asked for, and of what the user has takes only what we gave', () => {
    fc.assert(
      fc.property(anyObserved, fc.oneof(anyLoan, anyReturn), (observed, wanted) => {
        expect(summaryOf(after(observed, wanted))).toEqual(rightLoan(observed, wanted));
      }),
      RUNS,
    );
  });

  it('never takes anything that is not on record as given, at any step', () => {
    fc.assert(
      fc.property(anyExisting, fc.oneof(anyLoan, anyReturn), (observed, wanted) => {
        const { roles, groups, pass } = wanted.borrowed!;
        const touchesTheirs = (step: Step): boolean => {
          if (step.do === 'unassign' || step.do === 'reschedule') return !roles.includes(step.role);
          if (step.do === 'leave') return !groups.includes(step.group);
          return step.do === 'withdraw-pass' && !pass;
        };
        expect(plan(observed, wanted).filter(touchesTheirs)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('disables again whoever was disabled, and never anybody else', () => {
    fc.assert(
      fc.property(anyExisting, fc.oneof(anyLoan, anyReturn), (observed, wanted) => {
        const said = plan(observed, wanted).flatMap((step) => (step.do === 'set' ? [step.enabled] : []));
        const right = wanted.user === 'open' || (observed.enabled && wanted.borrowed?.enabled !== false);
        expect(said).toEqual(right === observed.enabled ? [] : [right]);
      }),
      RUNS,
    );
  });

  it('makes nobody who is not there', () => {
    fc.assert(
      fc.property(fc.oneof(anyLoan, anyReturn), (wanted) => {
        expect(plan({ exists: false }, wanted)).toEqual([]);
      }),
    );
  });
});

describe('a plan that closes', () => {
  it('leaves no more access than before, wherever it is broken off', () => {
    fc.assert(
      fc.property(anyObserved, fc.oneof(anyClosing, anyReturn), (observed, wanted) => {
        const [before, ...later] = states(observed, wanted).map(accessIn);
        later.reduce((previous, state) => {
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
        for (const verb of verbs) expect(['unassign', 'leave', 'withdraw-pass', 'revoke-sessions']).toContain(verb);
      }),
      RUNS,
    );
  });
});

describe('a plan that deletes', () => {
  it('deletes last, and only what is shut, stripped and ours', () => {
    fc.assert(
      fc.property(anyObserved, anyWish, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const at = steps.findIndex((step) => step.do === 'delete');
        expect(at >= 0).toBe(wanted.user === 'deleted' && observed.exists && observed.deletable);
        if (at < 0) return;
        expect(at).toBe(steps.length - 1);
        const before = historyOf(observed, steps.slice(0, -1), wanted).at(-1)!;
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
      fc.property(anyObserved, fc.oneof(anyOpening, anyLoan), (observed, wanted) => {
        const steps = plan(observed, wanted);
        const first = steps.findIndex(gives);
        fc.pre(first >= 0);
        expect(steps.slice(first).every(gives)).toBe(true);
      }),
      RUNS,
    );
  });

  it('lets nobody in while an account of ours still carries a role, a group or a pass that nobody asked for', () => {
    fc.assert(
      fc.property(anyObserved, anyOpening, (observed, wanted) => {
        const steps = plan(observed, wanted);
        const seen = historyOf(observed, steps, wanted);
        for (const [index, step] of steps.entries()) {
          if (step.do !== 'create' && step.do !== 'set') continue;
          const then = seen[index + 1]!;
          expect(isSubset(rolesHeld(then), rolesWanted(wanted))).toBe(true);
          expect(isSubset(groupsHeld(then), new Set(wanted.groups))).toBe(true);
          const known = wanted.pass.kind === 'kept' ? [wanted.pass.id] : [];
          expect(isSubset(new Set(passesHeld(then)), new Set(known))).toBe(true);
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

describe('a plan with an access pass', () => {
  it('issues one at most, to a user who is set up, and before any role or group is given', () => {
    fc.assert(
      fc.property(anyObserved, anyWish, (observed, wanted) => {
        const verbs = plan(observed, wanted).map((step) => step.do);
        const issued = verbs.indexOf('issue-pass');
        fc.pre(issued >= 0);
        expect(verbs.lastIndexOf('issue-pass')).toBe(issued);
        const unset = ['create', 'set', 'withdraw-pass', 'unassign', 'leave', 'revoke-sessions'];
        for (const verb of verbs.slice(issued)) expect(unset).not.toContain(verb);
        for (const verb of verbs.slice(0, issued)) expect(['assign', 'join', 'reschedule']).not.toContain(verb);
      }),
      RUNS,
    );
  });

  it('leaves none but the known one, and never two', () => {
    fc.assert(
      fc.property(anyObserved, anyWish, (observed, wanted) => {
        fc.pre(wanted.borrowed?.pass !== false);
        const { pass } = wanted;
        const known = pass.kind === 'none' ? [] : [pass.kind === 'kept' ? pass.id : NEW_PASS];
        expect(known).toEqual(expect.arrayContaining([...passesHeld(after(observed, wanted))]));
      }),
      RUNS,
    );
  });
});

describe('a plan with roles that Entra ends by itself', () => {
  const role = roleId('helpdesk');
  const until = addMs(NOON, HOUR);
  const held = (overrides: Partial<HeldRole> = {}): Observed =>
    aUser({ enabled: true, generation: 5, assignments: [{ id: 's-1', role, until, ...overrides }] });
  const wanting = (...roles: readonly WantedRole[]): Desired => aWish({ roles });

  // The model takes a schedule only as a schedule, and a direct assignment only as one.
  it('moves an end that is off by more than a minute, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }), fc.boolean(), (off, changesHolders) => {
        const moved = addMs(until, off);
        const steps = plan(held(), { ...wanting({ role, until: moved }), changesHolders });
        expect(steps).toEqual(Math.abs(off) > MINUTE ? [{ do: 'reschedule', role, until: moved }] : []);
      }),
      RUNS,
    );
  });

  it('moves the end of what was given with one also where nothing is given with an end any more', () => {
    const prolonged = addMs(until, HOUR);
    expect(plan(held(), wanting({ role, prolonged }))).toEqual([{ do: 'reschedule', role, until: prolonged }]);
    const direct = aUser({ enabled: true, generation: 5, assignments: [{ id: 'a-1', role }] });
    expect(plan(direct, wanting({ role, prolonged }))).toEqual([]);
    const none = aUser({ enabled: true, generation: 5 });
    expect(plan(none, wanting({ role, prolonged }))).toEqual([{ do: 'assign', role }]);
  });

  it('ends in time whatever it gives or moves', () => {
    fc.assert(
      fc.property(anyObserved, anyOpening, (observed, wanted) => {
        const then = after(observed, wanted);
        const before = new Set(observed.exists ? observed.assignments.map(({ id }) => id) : []);
        const endsAmiss = ({ id, role: name, until: ends }: HeldRole): boolean => {
          const end = wanted.roles.find((one) => one.role === name)?.until;
          if (!before.has(id)) return ends?.getTime() !== end?.getTime();
          return end !== undefined && ends !== undefined && Math.abs(ends.getTime() - end.getTime()) > MINUTE;
        };
        expect(then.exists ? then.assignments.filter(endsAmiss) : []).toEqual([]);
      }),
      RUNS,
    );
  });

  it('says of a schedule that is taken that it is one', () => {
    expect(plan(held(), wanting())).toEqual([{ do: 'unassign', assignment: 's-1', role, scheduled: true }]);
  });

  it('leaves no gap when the access is extended or its credential is issued anew by an app above all admins', () => {
    const later = addMs(until, HOUR);
    const wanted = { ...wanting({ role, until: later }), generation: 6, revokeSessions: true, changesHolders: true };
    expect(plan(held(), wanted)).toEqual([
      { do: 'set', enabled: true, generation: 6 },
      { do: 'revoke-sessions' },
      { do: 'reschedule', role, until: later },
    ]);
  });
});
