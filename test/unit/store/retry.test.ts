import { MongoNetworkError } from 'mongodb';
import { describe, expect, it, vi } from 'vitest';
import { retrying } from '../../../src/store/retry.js';

const NO_PAUSES = [0, 0];

/** Fails with `fault` until the given attempt. */
const failingUntil = (success: number, fault: Error) => async (attempt: number) => {
  if (attempt < success) throw fault;
  return attempt;
};

describe('retrying', () => {
  it('tries again after the connection broke, and says which attempt it is', async () => {
    const broken = new MongoNetworkError('broken');
    expect(await retrying(failingUntil(1, broken), NO_PAUSES)).toBe(1);
    expect(await retrying(failingUntil(3, broken), NO_PAUSES)).toBe(3);
  });

  it('tries again when the connection broke in the middle of a write, which the driver tells in other words', async () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
    expect(await retrying(failingUntil(2, broken), NO_PAUSES)).toBe(2);
  });

  it('tries again when nothing is heard, as of a write to a connection that closes in that very moment', async () => {
    vi.useFakeTimers();
    try {
      const silentOnce = (attempt: number): Promise<number> =>
        attempt === 1 ? new Promise(() => undefined) : Promise.resolve(attempt);
      const answer = retrying(silentOnce, NO_PAUSES);
      await vi.advanceTimersByTimeAsync(4_900);
      await vi.advanceTimersByTimeAsync(200);
      expect(await answer).toBe(2);
      const silent = retrying(() => new Promise(() => undefined), []).catch((thrown: unknown) => String(thrown));
      await vi.advanceTimersByTimeAsync(12_000);
      expect(await silent).toContain('no answer');
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives up after the last pause, with what went wrong', async () => {
    const broken = new MongoNetworkError('broken');
    await expect(retrying(failingUntil(4, broken), NO_PAUSES)).rejects.toBe(broken);
  });

  it('does not repeat what failed for another reason', async () => {
    const refused = new TypeError('refused');
    await expect(retrying(failingUntil(2, refused), NO_PAUSES)).rejects.toBe(refused);
  });
});
