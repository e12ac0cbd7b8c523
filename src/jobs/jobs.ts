/** The alarm clock: agenda rings when a request needs somebody. It may forget or ring twice; the sweeper knows better. */
import { type Db, MongoJobRepository } from '@agendajs/mongo-backend';
import { Agenda, type AgendaBackend, InMemoryNotificationChannel, type Job } from 'agenda';
import { z } from 'zod';
import { requestId } from '../engine/ids.js';
import type { RequestId } from '../engine/ids.js';
import type { Jobs } from '../flows/ports.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { type Every, settleWithin, systemEvery } from './timers.js';

export interface JobsDependencies {
  readonly db: Db;
  readonly log: Log;
  /** Looks after a request: reads what is due, does it, asks to be woken again. */
  readonly tend: (id: RequestId) => Promise<void>;
  readonly every?: Every;
}

export interface RunningJobs extends Jobs {
  /** Makes its indexes and begins to ring. */
  start(): Promise<void>;
  /** Rings no more and waits for those being tended, `graceMs` at most (20 s). */
  stop(graceMs?: number): Promise<void>;
}

const TEND = 'tend';
const COLLECTION = 'jobs';
const DEFAULT_GRACE_MS = 20 * SECOND;

const PROCESS_EVERY_MS = SECOND;

/** How long the jobs of a process that was killed stay locked; a living one prolongs its locks. */
const LOCK_LIFETIME_MS = 45 * SECOND;
const TOUCH_EVERY_MS = LOCK_LIFETIME_MS / 3;

// As many locks as workers: agenda loses count of a locked job that waits for a worker until its lock has run out.
const CONCURRENCY = 20;

// A job that waits to ring. Once locked it is none any more, so that waking a request while it is tended makes a second
// job; were it the same, agenda would write the old time over the new one when the first ends.
const WAITING = { lockedAt: { $type: 'null' }, nextRunAt: { $type: 'date' } } as const;

const payload = z.object({ requestId: z.string().min(1).transform(requestId) });

export const createJobs = ({ db, log, tend, every = systemEvery }: JobsDependencies): RunningJobs => {
  const agenda = new Agenda({
    backend: createBackend(db, log),
    processEvery: PROCESS_EVERY_MS,
    maxConcurrency: CONCURRENCY,
    // Lets a job that is due at once ring at once, instead of at the next look.
    notificationChannel: new InMemoryNotificationChannel(),
  });
  agenda.on('error', (error: Error) =>
    log.warn(describeError(error), 'the alarm clock stumbled; the sweeper takes over'),
  );
  lookAgainAfterEach(agenda);
  const running = new Set<Promise<void>>();
  const ring = (job: Job, done: () => void): void => {
    const tending = tendJob(job, { log, tend, every });
    running.add(tending);
    void tending.then(() => running.delete(tending)).then(() => done());
  };
  agenda.define(TEND, ring, { concurrency: CONCURRENCY, lockLimit: CONCURRENCY, lockLifetime: LOCK_LIFETIME_MS });
  return {
    wake: async (id, at) => {
      // What was decided is saved already and must not seem to have failed.
      await wake(agenda, id, at).catch((thrown: unknown) =>
        log.warn({ ...describeError(thrown), request: id }, 'an alarm could not be set; the sweeper finds the request'),
      );
    },
    start: async () => {
      await ensureIndexes(db);
      await agenda.start();
    },
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      await agenda.stop();
      const left = await settleWithin(running, graceMs);
      if (left > 0)
        log.warn({ left }, 'stopped before every request was tended; the sweeper finds them at the next start');
    },
  };
};

/** Agenda by itself takes no more than its limit a look, so that many alarms of one moment would ring for many seconds. */
const lookAgainAfterEach = (agenda: Agenda): void => {
  let looking = false;
  agenda.on(`complete:${TEND}`, (job: Job) => {
    if (looking) return;
    looking = true;
    // Not before agenda has counted the job as finished.
    setImmediate(() => {
      looking = false;
      void agenda.publishJobNotification(job);
    });
  });
};

const createBackend = (db: Db, log: Log): AgendaBackend => {
  const repository = new MongoJobRepository({
    mongo: db,
    db: { collection: COLLECTION },
    ensureIndex: false,
    sort: { nextRunAt: 'asc' },
  });
  // Agenda unlocks without waiting for the answer, and a rejection that nobody sees would end the process.
  const unlockJob = repository.unlockJob.bind(repository);
  repository.unlockJob = async (job) =>
    await unlockJob(job).catch((thrown: unknown) => log.warn(describeError(thrown), 'a job stays locked for a while'));
  return {
    name: 'mongodb',
    repository,
    ownsConnection: false,
    connect: () => repository.connect(),
    disconnect: async () => undefined,
  };
};

const ensureIndexes = async (db: Db): Promise<void> => {
  await db.collection(COLLECTION).createIndexes([
    { key: { name: 1, nextRunAt: 1, lockedAt: 1 }, name: 'next' },
    {
      key: { name: 1, 'data.requestId': 1 },
      name: 'one-a-request',
      unique: true,
      partialFilterExpression: WAITING,
    },
  ]);
};

const wake = async (agenda: Agenda, id: RequestId, at: Date): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await agenda
        .create(TEND, { requestId: id })
        .unique({ 'data.requestId': id, ...WAITING })
        .schedule(at)
        .save();
      return;
    } catch (thrown) {
      // Two wakes at once both wanted to insert; the refused one now finds the other's job and sets its time.
      if (attempt === WAKE_ATTEMPTS || !isDuplicate(thrown)) throw thrown;
    }
  }
};

const WAKE_ATTEMPTS = 5;
const DUPLICATE_KEY = 11_000;

const isDuplicate = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === DUPLICATE_KEY;

type Tending = Required<Pick<JobsDependencies, 'log' | 'tend' | 'every'>>;

/** Never rejects: agenda would keep a failed job for ever, and whatever is still due the sweeper finds. */
const tendJob = async (job: Job, { log, tend, every }: Tending): Promise<void> => {
  const stopTouching = every(TOUCH_EVERY_MS, () => {
    job.touch().catch((thrown: unknown) => log.warn(describeError(thrown), 'could not prolong the lock of a job'));
  });
  try {
    const { requestId: id } = payload.parse(job.attrs.data);
    await tend(id);
  } catch (thrown) {
    log.error({ ...describeError(thrown), job: job.attrs.data }, 'tending a request failed; the sweeper tries again');
  } finally {
    stopTouching();
  }
  await job.remove().catch((thrown: unknown) => log.warn(describeError(thrown), 'a finished job could not be removed'));
};
