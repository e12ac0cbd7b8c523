import { describe, expect, it } from 'vitest';

import { MINUTE } from '../../../src/lib/clock.js';
import { createTable, type Table } from '../../../src/sandbox/table.js';

interface Row {
  readonly name: string;
  readonly owner: string;
}

const START = Date.parse('2026-03-02T12:00:00.000Z');

const setUp = (): { table: Table<Row>; at: (ms: number) => void } => {
  let now = START;
  const table = createTable<Row>({ clock: { now: () => new Date(now) }, keyOf: (row) => row.owner });
  return {
    table,
    at: (ms) => {
      now = START + ms;
    },
  };
};

describe('a table whose rows come and go by themselves', () => {
  it('shows a row only while it is there, now and as of any moment, without a write in between', () => {
    let now = START;
    const table = createTable<{ readonly from: number; readonly until: number }>({
      clock: { now: () => new Date(now) },
      isThere: ({ from, until }, at) => START + from <= at && at < START + until,
    });
    table.set('a', { from: 1_000, until: 2_000 });
    const seen = (): number[] => [table.all().length, table.withKey('').length, table.get('a') === undefined ? 0 : 1];
    expect(seen()).toEqual([0, 0, 0]);
    now = START + 1_000;
    expect(seen()).toEqual([1, 1, 1]);
    now = START + 2_000;
    expect(seen()).toEqual([0, 0, 0]);
    expect([999, 1_000, 1_999, 2_000].map((ms) => table.all(START + ms).length)).toEqual([0, 1, 1, 0]);
  });
});

describe('a table that remembers', () => {
  it('answers as of any moment: before a row was, while it was, after it went', () => {
    const { table, at } = setUp();
    at(1_000);
    table.set('a', { name: 'first', owner: 'x' });
    at(2_000);
    table.set('a', { name: 'second', owner: 'y' });
    at(3_000);
    table.delete('a');

    expect(table.get('a')).toBeUndefined();
    expect([999, 1_000, 1_999, 2_000, 2_999, 3_000].map((ms) => table.get('a', START + ms)?.name)).toEqual([
      undefined,
      'first',
      'first',
      'second',
      'second',
      undefined,
    ]);
    expect(table.withKey('x', START + 1_500)).toEqual([{ name: 'first', owner: 'x' }]);
    expect(table.withKey('x', START + 2_500)).toEqual([]);
    expect(table.withKey('y', START + 2_500)).toHaveLength(1);
    expect(table.all(START + 2_500)).toHaveLength(1);
    expect(table.all()).toEqual([]);
  });

  it('still knows a row that has not changed for long', () => {
    const { table, at } = setUp();
    table.set('a', { name: 'old', owner: 'x' });
    at(60 * MINUTE);
    table.set('b', { name: 'new', owner: 'x' });
    expect(table.all(START + 59 * MINUTE).map((row) => row.name)).toEqual(['old']);
  });

  it('forgets rows that went long ago, however many there were', () => {
    const { table, at } = setUp();
    for (let index = 0; index < 5_000; index += 1) {
      table.set(String(index), { name: 'brief', owner: 'x' });
      table.delete(String(index));
    }
    at(11 * MINUTE);
    for (let index = 0; index < 5_000; index += 1) table.set('same', { name: String(index), owner: 'x' });
    expect(table.withKey('x')).toEqual([{ name: '4999', owner: 'x' }]);
    expect(table.all(START + 1)).toEqual([]);
  });
});
