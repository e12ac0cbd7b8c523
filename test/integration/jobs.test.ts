import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { requestId } from '../../src/engine/ids.js';
import type { RequestId } from '../../src/engine/ids.js';
import { createJobs, type JobsDependencies, type RunningJobs } from '../../src/jobs/jobs.js';
import { createSweeper } from '../../src/jobs/sweeper.js';
import { addMs, HOUR, SECOND, systemClock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import type { Log } from '../../src/lib/log.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { createRequestStore } from '../../src/store/requests.js';
import { createTestDatabase, type TestDatabase } from '../fakes/database.js';
import { anActiveRequest } from '../fakes/fixtures.js';
import { createManualTimer } from '../fakes/manual-timer.js';

type Tend = JobsDependencies['tend'];

let database: TestDatabase;
let started: RunningJobs[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});

beforeEach(async () => {
  await database.db.collection('jobs').deleteMany({});
});

afterEach(async () => {
  await Promise.all(started.map((jobs) => jobs.stop(0)));
  started = [];
});

afterAll(async () => {
  await database.close();
});

/** An alarm clock of a process of its own, with what it rang for. */
const startJobs = async (overrides: Partial<JobsDependencies> = {}) => {
  const rung: RequestId[] = [];
  const tend = async (id: RequestId): Promise<void> => {
    rung.push(id);
  };
  const jobs = createJobs({ db: database.db, log: silentLog, tend, ...overrides });
  started.push(jobs);
  await jobs.start();
  return { ...jobs, rung };
};

const fromNow = (ms: number): Date => addMs(systemClock.now(), ms);
const stored = async () => await database.db.collection('jobs').find().toArray();
const soon = { timeout: 10 * SECOND, interval: 20 };

const ID = requestId('R-1');

describe('waking', () => {
  it('many times at once makes one job, in several processes too', async () => {
    const [one, other] = [await startJobs(), await startJobs()];
    const at = fromNow(HOUR);
    const all = Array.from({ length: 20 }, (_, index) => requestId(`R-${index}`));
    const wakes = all.flatMap((id) => Array.from({ length: 10 }, () => [one.wake(id, at), other.wake(id, at)]));
    await Promise.all(wakes.flat());
    const made = await stored();
    expect(made.map(({ data }) => String(data.requestId)).toSorted()).toEqual(all.toSorted());
    expect(made.every(({ nextRunAt }) => nextRunAt.getTime() === at.getTime())).toBe(true);
    // Not by luck: the database itself refuses a second one.
    const { _id: _own, ...second } = made[0]!;
    await expect(database.db.collection('jobs').insertOne(second)).rejects.toThrow('E11000');
  });

  it('again moves the alarm, earlier or later', async () => {
    const jobs = await startJobs();
    const [first, later, earlier] = [fromNow(2 * HOUR), fromNow(3 * HOUR), fromNow(HOUR)];
    for (const at of [first, later, earlier]) {
      await jobs.wake(ID, at);
      expect(await stored()).toMatchObject([{ nextRunAt: at }]);
    }
  });

  it('of different requests makes an alarm for each', async () => {
    const jobs = await startJobs();
    await Promise.all([ID, requestId('R-2'), requestId('R-3')].map((id) => jobs.wake(id, fromNow(HOUR))));
    expect(await stored()).toHaveLength(3);
  });
});

