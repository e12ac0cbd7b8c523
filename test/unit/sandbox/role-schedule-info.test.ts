import { describe, expect, it } from 'vitest';

import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { readDuration } from '../../../src/sandbox/role-schedule-info.js';

describe('a duration', () => {
  it.each([
    ['PT2H', 2 * HOUR],
    ['P1DT12H', DAY + 12 * HOUR],
    ['PT1H30M15.5S', HOUR + 30 * MINUTE + 15.5 * SECOND],
    ['P180D', 180 * DAY],
    ['PT0S', 0],
  ])('%s lasts %i ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', 'P1W', '2h', 'PT-1H', 'pt1h', ' PT1H'])('%j is none', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });
});
