import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWindow, sayWindow } from '../../../src/engine/window-text.js';

const parsed = (text: string) => {
  const window = parseWindow(text);
  return window.ok ? window.value : window.error;
};

describe('a window as people write it', () => {
  it.each([
    ['Mon-Fri 08:00-18:00 Europe/Berlin', [1, 2, 3, 4, 5], 480, 1080, 'Europe/Berlin'],
    ['mon – fri 8:00 – 18:00 UTC', [1, 2, 3, 4, 5], 480, 1080, 'UTC'],
    ['Monday,Wednesday 09:30-10:00 America/New_York', [1, 3], 570, 600, 'America/New_York'],
    ['Fri-Mon 22:00-06:00 Asia/Tokyo', [1, 5, 6, 7], 1320, 360, 'Asia/Tokyo'],
    ['22:00-06:00 Asia/Tokyo', [1, 2, 3, 4, 5, 6, 7], 1320, 360, 'Asia/Tokyo'],
    ['weekends 00:00-24:00 UTC', [6, 7], 0, 1440, 'UTC'],
    ['weekdays, Sun 00:00-24:00 UTC', [1, 2, 3, 4, 5, 7], 0, 1440, 'UTC'],
  ])('%s', (text, days, fromMinute, untilMinute, zone) => {
    expect(parsed(text)).toEqual({ days, fromMinute, untilMinute, zone });
  });

  it.each([
    ['', 'say the hours, like Mon-Fri 08:00-18:00 Europe/Berlin'],
    ['Mon-Fri', 'say the hours, like Mon-Fri 08:00-18:00 Europe/Berlin'],
    ['Mon-Fri 08:00-18:00', 'say the time zone, like Mon-Fri 08:00-18:00 Europe/Berlin'],
    ['Mon-Fri 08:00-18:00 Berlin', 'there is no time zone Berlin; did you mean Europe/Berlin?'],
    ['Mon-Fri 08:00-18:00 New York', 'there is no time zone New York; did you mean America/New_York?'],
    ['Mon-Fri 08:00-18:00 local', 'there is no time zone local'],
    ['Mo-Fr 08:00-18:00 UTC', 'I cannot read the days in mo-fr; write them like Mon-Fri or Sat,Sun'],
    ['Mon-Fri-Sun 08:00-18:00 UTC', 'I cannot read the days in mon-fri-sun; write them like Mon-Fri or Sat,Sun'],
    ['24:00-06:00 UTC', '24:00 is no time of day'],
    ['08:00-25:00 UTC', '25:00 is no time of day'],
    ['08:61-09:00 UTC', '08:61 is no time of day'],
    ['08:00-08:00 UTC', 'it begins when it ends; write 00:00-24:00 for the whole day'],
    [`08:00-09:00 ${'x'.repeat(10_000)}`, 'that is too long; write it like Mon-Fri 08:00-18:00 Europe/Berlin'],
  ])('%s is refused with what to write instead', (text, problem) => {
    expect(parsed(text)).toBe(problem);
  });

  it('is said so that it can be typed again', () => {
    const anyWindow = fc
      .record({
        days: fc
          .uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 })
          .map((days) => days.toSorted((one, other) => one - other)),
        fromMinute: fc.integer({ min: 0, max: 1439 }),
        untilMinute: fc.integer({ min: 0, max: 1440 }),
        zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'),
      })
      .filter(({ fromMinute, untilMinute }) => fromMinute !== untilMinute);
    fc.assert(
      fc.property(anyWindow, (window) => {
        expect(parsed(sayWindow(window))).toEqual(window);
      }),
    );
  });
});
