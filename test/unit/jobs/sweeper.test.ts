import { describe, expect, it, vi } from 'vitest';
import { requestId, tenantId } from '../../../src/engine/ids.js';
import type { RequestId } from '../../../src/engine/ids.js';
import type { DueRequest } from '../../../src/flows/ports.js';
import { createSweeper, type SweeperDependencies } from '../../../src/jobs/sweeper.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';
import { createManualTimer } from '../../fakes/manual-timer.js';

type Work = SweeperDependencies['tend'];

const ids = (count: number): RequestId[] => Array.from({ length: count }, (_, index) => requestId(`R-${index}`));

const due = (ids: readonly RequestId[], tenant = 'contoso'): DueRequest[] =>
  ids.map((id) => ({ id, tenant: tenantId(tenant) }));

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
    const sweeper = createTestSweeper({ due: async () => due([one]), tend, undelivered: async () => [two], deliver });
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
    const sweeper = createTestSweeper({ due: async () => due(ids(5)), tend: tasks.work, concurrency: 2 });
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
    let count = 1;
    const sweeper = createTestSweeper({ due: async () => due(ids(count)), tend: tasks.work });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(1)));
    count = 2;
    sweeper.timer.ring();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(2)));
    tasks.finishAll();
    await sweeper.stop();
  });

  it('never looks twice at once', async () => {
    const looks: ((found: readonly DueRequest[]) => void)[] = [];
    const sweeper = createTestSweeper({ due: () => new Promise((resolve) => looks.push(resolve)) });
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
    const sweeper = createTestSweeper({
      due: async () => due(ids(3)),
      tend,
      log: { ...silentLog, error },
      concurrency: 1,
    });
    sweeper.start();
    await vi.waitFor(() => expect(tend).toHaveBeenCalledTimes(3));
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ request: 'R-0' }), expect.any(String));
    sweeper.timer.ring();
    await vi.waitFor(() => expect(tend).toHaveBeenCalledTimes(6));
    await sweeper.stop();
  });

  it('outlives a database that is away', async () => {
    const tend = vi.fn<Work>(async () => undefined);
    const look = vi.fn<SweeperDependencies['due']>(async () => due(ids(1)));
    look.mockRejectedValueOnce(new TypeError('away'));
    const sweeper = createTestSweeper({ due: look, tend });
    sweeper.start();
    await vi.waitFor(() => {
      sweeper.timer.ring();
      expect(tend).toHaveBeenCalledWith('R-0');
    });
    await sweeper.stop();
  });

  it('stops only after what it began is done, and begins nothing more', async () => {
    const tasks = createTasks();
    const sweeper = createTestSweeper({ due: async () => due(ids(3)), tend: tasks.work, concurrency: 1 });
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
    const sweeper = createTestSweeper({ due: async () => due(ids(2)), tend: tasks.work, log: { ...silentLog, warn } });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toHaveLength(2));
    await sweeper.stop(1);
    expect(warn).toHaveBeenCalledExactlyOnceWith({ left: 2 }, expect.any(String));
    tasks.finishAll();
  });
});

describe('a tenant that hangs', () => {
  const others = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);
  const hanging = Array.from({ length: 200 }, (_, index) => requestId(`R-HANGS-${index}`));

  /** A database with the most overdue first: those of the tenant that hangs. */
  const createDatabase = () => {
    const left = new Map<RequestId, DueRequest>();
    for (const each of due(hanging, 'hangs')) left.set(each.id, each);
    for (const tenant of others) {
      for (const each of due([requestId(`R-${tenant}-1`), requestId(`R-${tenant}-2`)], tenant)) left.set(each.id, each);
    }
    const look: SweeperDependencies['due'] = async (except) =>
      [...left.values()].filter(({ tenant }) => !except.includes(tenant)).slice(0, 50);
    return { left, look };
  };

  it('takes its share of places, and the work of fifty others is done meanwhile', async () => {
    const { left, look } = createDatabase();
    const hung = createTasks();
    const tend: Work = async (id) => {
      if (id.startsWith('R-HANGS')) await hung.work(id);
      left.delete(id);
    };
    const sweeper = createTestSweeper({ due: look, tend, concurrency: 24, share: 8 });
    sweeper.start();
    // One look for the hanging tenant alone, and two for the hundred of the others.
    for (let looks = 0; looks < 3; looks += 1) {
      sweeper.nudge();
      await new Promise(setImmediate);
    }
    expect([...left.keys()]).toEqual(hanging);
    expect(hung.begun).toEqual(hanging.slice(0, 8));
    const stopping = sweeper.stop();
    hung.finishAll();
    await stopping;
  });

  it('gives its places to its own that wait, once one comes to an end', async () => {
    const tasks = createTasks();
    const sweeper = createTestSweeper({ due: async () => due(ids(5)), tend: tasks.work, share: 2 });
    sweeper.start();
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(2)));
    tasks.finish(requestId('R-1'));
    await vi.waitFor(() => expect(tasks.begun).toEqual(ids(3)));
    const stopping = sweeper.stop();
    tasks.finishAll();
    await stopping;
  });
});

describe('a nudge', () => {
  it('looks at once, and once more after a look that was already under way', async () => {
    const looks: ((found: readonly DueRequest[]) => void)[] = [];
    const tend = vi.fn<Work>(async () => undefined);
    const sweeper = createTestSweeper({ due: () => new Promise((resolve) => looks.push(resolve)), tend });
    sweeper.start();
    sweeper.nudge();
    sweeper.nudge();
    expect(looks).toHaveLength(1);
    looks[0]?.([]);
    await vi.waitFor(() => expect(looks).toHaveLength(2));
    looks[1]?.(due(ids(1)));
    await vi.waitFor(() => expect(tend).toHaveBeenCalledExactlyOnceWith('R-0'));
    expect(looks).toHaveLength(2);
    await sweeper.stop();
  });

  it('does nothing before the start and after the stop', async () => {
    const look = vi.fn<SweeperDependencies['due']>(async () => []);
    const sweeper = createTestSweeper({ due: look });
    sweeper.nudge();
    expect(look).not.toHaveBeenCalled();
    sweeper.start();
    await sweeper.stop();
    sweeper.nudge();
    expect(look).toHaveBeenCalledOnce();
  });
});
