import { expect, it } from 'vitest';
import { atMost } from '../../../src/lib/turns.js';

it('so many have their turn at a time, in the order of their asking, and one that fails passes it on', async () => {
  const inTurn = atMost(2);
  const begun: number[] = [];
  const ends: ((fails: boolean) => void)[] = [];
  const all = [0, 1, 2, 3, 4].map((index) =>
    inTurn(async () => {
      begun.push(index);
      if (await new Promise<boolean>((resolve) => ends.push(resolve))) throw new TypeError(`${index} failed`);
      return index;
    }),
  );
  const settled = Promise.allSettled(all);
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1]);
  ends[1]?.(true);
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.(false);
  ends[2]?.(false);
  await new Promise(setImmediate);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.(false);
  ends[4]?.(false);
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
