import { describe, expect, it, vi } from 'vitest';
import { requestId } from '../../../src/engine/ids.js';
import type { RequestId } from '../../../src/engine/ids.js';
import { createSweeper, type SweeperDependencies } from '../../../src/jobs/sweeper.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';
import { createManualTimer } from '../../fakes/manual-timer.js';

type Work = SweeperDependencies['tend'];

const ids = (count: number): RequestId[] => Array.from({ length: count }, (_, index) => requestId(`R-${index}`));

/** A task that goes on until the test finishes it. */
const createTasks = () => {
  const finish = new Map<RequestId, () => void>();
  const begun: RequestId[] = [];
  const work = (id: RequestId): Promise<void> => {
    begun.push(id);
    return new Promise((resolve) => finish.set(id, resolve));
  };
  const finishAll = () => finish.forEach((done) => done());
  return { begun, work, finish: (id: RequestId) => finish.get(id)?.(), finishAll };
};

const createTestSweeper = (overrides: Partial<SweeperDependencies>) => {
  const timer = createManualTimer();
  const nothing = async () => [];
  const none = async () => undefined;
  const sweeper = createSweeper({
    due: nothing,
    tend: none,
    undelivered: nothing,
    deliver: none,
    log: silentLog,
    every: timer.every,
    ...overrides,
  });
  return { ...sweeper, timer };
};

describe('the sweeper', () => {
  it('looks at its start and at each tick, for what is due and for what was not delivered', async () => {
    const [tend, deliver] = [vi.fn<Work>(async () => undefined), vi.fn<Work>(async () => undefined)];
    const [one, two] = [requestId('R-1'), requestId('R-2')];
    const sweeper = createTestSweeper({ due: async () => [one], tend, undelivered: async () => [two], deliver });
    sweeper.start();
    await vi.waitFor(() => expect([tend.mock.calls, deliver.mock.calls]).toEqual([[[one]], [[two]]]));
    sweeper.timer.ring();
    await vi.waitFor(() =>
      expect([tend.mock.calls, deliver.mock.calls]).toEqual([
        [[one], [one]],
        [[two], [two]],
      ]),
    );
    await sweeper.stop();
  });

  it('works on a bounded number at a time, and on all in the end', async () => {
    const tasks = createTasks();
    const sweeper = createTestSweeper({ due: async () => ids(5), tend: tasks.work, concurrency: 2 });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(2)));
    tasks.finish(requestId('R-0'));
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(3)));
    for (let index = 1; index < 5; index += 1) {
      await vi.waitFor(() => expect(tasks.begun).toContain(requestId(`R-${index}`)));
      tasks.finish(requestId(`R-${index}`));
    }
    await sweeper.stop();
    expect(tasks.begun).toEqual(ids(5));
  });

  it('never works on one request twice at once, and a slow one does not keep it from finding others', async () => {
    const tasks = createTasks();
    let due = ids(1);
    const sweeper = createTestSweeper({ due: async () => due, tend: tasks.work });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(1)));
    due = ids(2);
    sweeper.timer.ring();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(2)));
    tasks.finishAll();
    await sweeper.stop();
  });

  it('never looks twice at once', async () => {
    const looks: ((found: readonly RequestId[]) => void)[] = [];
    const due = () => new Promise<readonly RequestId[]>((resolve) => looks.push(resolve));
    const sweeper = createTestSweeper({ due });
    sweeper.start();
    sweeper.timer.ring();
    sweeper.timer.ring();
    expect(looks).toHaveLength(1);
    looks[0]?.([]);
    await vi.waitFor(() => {
      sweeper.timer.ring();
      expect(looks).toHaveLength(2);
    });
    looks[1]?.([]);
    await sweeper.stop();
  });

  it('goes on with the others when one fails, and tries that one again at the next tick', async () => {
    const tend = vi.fn<Work>(async (id) => {
      if (id === requestId('R-0')) throw new TypeError('broken');
    });
    const error = vi.fn<Log['error']>();
    const sweeper = createTestSweeper({ due: async () => ids(3), tend, log: { ...silentLog, error }, concurrency: 1 });
    sweeper.start();
    await vi.waitFor(() => expect(tend).toHaveBeenCalledTimes(3));
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ request: 'R-0' }), expect.any(String));
    sweeper.timer.ring();
    await vi.waitFor(() => expect(tend).toHaveBeenCalledTimes(6));
    await sweeper.stop();
  });

  it('outlives a database that is away', async () => {
    const tend = vi.fn<Work>(async () => undefined);
    const due = vi.fn<SweeperDependencies['due']>(async () => ids(1)).mockRejectedValueOnce(new TypeError('away'));
    const sweeper = createTestSweeper({ due, tend });
    sweeper.start();
    await vi.waitFor(() => {
      sweeper.timer.ring();
      expect(tend).toHaveBeenCalledWith('R-0');
    });
    await sweeper.stop();
  });

  it('stops only after what it began is done, and begins nothing more', async () => {
    const tasks = createTasks();
    const sweeper = createTestSweeper({ due: async () => ids(3), tend: tasks.work, concurrency: 1 });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(1)));
    let stopped = false;
    const stopping = sweeper.stop().then(() => (stopped = true));
    expect(sweeper.timer.live()).toBe(0);
    await Promise.resolve();
    expect(stopped).toBe(false);
    tasks.finishAll();
    await stopping;
    expect(tasks.begun).toEqual(ids(1));
  });

  it('does not wait for ever when it stops, and says what it left', async () => {
    const tasks = createTasks();
    const warn = vi.fn<Log['warn']>();
    const sweeper = createTestSweeper({ due: async () => ids(2), tend: tasks.work, log: { ...silentLog, warn } });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toHaveLength(2));
    await sweeper.stop(1);
    expect(warn).toHaveBeenCalledExactlyOnceWith({ left: 2 }, expect.any(String));
    tasks.finishAll();
  });
});
