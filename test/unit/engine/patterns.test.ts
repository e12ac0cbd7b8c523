import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directoryGroupId, roleId } from '../../../src/engine/ids.js';
import { fitsExpression, fitsPattern, grants, isExpression, means } from '../../../src/engine/patterns.js';
import type { Selector, Thing } from '../../../src/engine/rule.js';
import { USER_ADMINISTRATOR } from '../../fakes/fixtures.js';

describe('a pattern', () => {
  it.each<[string, string, boolean]>([
    ['Reports Reader', 'reports READER', true],
    ['Reports Reader', 'Reports Reader 2', false],
    ['Reports*', 'Reports Reader', true],
    ['*Reader', 'Reports Reader', true],
    ['*Reader', 'Reports Readers', false],
    ['R*s*R*r', 'Reports Reader', true],
    ['*ab*ab*', 'ab', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['', 'anything', false],
    ['a.c', 'abc', false],
    ['(*)', '(tier 0)', true],
    ['Line*break', 'Line\nbreak', true],
    ['Caf\u00e9*', 'Cafe\u0301 admins', true],
  ])('%j and the name %j', (pattern, name, fits) => {
    expect(fitsPattern(pattern, name)).toBe(fits);
  });

  it('fits what its parts are drawn from, and never takes long to find that it does not', () => {
    const part = fc.constantFrom('a', 'b', 'ab', '');
    const run = (parts: readonly string[], gaps: readonly string[]): void => {
      const name = parts.map((text, index) => text + (index < parts.length - 1 ? (gaps[index] ?? '') : '')).join('');
      expect(fitsPattern(parts.join('*'), name)).toBe(true);
    };
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.array(part, { maxLength: 6 }), run));
    expect(fitsPattern(`${'*a'.repeat(60)}*b`, 'a'.repeat(50_000))).toBe(false);
  });
});

describe('what is privileged', () => {
  const everything: Selector<string> = { kind: 'pattern', pattern: '*' };
  const role = (privileged?: boolean): Thing => ({
    id: roleId('r'),
    name: 'R',
    ...(privileged === undefined ? {} : { privileged }),
  });
  const group = (roleAssignable: boolean): Thing => ({ id: directoryGroupId('g'), name: 'G', roleAssignable });

  it.each<[string, Thing, boolean]>([
    ['an ordinary role', role(false), true],
    ['a role that the directory calls privileged', role(true), false],
    ['a role of which nobody said that it is ordinary', role(), false],
    ['a built-in privileged role, whatever is said of it', { ...USER_ADMINISTRATOR, privileged: false }, false],
    ['an ordinary group', group(false), true],
    ['a group that may hold roles', group(true), false],
  ])('is granted by no pattern, but always by its id: %s', (_, thing, byPattern) => {
    expect(grants(everything, thing)).toBe(byPattern);
    expect(means(everything, thing)).toBe(true);
    const byId: Selector<string> = { kind: 'one', id: thing.id, name: 'whatever it was called then' };
    expect(grants(byId, thing)).toBe(true);
    expect(grants({ ...byId, id: 'another' }, thing)).toBe(false);
  });
});

describe('an expression for tickets', () => {
  it.each<[string, string, boolean]>([
    [String.raw`INC-\d+`, 'INC-4711', true],
    [String.raw`INC-\d+`, 'see INC-4711', false],
    [String.raw`INC-\d+`, 'INC-4711, or so', false],
    [String.raw`INC-\d+`, 'INC-4711\n', false],
    [String.raw`(?m)^INC-\d+$`, 'INC-4711\nanything', false],
    ['INC|CHG', 'INCHG', false],
    ['a|ab', 'ab', true],
    ['(', '(', false],
    ['', '', true],
  ])('%j must match all of %j', (expression, ticket, fits) => {
    expect(fitsExpression(expression, ticket)).toBe(fits);
  });

  it('is one that RE2 reads', () => {
    expect(isExpression(String.raw`INC-\d{4,}`)).toBe(true);
    expect(isExpression('(a')).toBe(false);
    expect(isExpression(String.raw`(a)\1`)).toBe(false);
    expect(isExpression('(?=a)')).toBe(false);
  });

  it('is none where it would be a huge program, and lets nothing through then', () => {
    for (const huge of ['\\p{L}{1000}'.repeat(18), '(.{0,30}){0,33}'.repeat(12), '(a{1,1000}){1,1000}']) {
      expect(isExpression(huge)).toBe(false);
      expect(fitsExpression(huge, 'a'.repeat(60))).toBe(false);
    }
    expect(fitsExpression(String.raw`(?:INC|CHG|REQ)-\d{4,10}|[A-Z]{2,8}-[0-9]{1,8}`, 'INC-4711')).toBe(true);
  });

  it('never takes long to be refused', () => {
    expect(fitsExpression('(a+)+b', 'a'.repeat(5_000))).toBe(false);
  });
});
