import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coalesce } from '../../../src/lib/coalesce.js';

/** Work that ends when it is told to. */
const stage = () => {
  const runs: { readonly key: string; readonly end: () => void; readonly fail: (thrown: Error) => void }[] = [];
  const work = coalesce<string>(
    (key) => new Promise<void>((resolve, reject) => runs.push({ key, end: resolve, fail: reject })),
  );
  return { runs, work };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('coalesced work', () => {
  it('runs exactly once more when asked during a run, however often', async () => {
    const { runs, work } = stage();
    const first = work('a');
    const asked = [work('a'), work('a'), work('a')];
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await first;
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await Promise.all(asked);
    await settled();
    expect(runs).toHaveLength(2);
  });

  it('answers whoever asked during a run only after a run that began later', async () => {
    const { runs, work } = stage();
    const first = work('a');
    let answered = false;
    const second = work('a').then(() => (answered = true));
    runs[0]?.end();
    await first;
    await settled();
    expect(answered).toBe(false);
    runs[1]?.end();
    await second;
    expect(answered).toBe(true);
  });

  it('keeps keys apart', () => {
    const { runs, work } = stage();
    void work('a');
    void work('b');
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('tells its own callers of a failure, and nobody else', async () => {
    const { runs, work } = stage();
    const first = work('a');
    const second = work('a');
    runs[0]?.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await settled();
    runs[1]?.end();
    await expect(second).resolves.toBeUndefined();
  });

  it('is not wedged by a failure', async () => {
    const { runs, work } = stage();
    const first = work('a');
    runs[0]?.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    const second = work('a');
    runs[1]?.end();
    await expect(second).resolves.toBeUndefined();
  });

  it('never runs twice at once for a key, and always runs after the last asking, whatever the order', async () => {
    const action = fc.constantFrom('ask a', 'ask b', 'end', 'fail', 'wait');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const open = new Map<string, (ended: boolean) => void>();
        let sinceAsked = new Set<string>();
        const work = coalesce<string>(async (key) => {
          expect(open.has(key)).toBe(false);
          sinceAsked.delete(key);
          const ended = await new Promise<boolean>((resolve) => open.set(key, resolve));
          open.delete(key);
          if (!ended) throw new Error('failed');
        });
        const endOne = (well: boolean): void => [...open.values()][0]?.(well);
        for (const each of actions) {
          if (each === 'end' || each === 'fail') endOne(each === 'end');
          else if (each === 'wait') await settled();
          else {
            const key = each.slice(4);
            sinceAsked.add(key);
            void work(key).catch(() => undefined);
          }
        }
        for (let rounds = 0; rounds < 6; rounds += 1) {
          await settled();
          for (const end of open.values()) end(true);
        }
        await settled();
        expect([...sinceAsked]).toEqual([]);
        sinceAsked = new Set();
        expect(open.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
