import { expect, test } from 'vitest';
import { within } from '../../../src/lib/deadline.js';

const never = new Promise<string>(() => undefined);

test('work that is done in time is had, and so is its failure', async () => {
  expect(await within(Promise.resolve('done'), 60_000)).toBe('done');
  await expect(within(Promise.reject(new Error('failed')), 60_000)).rejects.toThrow('failed');
});

test('work that takes longer is not waited for', async () => {
  expect(await within(never, 1)).toBeUndefined();
});

test('a failure after the deadline troubles nobody', async () => {
  let fail: (reason: Error) => void = () => undefined;
  const work = new Promise<string>((_resolve, reject) => {
    fail = reject;
  });
  expect(await within(work, 1)).toBeUndefined();
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  fail(new Error('too late'));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
