import { setImmediate as endOfTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allOf } from '../../../src/lib/all-of.js';

test('what failed is thrown only once everything has ended, so that nothing goes on behind the back of whoever catches it', async () => {
  let finish = (): void => undefined;
  const slow = new Promise<void>((resolve) => (finish = resolve));
  let failed: unknown;
  const all = allOf([Promise.reject(new Error('first')), slow]).catch((thrown: unknown) => (failed = thrown));
  await endOfTurn();
  expect(failed).toBeUndefined();
  finish();
  await all;
  expect(failed).toEqual(new Error('first'));
});

test('where nothing fails, each has its place', async () => {
  expect(await allOf([Promise.resolve(1), 'two', Promise.resolve(undefined)])).toEqual([1, 'two', undefined]);
});
