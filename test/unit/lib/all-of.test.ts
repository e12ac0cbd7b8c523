import { expect, test } from 'vitest';
import { allOf } from '../../../src/lib/all-of.js';

test('what failed is thrown only once everything has ended, so that nothing goes on behind the back of whoever catches it', async () => {
  let finish = (): void => undefined;
  const slow = new Promise<void>((resolve) => (finish = resolve));
  let isOver = false;
  const all = allOf([Promise.reject(new Error('first')), slow]).finally(() => (isOver = true));
  const failure = expect(all).rejects.toThrow('first');
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  finish();
  await failure;
});

test('where nothing fails, each has its place', async () => {
  expect(await allOf([Promise.resolve(1), 'two', Promise.resolve(undefined)])).toEqual([1, 'two', undefined]);
});
