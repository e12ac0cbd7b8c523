import { expect, it } from 'vitest';
import { err, ok } from '../../../src/lib/result.js';
import type { Result } from '../../../src/lib/result.js';

const half = (number: number): Result<number, string> => (number % 2 === 0 ? ok(number / 2) : err('odd'));

it('a result is a value or a reason, never both', () => {
  expect(half(4)).toEqual({ ok: true, value: 2 });
  expect(half(3)).toEqual({ ok: false, error: 'odd' });
});
