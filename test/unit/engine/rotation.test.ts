import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakGlassAccount } from '../../../src/engine/break-glass.js';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import {
  alarmOwed,
  isOverdue,
  latestRotation,
  nextRotation,
  rotationOwed,
  rotationRetryMs,
} from '../../../src/engine/rotation.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { systemRandom } from '../../../src/lib/random.js';

const CONTOSO = tenantId('contoso');
const NOW = new Date('2026-03-01T12:00:00Z');

const account = (more: Partial<BreakGlassAccount> = {}): BreakGlassAccount => ({
  id: breakGlassId(CONTOSO, 'emergency1'),
  tenant: CONTOSO,
  name: 'emergency1',
  upn: 'emergency1@contoso.onmicrosoft.com',
  origin: 'made',
  isAdministrator: true,
  candidates: [],
  rotateAt: NOW,
  ...more,
});

const candidate = (kind: 'set' | 'refused') => ({
  number: 1,
  sealed: '',
  recipients: [],
  at: NOW,
  answer: { kind, at: NOW },
});

const trouble = (since: Date) => ({
  attempts: 1,
  since,
  code: 'directory.unavailable',
  clause: 'Graph does not answer',
});

describe('the next rotation', () => {
  it('is never later than the interval, and a thousand that were enabled at once are spread over the day soon', () => {
    let planned = Array.from({ length: 1_000 }, () => NOW);
    const gaps: number[] = [];
    for (let day = 0; day < 14; day += 1) {
      planned = planned.map((at) => {
        const next = nextRotation(at, DAY, systemRandom);
        gaps.push(next.getTime() - at.getTime());
        return next;
      });
    }
    expect(Math.min(...gaps)).toBeGreaterThan(DAY / 2);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(DAY);
    const hours = new Map<number, number>();
    for (const at of planned) hours.set(at.getUTCHours(), (hours.get(at.getUTCHours()) ?? 0) + 1);
    // A day's share would be some forty an hour.
    expect(Math.max(...hours.values())).toBeLessThan(150);
    expect(hours.size).toBe(24);
  });

  it('is tried again ever less often, but at least once an hour, and no sooner than the directory asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 2 * HOUR }), (attempts, atLeastMs) => {
        const wait = rotationRetryMs(attempts, systemRandom, atLeastMs);
        expect(wait).toBeGreaterThanOrEqual(Math.min(HOUR, atLeastMs));
        expect(wait).toBeGreaterThan(20 * SECOND);
        expect(wait).toBeLessThanOrEqual(HOUR);
      }),
    );
  });

  it('is brought back to the interval where a clock that was ahead had planned it for next year', () => {
    const nextYear = addMs(NOW, 365 * DAY);
    const lost = account({ rotatedAt: nextYear, rotateAt: addMs(nextYear, DAY) });
    expect(latestRotation(lost, DAY, NOW)).toEqual(addMs(NOW, DAY));
    expect(latestRotation({ ...lost, trouble: trouble(nextYear) }, DAY, NOW)).toEqual(addMs(NOW, HOUR));
    expect(latestRotation(account({ rotatedAt: addMs(NOW, -HOUR) }), DAY, NOW)).toEqual(addMs(NOW, DAY - HOUR));
  });
});

describe('what a pass owes', () => {
  it('is a password, but where only the role was left open a moment ago', () => {
    const fresh = { isAdministrator: false, rotatedAt: addMs(NOW, -MINUTE), candidates: [candidate('set')] };
    expect(rotationOwed(account(fresh), DAY, NOW)).toBeUndefined();
    expect(rotationOwed(account({ ...fresh, rotateFor: 'recipients' }), DAY, NOW)).toBe('recipients');
    expect(rotationOwed(account({ ...fresh, isAdministrator: true }), DAY, NOW)).toBe('schedule');
    expect(rotationOwed(account({ ...fresh, candidates: [candidate('refused')] }), DAY, NOW)).toBe('schedule');
    expect(rotationOwed(account({ ...fresh, rotatedAt: addMs(NOW, -DAY) }), DAY, NOW)).toBe('schedule');
  });
});

describe('an alarm', () => {
  it('comes when a rotation is two hours late, counted from when it was due and not from the last attempt', () => {
    const late = account({ rotateAt: addMs(NOW, 50 * MINUTE), trouble: trouble(addMs(NOW, -2 * HOUR)) });
    expect(alarmOwed(late, NOW)).toEqual({ since: addMs(NOW, -2 * HOUR), times: 1 });
    expect(isOverdue(late, NOW)).toBe(true);
    expect(alarmOwed(late, addMs(NOW, -SECOND))).toBeUndefined();
    expect(alarmOwed(account({ rotateAt: addMs(NOW, -3 * HOUR) }), NOW)).toMatchObject({ times: 1 });
    const { rotateAt: _stopped, ...stopped } = late;
    expect(alarmOwed(stopped, NOW)).toBeUndefined();
  });

  it('comes again, ever less often but every day; one about an earlier lateness does not count', () => {
    const since = addMs(NOW, -30 * DAY);
    const late = (times: number, at: Date) => account({ trouble: trouble(since), alarmed: { times, at } });
    expect(alarmOwed(late(1, NOW), addMs(NOW, 2 * HOUR - SECOND))).toBeUndefined();
    expect(alarmOwed(late(1, NOW), addMs(NOW, 2 * HOUR))).toMatchObject({ times: 2 });
    expect(alarmOwed(late(9, NOW), addMs(NOW, DAY - SECOND))).toBeUndefined();
    expect(alarmOwed(late(9, NOW), addMs(NOW, DAY))).toMatchObject({ times: 10 });
    expect(alarmOwed(late(3, addMs(since, -SECOND)), NOW)).toMatchObject({ times: 1 });
  });
});
