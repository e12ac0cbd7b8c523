import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_TITLE,
  riskLines,
  titleNaming,
  sayDuration,
  sayList,
  sayMoment,
  sayTime,
} from '../../../src/chat/say.js';
import { roleId } from '../../../src/engine/ids.js';
import { parseDuration } from '../../../src/engine/when.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { NOON, USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

const rolesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: roleId(`r-${index}`), name: `Role ${index}` }));

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [-HOUR, '0 s'],
    [400, '0 s'],
    [45 * SECOND, '45 s'],
    [59_600, '1 min'],
    [30 * MINUTE, '30 min'],
    [HOUR, '1 h'],
    [90 * MINUTE, '1 h 30 min'],
    [DAY + 2 * HOUR + 5 * MINUTE, '1 d 2 h'],
    [30 * DAY, '30 d'],
  ])('of %i ms reads %s', (ms, said) => {
    expect(sayDuration(ms)).toBe(said);
  });

  it('can be typed back as it is said', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 30 * 24 * 3_600 }), (seconds) => {
        const read = parseDuration(sayDuration(seconds * SECOND));
        expect(read.ok && sayDuration(read.value)).toBe(sayDuration(seconds * SECOND));
      }),
    );
  });
});

describe('a moment, in an answer that is read at once', () => {
  it.each([
    [2 * HOUR, '15:00 (in 2 h)'],
    [-5 * MINUTE, '12:55 (5 min ago)'],
    [20 * SECOND, '13:00 (now)'],
    [-20 * SECOND, '12:59 (now)'],
    [DAY + HOUR, '14:00 on Tue 3 Mar (in 1 d 1 h)'],
    [59.7 * MINUTE, '13:59 (in 1 h)'],
  ])('%i ms from now reads %s', (ms, said) => {
    expect(sayMoment(addMs(NOON, ms), { zone: 'Europe/Berlin', today: NOON })).toBe(said);
  });
});

describe('a time', () => {
  it.each([
    ['Europe/Berlin', '13:00'],
    ['America/New_York', '07:00'],
    ['Asia/Kolkata', '17:30'],
    // Whoever's zone is unknown is told which one this is.
    [undefined, '12:00 UTC'],
  ])('in %s reads %s', (zone, said) => {
    expect(sayTime(NOON, { zone, today: NOON })).toBe(said);
  });

  it('has its day where that is not today for the reader', () => {
    const berlin = { zone: 'Europe/Berlin', today: NOON };
    expect(sayTime(addMs(NOON, DAY), berlin)).toBe('13:00 on Tue 3 Mar');
    expect(sayTime(addMs(NOON, 12 * HOUR), berlin)).toBe('01:00 on Tue 3 Mar');
    expect(sayTime(addMs(NOON, 12 * HOUR), { ...berlin, zone: 'America/New_York' })).toBe('19:00');
    expect(sayTime(addMs(NOON, DAY), { zone: undefined, today: NOON })).toBe('12:00 UTC on Tue 3 Mar');
  });

  it('has its seconds where they prove something', () => {
    expect(sayTime(addMs(NOON, 4 * SECOND), { zone: undefined, today: NOON }, 'HH:mm:ss')).toBe('12:00:04 UTC');
  });
});

describe('a list', () => {
  it.each<[readonly string[], string]>([
    [[], 'nobody'],
    [['Dana'], 'Dana'],
    [['Dana', 'Luis'], 'Dana and Luis'],
    [['Dana', 'Luis', 'Tess'], 'Dana, Luis and Tess'],
    [['1', '2', '3', '4', '5', '6'], '1, 2, 3, 4, 5 and 6'],
    [['1', '2', '3', '4', '5', '6', '7', '8'], '1, 2, 3, 4, 5, 6 and 2 more'],
  ])('of %j', (names, said) => {
    expect(sayList(names)).toBe(said);
  });
});

describe('roles', () => {
  it('that carry high privilege are all named, never folded away', () => {
    const risky = Array.from({ length: 9 }, () => USER_ADMINISTRATOR).map((role, index) => ({
      ...role,
      name: `Risky ${index}`,
    }));
    const [line] = riskLines([...rolesOf(3), ...risky]);
    const text = line?.map((span) => span.text).join('') ?? '';
    expect(text).toMatch(/^High privilege: /);
    for (const { name } of risky) expect(text).toContain(name);
    expect(text).not.toContain('Role 0');
    expect(riskLines(rolesOf(3))).toEqual([]);
  });

  it('are all named, in the title where they fit and below it where not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }), (count, length) => {
        const roles = rolesOf(count).map(({ id, name }) => ({ id, name: name.padEnd(length, 'x') }));
        const { title, lines } = titleNaming(roles, (what) => `Tess wants ${what} in Contoso for 2 h`);
        expect(title.length).toBeLessThanOrEqual(LONGEST_TITLE);
        expect(title).toMatch(/^Tess wants .* in Contoso for 2 h$/);
        const all = `${title} ${lines
          .flat()
          .map(({ text }) => text)
          .join('')}`;
        for (const { name } of roles) expect(all).toContain(name);
      }),
    );
    expect(titleNaming(rolesOf(1), (what) => what)).toEqual({ title: 'Role 0', lines: [] });
    expect(titleNaming(rolesOf(7), (what) => what).title).toBe('7 roles');
  });
});
