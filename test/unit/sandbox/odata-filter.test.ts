import { describe, expect, it } from 'vitest';

import { readFilter } from '../../../src/sandbox/odata-filter.js';

const FILTERABLE = new Set(['name', 'kind']);

const read = (text: string): ReturnType<typeof readFilter> =>
  readFilter(new URLSearchParams({ $filter: text }), FILTERABLE);

describe('a filter', () => {
  it('pins only what every row that passes must have', () => {
    expect(read("name eq 'Ann'").pins).toEqual({ name: 'ann' });
    expect(read("name eq 'Ann' and kind eq 'x'").pins).toEqual({ name: 'ann', kind: 'x' });
    expect(read("(name eq 'Ann')").pins).toEqual({ name: 'ann' });
    for (const loose of ["name eq 'Ann' or kind eq 'x'", "startsWith(name,'Ann')", "name in ('Ann')", 'name eq null'])
      expect(read(loose).pins).toEqual({});
  });

  it('lets everything pass where there is none', () => {
    expect(readFilter(new URLSearchParams(), FILTERABLE).test({})).toBe(true);
  });

  it('binds and closer than or', () => {
    const { test } = read("name eq 'a' or name eq 'b' and kind eq 'x'");
    expect([test({ name: 'a' }), test({ name: 'b' }), test({ name: 'b', kind: 'x' })]).toEqual([true, false, true]);
  });

  it('takes a missing property for null', () => {
    expect(read('kind eq null').test({ name: 'a' })).toBe(true);
  });
});
