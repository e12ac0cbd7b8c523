import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobs, type JobsDependencies, type RunningJobs } from '../../src/jobs/jobs.js';
import { addMs, HOUR, SECOND, systemClock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import type { Log } from '../../src/lib/log.js';
import { answeringLate, losingOneAnswer } from '../fakes/lossy-database.js';
import { createTestDatabase, type TestDatabase } from '../fakes/database.js';

let database: TestDatabase;
let started: RunningJobs[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  await database.db.collection('alarms').deleteMany({});
});

afterEach(async () => {
  await Promise.all(started.map((jobs) => jobs.stop()));
  started = [];
});

afterAll(async () => {
  await database.close();
});

/** An alarm clock of a process of its own, with when it rang. */
const startJobs = async (overrides: Partial<JobsDependencies> = {}) => {
  const rung: Date[] = [];
  const ring = (): void => void rung.push(systemClock.now());
  const jobs = createJobs({ db: database.db, clock: systemClock, log: silentLog, ring, ...overrides });
  started.push(jobs);
  await jobs.start();
  return { ...jobs, rung };
};

const fromNow = (ms: number): Date => addMs(systemClock.now(), ms);
const stored = async () => await database.db.collection('alarms').find().sort({ nextRunAt: 1 }).toArray();
const soon = { timeout: 10 * SECOND, interval: 20 };

/** The full second after an hour from now. */
const inAnHour = (): Date => new Date(Math.ceil(fromNow(HOUR).getTime() / SECOND) * SECOND);

describe('waking', () => {
  it('many times for one moment makes one alarm at its end, in several processes too', async () => {
    const [one, other] = [await startJobs(), await startJobs()];
    const end = inAnHour();
    const moments = Array.from({ length: 50 }, (_, index) => addMs(end, -index));
    await Promise.all(moments.flatMap((at) => [one.wake(at), other.wake(at)]));
    const made = await stored();
    expect(made.map(({ nextRunAt }) => nextRunAt)).toEqual([end]);
    // Not by luck: the database itself refuses a second one.
    const { _id: _own, ...second } = made[0]!;
    await expect(database.db.collection('alarms').insertOne(second)).rejects.toThrow('E11000');
  });

  it('for different moments makes an alarm for each, none before its time', async () => {
    const jobs = await startJobs();
    const at = inAnHour();
    for (const ms of [0, 1, 101, 60_000]) await jobs.wake(addMs(at, ms));
    expect((await stored()).map(({ nextRunAt }) => nextRunAt)).toEqual(
      [0, 100, 200, 60_000].map((ms) => addMs(at, ms)),
    );
  });

  it('again asks the database only for what this process has not set', async () => {
    const jobs = await startJobs();
    const at = inAnHour();
    await jobs.wake(at);
    await database.db.collection('alarms').deleteMany({});
    await jobs.wake(at);
    expect(await stored()).toEqual([]);
    await jobs.wake(addMs(at, SECOND));
    expect(await stored()).toMatchObject([{ nextRunAt: addMs(at, SECOND) }]);
  });

  it('tells the log where an alarm cannot be set, and tries again the next time', async () => {
    const warn = vi.fn<Log['warn']>();
    const db = losingOneAnswer(database.db, 'findOneAndUpdate');
    // Not started: it would lose the answer to one of its own looks.
    const jobs = createJobs({ db, clock: systemClock, log: { ...silentLog, warn }, ring: () => undefined });
    const at = inAnHour();
    await jobs.wake(at);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ at }), expect.stringContaining('alarm'));
    await database.db.collection('alarms').deleteMany({});
    await jobs.wake(at);
    expect(await stored()).toMatchObject([{ nextRunAt: at }]);
  });
});

describe('the alarm', () => {
  it('rings once, at its time, and leaves nothing behind', async () => {
    const jobs = await startJobs();
    const at = fromNow(1_500);
    await Promise.all([jobs.wake(at), jobs.wake(inAnHour())]);
    await vi.waitFor(() => expect(jobs.rung).toHaveLength(1), soon);
    expect(jobs.rung[0]?.getTime()).toBeGreaterThanOrEqual(at.getTime());
    await vi.waitFor(async () => expect(await stored()).toHaveLength(1), soon);
    expect(jobs.rung).toHaveLength(1);
  });

  it('that is due at once rings at once', async () => {
    const jobs = await startJobs();
    await jobs.wake(systemClock.now());
    expect(jobs.rung).toHaveLength(1);
    expect(await stored()).toEqual([]);
  });

  it('of two processes rings in one of them', async () => {
    const [one, other] = [await startJobs(), await startJobs()];
    const first = inAnHour().getTime() - HOUR + SECOND;
    const moments = Array.from({ length: 12 }, (_, index) => new Date(first + index * 100));
    await Promise.all(moments.flatMap((at) => [one.wake(at), other.wake(at)]));
    expect(await stored()).toHaveLength(12);
    await vi.waitFor(async () => expect(await stored()).toEqual([]), soon);
    expect(one.rung.length + other.rung.length).toBe(12);
  });
});

describe('stopping', () => {
  it('is possible before starting, and frees alarms that were about to ring for the next process', async () => {
    const never = createJobs({ db: database.db, clock: systemClock, log: silentLog, ring: () => undefined });
    await never.stop();
    const first = await startJobs();
    await first.wake(fromNow(1_700));
    await vi.waitFor(async () => expect(await stored()).toMatchObject([{ lockedAt: expect.any(Date) }]), soon);
    await first.stop();
    const next = await startJobs();
    // On a busy machine the first may have rung just before it was stopped; nobody rings twice, and one does.
    await vi.waitFor(() => expect(first.rung.length + next.rung.length).toBe(1), soon);
    expect(await stored()).toEqual([]);
  });

  it('waits for an alarm that is just being locked, and frees it', async () => {
    let answer: (() => void) | undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const first = await startJobs({ db: answeringLate(database.db, 'findOneAndUpdate', answered) });
    const at = inAnHour().toISOString();
    const due = {
      name: 'look',
      type: 'normal',
      priority: 0,
      data: { at },
      lockedAt: null,
      nextRunAt: systemClock.now(),
    };
    await database.db.collection('alarms').insertOne(due);
    await vi.waitFor(async () => expect(await stored()).toMatchObject([{ lockedAt: expect.any(Date) }]), soon);
    const stopping = first.stop();
    answer?.();
    await stopping;
    expect(await stored()).not.toMatchObject([{ lockedAt: expect.any(Date) }]);
    const next = await startJobs();
    await vi.waitFor(() => expect(next.rung).toHaveLength(1), soon);
    expect(first.rung).toEqual([]);
  });
});
