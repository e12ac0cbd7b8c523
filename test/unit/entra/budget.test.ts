import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBucket } from '../../../src/entra/bucket.js';
import { createBudget } from '../../../src/entra/budget.js';
import { costOf, costOfAll } from '../../../src/entra/cost.js';
import type { Cost } from '../../../src/entra/cost.js';
import { createPatience } from '../../../src/entra/patience.js';
import type { Patience } from '../../../src/entra/patience.js';
import { addMs, SECOND } from '../../../src/lib/clock.js';
import { NOON } from '../../fakes/fixtures.js';

const get = (path: string): Cost => costOf({ method: 'GET', path });

describe('what a request costs', () => {
  it.each([
    ['GET', '/users', { units: 2 }],
    ['GET', '/users?$select=id', { units: 1 }],
    ['GET', '/users/1?$select=id', { units: 1 }],
    ['GET', '/users/1?$expand=manager', { units: 2 }],
    ['GET', '/users?$top=5&$expand=manager', { units: 2 }],
    ['GET', '/users/1/memberOf/microsoft.graph.group?$select=id&$top=999', { units: 1 }],
    ['GET', '/groups/1/members/microsoft.graph.user?$top=999', { units: 3 }],
    ['GET', '/groups/1/transitiveMembers', { units: 5 }],
    ['GET', '/subscribedSkus', { units: 3 }],
    ['GET', "/servicePrincipals(appId='1')/appRoleAssignments", { units: 2 }],
    ['POST', '/users', { units: 1, writes: 1 }],
    ['DELETE', '/groups/1/members/2/$ref', { units: 1, writes: 1 }],
    ['POST', '/users/1/authentication/temporaryAccessPassMethods', { units: 1, writes: 1, authentication: 1 }],
    ['GET', '/identity/conditionalAccess/policies', { units: 1, 'conditional-access': 1 }],
    ['GET', '/auditLogs/signIns?$top=5', { units: 1, logs: 1 }],
    ['GET', '/policies/authenticationMethodsPolicy', { units: 1 }],
  ])('%s %s', (method, path, cost) => {
    expect(costOf({ method, path })).toEqual(cost);
  });

  it('in a batch is the sum of its items', () => {
    const items = ['/users/1', '/groups/1/members', '/users/1/authentication/methods'];
    expect(costOfAll(items.map((path) => ({ method: 'GET', path })))).toEqual({ units: 5, authentication: 1 });
  });
});

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A budget on a clock that only its own waiting, and the test, move. */
const stage = () => {
  let now = NOON;
  const clock = { now: () => now };
  const pass = (ms: number): void => {
    now = addMs(now, ms);
  };
  const sleep = async (ms: number): Promise<void> => {
    await settled();
    pass(ms);
  };
  const patient = (): Patience => createPatience({ clock, random: { bytes: Buffer.alloc, below: () => 0 }, sleep });
  return { ...createBudget({ clock, sleep }), patient, pass, elapsed: () => now.getTime() - NOON.getTime() };
};

const PASS_CALL = { method: 'POST', path: '/users/1/authentication/temporaryAccessPassMethods' };
const PASS = costOf(PASS_CALL);
const READ = get('/users/1');

const nothing = async (): Promise<string> => 'done';

describe('calls within the limits', () => {
  it('are made at once', async () => {
    const { spend, patient, elapsed } = stage();
    for (let count = 0; count < 500; count += 1)
      expect(await spend(READ, patient(), nothing)).toEqual({ ok: true, value: 'done' });
    expect(elapsed()).toBe(0);
  });

  it('never exceed them in any window, whatever is asked and when', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gapMs: fc.nat(4_000), passes: fc.integer({ min: 1, max: 9 }) }), { maxLength: 60 }),
        (calls) => {
          const bucket = createBucket();
          const sent: { at: number; passes: number }[] = [];
          let now = 0;
          for (const { gapMs, passes } of calls) {
            const cost = { units: passes, authentication: passes };
            now = bucket.freeAt(cost, now + gapMs);
            bucket.take(cost, now);
            sent.push({ at: now, passes });
          }
          for (const { at } of sent) {
            const window = sent.filter((each) => each.at >= at && each.at < at + 10 * SECOND);
            const [largest = 0] = window.map(({ passes }) => passes).toSorted((one, other) => other - one);
            // One call may cost more than there ever is; then it goes alone.
            expect(window.reduce((sum, { passes }) => sum + passes, 0)).toBeLessThanOrEqual(Math.max(5, largest));
          }
        },
      ),
    );
  });

  it('wait for their turn when the limit is used up, in their order', async () => {
    const { spend, patient, elapsed, pass } = stage();
    for (let count = 0; count < 5; count += 1) {
      await spend(PASS, patient(), nothing);
      pass(SECOND);
    }
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) => spend(PASS, patient(), async () => void order.push(number)));
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(elapsed()).toBeGreaterThanOrEqual(12 * SECOND);
  });

  it('give up at once where the wait would be longer than their patience, and say when to come again', async () => {
    const { spend, patient, hold, elapsed } = stage();
    hold(READ, 90 * SECOND);
    expect(await spend(READ, patient(), nothing)).toMatchObject({
      ok: false,
      error: { code: 'directory.throttled', retryAfterMs: 90 * SECOND },
    });
    expect(elapsed()).toBe(0);
  });

  it('wait out a refusal of Graph together instead of meeting it one by one', async () => {
    const { spend, patient, hold, elapsed, strain } = stage();
    hold(READ, 4 * SECOND);
    expect(strain()).toEqual({ refused: 1, used: 1 });
    await Promise.all(Array.from({ length: 20 }, () => spend(READ, patient(), nothing)));
    expect(elapsed()).toBe(4 * SECOND);
  });

  it('of a narrow service do not hold up the others', async () => {
    const { spend, patient, hold, elapsed } = stage();
    const order: string[] = [];
    hold(PASS, 5 * SECOND);
    const pass = spend(PASS, patient(), async () => void order.push('pass'));
    await Promise.all([pass, spend(READ, patient(), async () => void order.push('read'))]);
    expect(order).toEqual(['read', 'pass']);
    expect(elapsed()).toBe(5 * SECOND);
  });
});

