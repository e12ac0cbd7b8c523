import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { batching } from '../../../src/lib/batching.js';

/** A question goes out at the end of a turn that begins after the asking. */
const untilAsked = async (): Promise<void> => {
  await endOfTurn();
  await endOfTurn();
};

describe('reads that are made together', () => {
  it('answer each asker from a read that began after the asking, and never more than two at once', async () => {
    let state = 1;
    let running = 0;
    const asked: (readonly string[])[] = [];
    const finish: (() => void)[] = [];
    const read = batching(async (keys: readonly string[]) => {
      asked.push(keys);
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      const seen = state;
      await new Promise<void>((resolve) => finish.push(resolve));
      running -= 1;
      return new Map(keys.map((key) => [key, `${key}${seen}`]));
    });
    const first = read('a');
    await untilAsked();
    expect(asked).toEqual([['a']]);
    state = 2;
    const second = read('a');
    await untilAsked();
    expect(asked).toEqual([['a'], ['a']]);
    state = 3;
    const others = [read('a'), read('b'), read('b')];
    await untilAsked();
    expect(asked).toHaveLength(2);
    finish[0]?.();
    expect(await first).toBe('a1');
    await untilAsked();
    expect(asked).toEqual([['a'], ['a'], ['a', 'b']]);
    finish[1]?.();
    finish[2]?.();
    expect(await second).toBe('a2');
    expect(await Promise.all(others)).toEqual(['a3', 'b3', 'b3']);
  });

  it('fail for those who shared it, and for nobody after them', async () => {
    let fails = true;
    const read = batching(async (keys: readonly string[]) => {
      if (fails) throw new TypeError('broken');
      return new Map(keys.map((key) => [key, key]));
    });
    const [one, other] = await Promise.allSettled([read('a'), read('b')]);
    expect([one.status, other.status]).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await read('a')).toBe('a');
    expect(await read('unknown')).toBe('unknown');
  });
});
