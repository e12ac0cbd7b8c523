import type { Observed } from '../../src/engine/account.js';
import type { Step } from '../../src/engine/plan.js';
import type { Directory, StepOutcome } from '../../src/flows/ports.js';
import { addMs } from '../../src/lib/clock.js';
import type { Clock } from '../../src/lib/clock.js';
import { redacted } from '../../src/lib/redacted.js';
import { ok } from '../../src/lib/result.js';
import { groupsHeld, performed, rolesHeld } from './directory-model.js';
import type { Standing } from './directory-model.js';

/** A directory of one user, with an eye on what it is asked, and with as much bad luck as it is told to have. */

/** What becomes of a write: `lost`: done, but nobody is told; `dropped`: not done, and nobody is told. */
export type Luck = 'done' | 'refused' | 'lost' | 'dropped';

export interface OneUserDirectory {
  readonly directory: Pick<Directory, 'observe' | 'apply' | 'anticipatePass'>;
  readonly state: () => Observed;
  /** Somebody else changes the user. */
  readonly change: (by: (state: Observed) => Observed) => void;
  /** Everything written, in order. */
  readonly steps: readonly Step[];
}

interface Circumstances {
  readonly clock: Clock;
  readonly standing: Standing;
  /** Drawn for each step. */
  readonly luck: () => Luck;
  /** Happens between the read and the write. */
  readonly meanwhile: () => void;
  /** How old a read's answer is; drawn for each. */
  readonly lagMs: () => number;
}

export const oneUserDirectory = (
  start: Observed,
  { clock, standing, luck, meanwhile, lagMs }: Circumstances,
): OneUserDirectory => {
  const history: { readonly at: Date; readonly state: Observed }[] = [{ at: addMs(clock.now(), -1e9), state: start }];
  const steps: Step[] = [];
  let serial = 0;
  const state = (): Observed => history.at(-1)?.state ?? start;
  const become = (next: Observed): void => void history.push({ at: clock.now(), state: next });

  const perform = (step: Step): StepOutcome => {
    const before = state();
    // To Entra giving what is there already is a conflict, which the adapter calls done, but tells no id of.
    if (step.do === 'assign' && rolesHeld(before).has(step.role)) return { kind: 'done' };
    if (step.do === 'join' && groupsHeld(before).has(step.group)) return { kind: 'done' };
    if (isGone(before, step)) return { kind: 'absent' };
    serial += 1;
    const next = named(performed(before, step, standing), serial);
    become(next);
    if (step.do === 'create') return { kind: 'done', objectId: next.exists ? next.objectId : '' };
    if (step.do === 'assign') return { kind: 'done', assignment: `new-${step.role}-${serial}` };
    if (step.do === 'join') return { kind: 'done', joined: true };
    if (step.do !== 'issue-pass') return { kind: 'done' };
    return { kind: 'done', pass: { id: `p-new-${serial}`, value: redacted('a pass'), endsAt: step.until } };
  };

  return {
    steps,
    state,
    change: (by) => become(by(state())),
    directory: {
      anticipatePass: () => {},
      observe: async (_tenant, _user, look = {}) => {
        const shown = addMs(clock.now(), -lagMs());
        const seen = history.findLast(({ at }) => at <= shown)?.state ?? start;
        if (!seen.exists || look.passes !== undefined) return ok(seen);
        const { passes: _unseen, ...rest } = seen;
        return ok(rest);
      },
      apply: async (_tenant, _user, asked) => {
        meanwhile();
        steps.push(...asked);
        return asked.map((step) => {
          const fate = luck();
          if (fate === 'refused') return failed(false);
          if (fate === 'dropped') return failed(true);
          const outcome = state().exists || step.do === 'create' ? perform(step) : { kind: 'absent' as const };
          return fate === 'lost' ? failed(true) : outcome;
        });
      },
    },
  };
};

const failed = (unclear: boolean): StepOutcome => ({
  kind: 'failed',
  fault: { code: 'directory.unavailable', detail: 'bad luck' },
  unclear,
});

const isGone = (state: Observed, step: Step): boolean => {
  if (!state.exists) return step.do !== 'create';
  if (step.do === 'unassign') return !state.assignments.some(({ id }) => id === step.assignment);
  if (step.do === 'leave') return !state.groups.some(({ id }) => id === step.group);
  return step.do === 'withdraw-pass' && state.passes?.includes(step.pass) !== true;
};

/** Ids that no two writes share. */
const named = (state: Observed, serial: number): Observed =>
  state.exists
    ? {
        ...state,
        assignments: state.assignments.map((held) =>
          held.id === `new-${held.role}` ? { ...held, id: `${held.id}-${serial}` } : held,
        ),
        ...(state.passes === undefined
          ? {}
          : { passes: state.passes.map((id) => (id === 'p-new' ? `p-new-${serial}` : id)) }),
      }
    : state;