describe('the alarm', () => {
  it('rings once, at its time, and leaves nothing behind', async () => {
    const jobs = await startJobs();
    await Promise.all([jobs.wake(ID, fromNow(1_500)), jobs.wake(requestId('R-LATE'), fromNow(HOUR))]);
    const before = systemClock.now();
    await vi.waitFor(() => expect(jobs.rung).toEqual([ID]), soon);
    expect(systemClock.now().getTime() - before.getTime()).toBeGreaterThan(1_000);
    await vi.waitFor(async () => expect(await stored()).toMatchObject([{ data: { requestId: 'R-LATE' } }]), soon);
    expect(jobs.rung).toEqual([ID]);
  });

  it('that is due at once rings at once', async () => {
    const jobs = await startJobs();
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(() => expect(jobs.rung).toEqual([ID]), { timeout: 500, interval: 5 });
  });

  it('of two processes rings in one of them', async () => {
    const [one, other] = [await startJobs(), await startJobs()];
    const all = Array.from({ length: 60 }, (_, index) => requestId(`R-${index}`));
    await Promise.all(all.map((id) => one.wake(id, systemClock.now())));
    await vi.waitFor(async () => expect(await stored()).toEqual([]), soon);
    expect([...one.rung, ...other.rung].toSorted()).toEqual(all.toSorted());
  });

  it('rings for many requests of one moment without waiting for the next look after each few', async () => {
    const jobs = await startJobs();
    const all = Array.from({ length: 200 }, (_, index) => requestId(`R-${index}`));
    const at = fromNow(2 * SECOND);
    await Promise.all(all.map((id) => jobs.wake(id, at)));
    // Twenty a second, as agenda looks, would take ten seconds.
    await vi.waitFor(() => expect(jobs.rung).toHaveLength(200), { timeout: 7 * SECOND, interval: 20 });
    expect(new Set(jobs.rung).size).toBe(200);
  });

  it('that is set while its request is being tended is not lost', async () => {
    const times: RequestId[] = [];
    const jobs: RunningJobs = await startJobs({
      tend: async (id) => {
        times.push(id);
        if (times.length === 1) await jobs.wake(id, fromNow(HOUR));
      },
    });
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(async () => {
      const left = await stored();
      expect(left).toMatchObject([{ lockedAt: null, data: { requestId: ID } }]);
      expect(left[0]?.['nextRunAt'].getTime()).toBeGreaterThan(fromNow(HOUR / 2).getTime());
    }, soon);
    expect(times).toEqual([ID]);
  });

  it('does not ring again after a failure, which is told to the log', async () => {
    const error = vi.fn<Log['error']>();
    const tend = vi.fn<Tend>(async () => {
      throw new TypeError('broken');
    });
    const jobs = await startJobs({ tend, log: { ...silentLog, error } });
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(async () => expect(await stored()).toEqual([]), soon);
    expect(tend).toHaveBeenCalledOnce();
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ error: 'broken' }), expect.any(String));
  });

  it('prolongs its lock while the work goes on', async () => {
    const timer = createManualTimer();
    let finish = (): void => undefined;
    const tend = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const jobs = await startJobs({ tend, every: timer.every });
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(() => expect(timer.live()).toBe(1), soon);
    const [before] = await stored();
    await vi.waitFor(async () => {
      timer.ring();
      const [after] = await stored();
      expect(after?.['lockedAt'].getTime()).toBeGreaterThan(before?.['lockedAt'].getTime());
    }, soon);
    finish();
    await vi.waitFor(async () => expect(await stored()).toEqual([]), soon);
    expect(timer.live()).toBe(0);
  });
});

describe('a process that died in the middle of its work', () => {
  it('keeps neither the sweeper nor a new alarm from its request', async () => {
    const died = await startJobs({ tend: () => new Promise(() => undefined) });
    const requests = createRequestStore(database.db);
    const request = anActiveRequest({ id: requestId('R-DIED'), endsAt: fromNow(-SECOND) });
    await requests.insert(request, [], []);
    await died.wake(request.id, systemClock.now());
    await vi.waitFor(
      async () => expect(await stored()).toMatchObject([{ lockedAt: expect.any(Date), nextRunAt: null }]),
      soon,
    );

    const swept: RequestId[] = [];
    const sweeper = createSweeper({
      due: () => requests.due(systemClock.now(), 100),
      tend: async (id) => {
        swept.push(id);
      },
      undelivered: async () => [],
      deliver: async () => undefined,
      log: silentLog,
      every: createManualTimer().every,
    });
    sweeper.start();
    await vi.waitFor(() => expect(swept).toEqual([request.id]), soon);
    await sweeper.stop();

    const living = await startJobs();
    await living.wake(request.id, systemClock.now());
    await vi.waitFor(() => expect(living.rung).toEqual([request.id]), soon);
  });
});

describe('stopping', () => {
  it('waits for what is being tended and rings no more', async () => {
    let finish = (): void => undefined;
    const tend = vi.fn<Tend>(() => new Promise((resolve) => (finish = resolve)));
    const jobs = await startJobs({ tend });
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(() => expect(tend).toHaveBeenCalledOnce(), soon);
    let stopped = false;
    const stopping = jobs.stop().then(() => (stopped = true));
    await jobs.wake(requestId('R-2'), systemClock.now());
    expect(stopped).toBe(false);
    finish();
    await stopping;
    expect(tend).toHaveBeenCalledOnce();
    expect(await stored()).toMatchObject([{ data: { requestId: 'R-2' }, lockedAt: null }]);
  });

  it('does not wait for ever, and says what it left', async () => {
    const warn = vi.fn<Log['warn']>();
    const tend = vi.fn<Tend>(() => new Promise(() => undefined));
    const jobs = await startJobs({ tend, log: { ...silentLog, warn } });
    await jobs.wake(ID, systemClock.now());
    await vi.waitFor(() => expect(tend).toHaveBeenCalledOnce(), soon);
    await jobs.stop(10);
    expect(warn).toHaveBeenCalledExactlyOnceWith({ left: 1 }, expect.any(String));
  });

  it('is possible before starting, and frees jobs that were about to ring for the next process', async () => {
    const never = createJobs({ db: database.db, log: silentLog, tend: async () => undefined });
    await never.stop();
    const first = await startJobs();
    await first.wake(ID, fromNow(900));
    await vi.waitFor(async () => expect(await stored()).toMatchObject([{ lockedAt: expect.any(Date) }]), soon);
    await first.stop();
    const next = await startJobs();
    await vi.waitFor(() => expect(next.rung).toEqual([ID]), soon);
    expect(first.rung).toEqual([]);
  });
});
