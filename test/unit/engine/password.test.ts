import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateEmergencyPassword, generatePassword } from '../../../src/engine/password.js';
import { systemRandom } from '../../../src/lib/random.js';
import type { Random } from '../../../src/lib/random.js';

/** Chance that a seed decides. */
const seeded = (seed: number): Random => {
  let state = seed;
  return {
    bytes: (length) => Buffer.alloc(length),
    below: (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    },
  };
};

describe('a password', () => {
  it.each([
    ['that is lent', generatePassword, 24],
    ['of an emergency account', generateEmergencyPassword, 32],
  ])('%s has all four classes, and no character in it looks like another', (_, generate, length) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const password = generate(seeded(seed));
        expect(password).toHaveLength(length);
        expect(password).toMatch(/[A-Z]/);
        expect(password).toMatch(/[a-z]/);
        expect(password).toMatch(/[0-9]/);
        expect(password).toMatch(/[^A-Za-z0-9]/);
        expect(password).toMatch(/^[!-~]+$/);
        expect(password).not.toMatch(/[0O1lI|]/);
      }),
      { numRuns: 500 },
    );
  });

  it('has every character in every place, none much more often than another', () => {
    const rounds = 6_000;
    const passwords = Array.from({ length: rounds }, () => generatePassword(systemRandom));
    const counts = new Map<string, number>();
    for (const character of passwords.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    const expected = (rounds * 24) / counts.size;
    // The demand for every class lifts the small ones a little; six standard deviations besides that never happen.
    for (const count of counts.values()) {
      expect(Math.abs(count - expected)).toBeLessThan(expected * 0.06 + 6 * Math.sqrt(expected));
    }
    const first = new Set(passwords.map((password) => password[0]));
    const last = new Set(passwords.map((password) => password.at(-1)));
    expect(first).toEqual(last);
    expect(first.size).toBe(counts.size);
  });

  it('is another each time', () => {
    const passwords = Array.from({ length: 1_000 }, () => generatePassword(systemRandom));
    expect(new Set(passwords).size).toBe(1_000);
  });
});
