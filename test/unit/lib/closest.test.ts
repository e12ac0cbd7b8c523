import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest } from '../../../src/lib/closest.js';

const TENANTS = ['contoso', 'fabrikam', 'northwind'];

describe('the closest name', () => {
  it.each([
    ['contso', 'contoso'],
    ['CONTOSO', 'contoso'],
    ['contoos', 'contoso'],
    ['fab', 'fabrikam'],
    ['northwimd', 'northwind'],
  ])('to %s is %s', (typed, meant) => {
    expect(closest(typed, TENANTS)).toBe(meant);
  });

  it.each(['', 'x', 'tailspin', 'woodgrove'])('to “%s” is none: a guess that far off would mislead', (typed) => {
    expect(closest(typed, TENANTS)).toBeUndefined();
  });

  it('is none where there is nothing to choose from', () => {
    expect(closest('contoso', [])).toBeUndefined();
  });

  it('is the name itself wherever that exists', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), {
      minLength: 1,
      maxLength: 6,
      selector: (name) => name.toLowerCase(),
    });
    fc.assert(
      fc.property(names, fc.nat(), (candidates, pick) => {
        const name = candidates[pick % candidates.length] ?? '';
        // Somebody who types a whole name is never told another, even one that begins with it.
        const others = candidates.filter((other) => !other.toLowerCase().startsWith(name.toLowerCase()));
        expect(closest(name, [...others, name])).toBe(name);
      }),
    );
  });

  it('is always one of the candidates, however long the text', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 5_000 }),
        fc.array(fc.string({ maxLength: 30 }), { maxLength: 5 }),
        (typed, names) => {
          const found = closest(typed, names);
          expect(found === undefined || names.includes(found)).toBe(true);
        },
      ),
    );
  });
});
