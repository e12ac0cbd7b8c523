/** The alarm clock: agenda rings when something may be due. It may forget or ring twice; the sweeper knows better. */
import { type Db, MongoJobRepository } from '@agendajs/mongo-backend';
import { Agenda, type AgendaBackend, type Job } from 'agenda';
import type { Jobs } from '../flows/ports.js';
import { SECOND } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';

export interface JobsDependencies {
  readonly db: Db;
  readonly log: Log;
  readonly clock: Clock;
  /** Has somebody look at what is due; returns at once. */
  readonly ring: () => void;
}

export interface RunningJobs extends Jobs {
  /** Makes its indexes and begins to ring. */
  start(): Promise<void>;
  /** Rings no more. What was about to ring here is left to the next process. */
  stop(): Promise<void>;
}

const LOOK = 'look';
const COLLECTION = 'alarms';

/** Whatever falls due within it shares an alarm, at its end: hundreds of one moment cost as much as one. */
const GRAIN_MS = 100;

const PROCESS_EVERY_MS = SECOND;

/** How long the alarms of a process that was killed stay locked; ringing takes no time. */
const LOCK_LIFETIME_MS = 45 * SECOND;

/** As many locks as workers: agenda loses count of a locked job that waits for a worker until its lock has run out. */
const CONCURRENCY = 20;

/** A job that waits to ring: one that is ringing must not be the one that is set anew. */
const WAITING = { lockedAt: { $type: 'null' }, nextRunAt: { $type: 'date' } } as const;

export const createJobs = ({ db, log, clock, ring }: JobsDependencies): RunningJobs => {
  const repository = createRepository(db, log);
  const looks = watchLooks(repository);
  const agenda = new Agenda({
    backend: backendOf(repository),
    processEvery: PROCESS_EVERY_MS,
    maxConcurrency: CONCURRENCY,
  });
  agenda.on('error', (error: Error) =>
    log.warn(describeError(error), 'the alarm clock stumbled; the sweeper takes over'),
  );
  const settings = { concurrency: CONCURRENCY, lockLimit: CONCURRENCY, lockLifetime: LOCK_LIFETIME_MS };
  agenda.define(LOOK, (job: Job, done: () => void) => void ringFor(job, ring, log).then(done), settings);
  const known = createKnown(clock);
  return {
    wake: async (at) => {
      if (at <= clock.now()) return ring();
      const moment = Math.ceil(at.getTime() / GRAIN_MS) * GRAIN_MS;
      if (known.has(moment)) return;
      try {
        await setAlarm(agenda, new Date(moment));
        known.add(moment);
      } catch (thrown) {
        // What was decided is saved already and must not seem to have failed.
        log.warn({ ...describeError(thrown), at }, 'an alarm could not be set; the sweeper finds what is due');
      }
    },
    start: async () => {
      await ensureIndexes(db);
      await agenda.start();
    },
    stop: async () => {
      await Promise.all([agenda.stop(), looks.end()]);
    },
  };
};

/** The alarms that this process has set and that have not rung yet. */
const createKnown = (clock: Clock) => {
  const moments = new Set<number>();
  return {
    has: (moment: number): boolean => moment > clock.now().getTime() && moments.has(moment),
    add: (moment: number): void => {
      const now = clock.now().getTime();
      for (const one of moments) if (one <= now) moments.delete(one);
      moments.add(moment);
    },
  };
};

const createRepository = (db: Db, log: Log): MongoJobRepository => {
  const repository = new MongoJobRepository({
    mongo: db,
    db: { collection: COLLECTION },
    ensureIndex: false,
    sort: { nextRunAt: 'asc' },
  });
  // Agenda unlocks without waiting for the answer, and a rejection that nobody sees would end the process.
  const unlockJob = repository.unlockJob.bind(repository);
  repository.unlockJob = async (job) =>
    await unlockJob(job).catch((thrown: unknown) =>
      log.warn(describeError(thrown), 'an alarm stays locked for a while'),
    );
  return repository;
};

const backendOf = (repository: MongoJobRepository): AgendaBackend => ({
  name: 'mongodb',
  repository,
  ownsConnection: false,
  connect: () => repository.connect(),
  disconnect: async () => undefined,
});

/** Agenda frees what it has locked when it stops; it goes on looking after that, and what it locks then is freed here. */
const watchLooks = (repository: MongoJobRepository): { end(): Promise<void> } => {
  type Look = ReturnType<MongoJobRepository['getNextJobToRun']>;
  const looks = new Set<Look>();
  let isOver = false;
  const look = repository.getNextJobToRun.bind(repository);
  repository.getNextJobToRun = async (...terms) => {
    if (isOver) return undefined;
    const found = look(...terms);
    looks.add(found);
    try {
      return await found;
    } finally {
      looks.delete(found);
    }
  };
  return {
    end: async () => {
      isOver = true;
      const locked = (await Promise.allSettled(looks)).flatMap((found) =>
        found.status === 'fulfilled' && found.value !== undefined ? [found.value] : [],
      );
      await Promise.all(locked.map((job) => repository.unlockJob(job)));
    },
  };
};

const ensureIndexes = async (db: Db): Promise<void> => {
  await db.collection(COLLECTION).createIndexes([
    { key: { name: 1, nextRunAt: 1, lockedAt: 1 }, name: 'next' },
    { key: { name: 1, 'data.at': 1 }, name: 'one-a-moment', unique: true, partialFilterExpression: WAITING },
  ]);
};

const setAlarm = async (agenda: Agenda, at: Date): Promise<void> => {
  try {
    const alarm = agenda.create(LOOK, { at: at.toISOString() });
    await alarm
      .unique({ 'data.at': at.toISOString(), ...WAITING })
      .schedule(at)
      .save();
  } catch (thrown) {
    // Two wanted to insert it at once: the refused one's is there.
    if (!isDuplicate(thrown)) throw thrown;
  }
};

const DUPLICATE_KEY = 11_000;

const isDuplicate = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === DUPLICATE_KEY;

/** Never rejects: agenda would keep a failed job for ever, and whatever is still due the sweeper finds. */
const ringFor = async (job: Job, ring: () => void, log: Log): Promise<void> => {
  ring();
  await job.remove().catch((thrown: unknown) => log.warn(describeError(thrown), 'an alarm that rang stays on record'));
};
