import { describe, expect, it, vi } from 'vitest';
import type { Chore, ChoreStore } from '../../../src/flows/ports/chores.js';
import { createChores } from '../../../src/jobs/chores.js';
import { addMs, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';
import { NOON } from '../../fakes/fixtures.js';
import { createManualTimer } from '../../fakes/manual-timer.js';

/** The rules of the real store, in memory; several runners may share it. */
const createMemory = (): ChoreStore => {
  const known = new Map<string, { nextAt: Date; leasedUntil: Date; claimedAt: Date }>();
  return {
    claim: async (name, now, everyMs, leaseMs) => {
      const last = known.get(name);
      if (last !== undefined && (last.nextAt > now || last.leasedUntil > now)) return false;
      known.set(name, { nextAt: addMs(now, everyMs), leasedUntil: addMs(now, leaseMs), claimedAt: now });
      return true;
    },
    prolong: async (name, claimedAt, until) => {
      const held = known.get(name);
      if (held?.claimedAt !== claimedAt) return false;
      held.leasedUntil = until;
      return true;
    },
    done: async (name, claimedAt, next) => {
      const held = known.get(name);
      if (held?.claimedAt !== claimedAt) return;
      known.set(name, { ...held, leasedUntil: claimedAt, nextAt: next ?? held.nextAt });
    },
  };
};

const open = (chores: readonly Chore[], store = createMemory(), log: Log = silentLog) => {
  let now = NOON;
  const timer = createManualTimer();
  const runner = createChores({ chores, store, clock: { now: () => now }, log, every: timer.every });
  const pass = async (ms: number): Promise<void> => {
    // Whatever was begun and can end does so before time goes on.
    await new Promise(setImmediate);
    now = addMs(now, ms);
    timer.ring();
    await new Promise(setImmediate);
  };
  return { ...runner, pass, timer };
};

const recording = (): { readonly log: Log; readonly errors: string[] } => {
  const errors: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (fields, message) => void errors.push(`${message} ${JSON.stringify(fields)}`),
  };
  return { log, errors };
};

describe('chores', () => {
  it('are done at the start, and again each time they are due', async () => {
    const run = vi.fn<Chore['run']>(async () => undefined);
    const chores = open([{ name: 'sync', everyMs: 5 * MINUTE, run }]);
    chores.start();
    await chores.pass(MINUTE);
    expect(run).toHaveBeenCalledTimes(1);
    await chores.pass(4 * MINUTE);
    expect(run).toHaveBeenCalledTimes(2);
    await chores.stop();
    await chores.pass(5 * MINUTE);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('are never done by two processes at the same time, however long they take', async () => {
    let finish = (): void => undefined;
    const endless = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const store = createMemory();
    const [mine, theirs] = [vi.fn<Chore['run']>(endless), vi.fn<Chore['run']>(async () => undefined)];
    const one = open([{ name: 'sync', everyMs: SECOND, run: mine }], store);
    const other = open([{ name: 'sync', everyMs: SECOND, run: theirs }], store);
    one.start();
    await vi.waitFor(() => expect(mine).toHaveBeenCalled());
    other.start();
    // Beyond any lease that nobody prolongs.
    for (let step = 0; step < 20; step += 1) {
      await one.pass(30 * SECOND);
      await other.pass(30 * SECOND);
    }
    expect(theirs).not.toHaveBeenCalled();
    finish();
    await one.stop();
    await other.pass(SECOND);
    await vi.waitFor(() => expect(theirs).toHaveBeenCalledTimes(1));
    await other.stop();
  });

  it('that fail are told in the log and come again, soon at first and then less often', async () => {
    const { log, errors } = recording();
    const begun: number[] = [];
    let elapsed = 0;
    const run = async (): Promise<void> => {
      begun.push(elapsed);
      throw new Error('the roster is on fire');
    };
    const chores = open([{ name: 'sync', everyMs: 10 * MINUTE, run }], createMemory(), log);
    chores.start();
    await vi.waitFor(() => expect(errors).toHaveLength(1));
    for (; elapsed < 2 * MINUTE;) {
      elapsed += 5 * SECOND;
      await chores.pass(5 * SECOND);
    }
    await chores.stop();
    expect(begun).toEqual([0, 10 * SECOND, 30 * SECOND, 70 * SECOND]);
    expect(errors[0]).toContain('the roster is on fire');
  });

  it('do not keep one another from being done', async () => {
    const run = vi.fn<Chore['run']>(async () => undefined);
    const stuck = new Promise<void>(() => undefined);
    const chores = open([
      { name: 'stuck', everyMs: MINUTE, run: () => stuck },
      { name: 'sync', everyMs: MINUTE, run },
    ]);
    chores.start();
    await chores.pass(MINUTE);
    expect(run).toHaveBeenCalledTimes(2);
    await chores.stop(10);
  });

  it('survive a database that does not answer', async () => {
    const run = vi.fn<Chore['run']>(async () => undefined);
    const store = createMemory();
    let broken = true;
    const claim: ChoreStore['claim'] = (...asked) =>
      broken ? Promise.reject(new Error('no connection')) : store.claim(...asked);
    const chores = open([{ name: 'sync', everyMs: MINUTE, run }], { ...store, claim });
    chores.start();
    await chores.stop();
    broken = false;
    chores.start();
    await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(1));
    await chores.stop();
  });

  it('stop at once when nothing is under way, after a grace otherwise, and ring no more', async () => {
    const chores = open([{ name: 'stuck', everyMs: MINUTE, run: () => new Promise(() => undefined) }]);
    chores.start();
    expect(chores.timer.live()).toBeGreaterThan(0);
    await new Promise(setImmediate);
    await chores.stop(10);
    // What remains prolongs the right of the chore that is still under way.
    expect(chores.timer.live()).toBe(1);
  });
});
