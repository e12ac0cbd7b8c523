import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { isWithin, touches } from '../../../src/engine/window.js';
import type { Window } from '../../../src/engine/window.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { anyWindow } from '../../fakes/rule-arbitraries.js';

const hour = 60;
const BERLIN = 'Europe/Berlin';
const OFFICE: Window = { days: [1, 2, 3, 4, 5], fromMinute: 8 * hour, untilMinute: 18 * hour, zone: BERLIN };
const NIGHT: Window = { days: [5], fromMinute: 22 * hour, untilMinute: 6 * hour, zone: BERLIN };
const TWO_O_CLOCK: Window = { days: [7], fromMinute: 2 * hour, untilMinute: 3 * hour, zone: BERLIN };

const at = (text: string): Date => new Date(text);

describe('a moment is within a window', () => {
  it.each<[string, Window, string, boolean]>([
    ['from its first minute', OFFICE, '2026-03-02T08:00:00+01:00', true],
    ['not a second earlier', OFFICE, '2026-03-02T07:59:59+01:00', false],
    ['to its last minute', OFFICE, '2026-03-02T17:59:59.999+01:00', true],
    ['not at its end', OFFICE, '2026-03-02T18:00:00+01:00', false],
    ['not on another day', OFFICE, '2026-03-01T12:00:00+01:00', false],
    ['by the day it is there, not here', OFFICE, '2026-03-01T23:30:00-08:00', true],
    ['by summer time in summer', OFFICE, '2026-07-01T06:00:00Z', true],
    ['by winter time in winter', OFFICE, '2026-01-05T06:00:00Z', false],
    ['before midnight of a night', NIGHT, '2026-03-06T23:00:00+01:00', true],
    ['after midnight of a night, which belongs to the day before', NIGHT, '2026-03-07T05:59:00+01:00', true],
    ['not after midnight of the night before', NIGHT, '2026-03-06T05:00:00+01:00', false],
    ['the first time that clocks show it when they are set back', TWO_O_CLOCK, '2026-10-25T00:30:00Z', true],
    ['and the second time', TWO_O_CLOCK, '2026-10-25T01:30:00Z', true],
    ['never, where clocks skip it', TWO_O_CLOCK, '2026-03-29T01:00:00Z', false],
    [
      'all day, to twenty-four hours',
      { ...OFFICE, fromMinute: 0, untilMinute: 1_440 },
      '2026-03-02T23:59:59+01:00',
      true,
    ],
    ['in a zone of half an hour', { ...OFFICE, zone: 'Asia/Kolkata' }, '2026-03-02T02:30:00Z', true],
    ['nowhere in a zone that is none', { ...OFFICE, zone: 'Mars/Olympus' }, '2026-03-02T12:00:00Z', false],
    ['at no moment that is none', OFFICE, 'never', false],
  ])('%s', (_, window, moment, within) => {
    expect(isWithin(window, at(moment))).toBe(within);
  });

  it('exactly when clocks there show an hour and a day of it', () => {
    const run = (window: Window, ms: number): void => {
      const there = DateTime.fromMillis(ms, { zone: window.zone });
      const minute = there.hour * 60 + there.minute;
      const opened = window.days.includes(there.weekday);
      const yesterday = window.days.includes(there.minus({ days: 1 }).weekday);
      const { fromMinute: from, untilMinute: until } = window;
      const expected =
        from < until
          ? opened && from <= minute && minute < until
          : (opened && from <= minute) || (yesterday && minute < until);
      expect(isWithin(window, new Date(ms))).toBe(expected);
    };
    const moment = fc.integer({ min: at('2026-01-01').getTime(), max: at('2028-01-01').getTime() });
    fc.assert(fc.property(anyWindow, moment, run), { numRuns: 1_000 });
  });
});

describe('an access touches a window', () => {
  it.each<[string, Window, string, number, boolean]>([
    ['that opens before it ends', OFFICE, '2026-03-02T06:00:00+01:00', 2 * HOUR + 1, true],
    ['not one that opens as it ends', OFFICE, '2026-03-02T06:00:00+01:00', 2 * HOUR, false],
    ['in which it begins', OFFICE, '2026-03-02T17:59:00+01:00', HOUR, true],
    ['not one that closed as it begins', OFFICE, '2026-03-02T18:00:00+01:00', HOUR, false],
    ['of a weekend that it reaches into', { ...OFFICE, days: [6] }, '2026-03-06T18:00:00+01:00', 24 * HOUR, true],
    ['that no clock shows while it lasts', TWO_O_CLOCK, '2026-03-29T00:30:00Z', HOUR, false],
    ['that clocks show once they are set back', TWO_O_CLOCK, '2026-10-25T01:30:00Z', MINUTE, true],
    ['of any day, if it lasts for weeks', OFFICE, '2026-03-02T18:00:00+01:00', 30 * DAY, true],
    ['that cannot be read', { ...OFFICE, zone: 'Mars/Olympus' }, '2026-03-01T12:00:00Z', HOUR, true],
    ['whenever it may be', OFFICE, 'never', HOUR, true],
  ])('%s', (_, window, moment, durationMs, touched) => {
    expect(touches(window, at(moment), durationMs)).toBe(touched);
  });

  it('exactly when some minute of it is within the window, even where clocks change', () => {
    const changes = [
      '2026-03-28T12:00Z',
      '2026-10-24T12:00Z',
      '2026-03-07T18:00Z',
      '2026-10-31T18:00Z',
      '2026-04-04T06:00Z',
    ];
    const begin = fc.tuple(fc.constantFrom(...changes), fc.nat({ max: 24 * 60 }));
    const run = (window: Window, [day, minutes]: [string, number], lasts: number): void => {
      const from = addMs(at(day), minutes * MINUTE);
      const each = Array.from({ length: lasts }, (_, minute) => addMs(from, minute * MINUTE));
      expect(touches(window, from, lasts * MINUTE)).toBe(each.some((moment) => isWithin(window, moment)));
    };
    fc.assert(fc.property(anyWindow, begin, fc.integer({ min: 1, max: 2_000 }), run), { numRuns: 400 });
  });
});