describe('what is free', () => {
  it('is what would not wait for its own narrow service, whatever else is awaited', async () => {
    const { spend, patient, isFree, pass } = stage();
    expect(isFree(costOfAll([PASS_CALL]))).toBe(true);
    for (let index = 0; index < 5; index += 1) await spend(PASS, patient(), async () => undefined);
    expect(isFree(PASS)).toBe(false);
    expect(isFree(READ)).toBe(true);
    pass(20 * SECOND);
    expect(isFree(costOfAll(Array.from({ length: 5 }, () => PASS_CALL)))).toBe(true);
  });

  it('is not what somebody else waits for', async () => {
    const { spend, patient, isFree, hold } = stage();
    hold(PASS, 5 * SECOND);
    const waiting = spend(PASS, patient(), async () => undefined);
    expect(isFree(PASS)).toBe(false);
    expect(await waiting).toMatchObject({ ok: true });
    expect(isFree(PASS)).toBe(true);
  });
});

describe('a dear call', () => {
  it('is not overtaken for ever by cheap ones, nor are they kept from their turn after it', async () => {
    const { spend, patient, elapsed } = stage();
    const order: string[] = [];
    const call = (units: number, name: string) => spend({ units }, patient(), async () => void order.push(name));
    await call(3_450, 'first');
    // Sixty fit no more, ten would.
    await Promise.all([call(60, 'dear'), call(10, 'cheap'), call(10, 'cheap too')]);
    expect(order).toEqual(['first', 'dear', 'cheap', 'cheap too']);
    expect(elapsed()).toBeLessThan(11 * SECOND);
  });
});

describe('a tenant whose calls hang', () => {
  it('has so many under way and no more; the rest go as soon as one ends', async () => {
    const { spend, patient } = stage();
    const ends: (() => void)[] = [];
    const hang = () => new Promise<void>((resolve) => ends.push(resolve));
    const calls = Array.from({ length: 20 }, () => spend(READ, patient(), hang));
    await settled();
    expect(ends).toHaveLength(16);
    ends[0]?.();
    await settled();
    expect(ends).toHaveLength(17);
    for (let count = 1; count < 20; count += 1) {
      ends[count]?.();
      await settled();
    }
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
  });

  it('delays no other tenant, and lets go whoever has lost patience', async () => {
    const [slow, ...others] = Array.from({ length: 50 }, stage);
    if (slow === undefined) throw new Error('no tenant');
    const ends: (() => void)[] = [];
    const hung = Array.from({ length: 30 }, () =>
      slow.spend(READ, slow.patient(), () => new Promise<void>((resolve) => ends.push(resolve))),
    );
    const done = others.map(({ spend, patient }) => spend(READ, patient(), nothing));
    expect((await Promise.all(done)).every(({ ok }) => ok)).toBe(true);
    slow.pass(20 * SECOND);
    ends.forEach((end) => end());
    const codes = (await Promise.all(hung)).map((each) => (each.ok ? 'done' : each.error.code));
    expect(codes.filter((code) => code === 'done')).toHaveLength(16);
    expect(codes.filter((code) => code === 'directory.unavailable')).toHaveLength(14);
  });

  it('gets its place back from a call that throws', async () => {
    const { spend, patient } = stage();
    const broken = async (): Promise<never> => {
      throw new TypeError('broken');
    };
    for (let count = 0; count < 20; count += 1) await expect(spend(READ, patient(), broken)).rejects.toThrow('broken');
    expect(await spend(READ, patient(), nothing)).toEqual({ ok: true, value: 'done' });
  });
});
