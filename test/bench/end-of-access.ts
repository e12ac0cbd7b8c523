import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestId } from '../../src/engine/ids.js';
import { ASKED_ROLES, openDesk, PEOPLE, setUp } from './desk.js';
import type { BenchDesk } from './desk.js';
import { LATENCY_MS } from './local-entra.js';
import type { Reading, Row } from './row.js';

/** Two hundred accesses, ten in each of twenty tenants, end within one second: how late is each end on record? */

const TENANTS = 20;
const ACCESSES = 200;
const WITHIN_MS = 1_000;

/** A read, one batch, and the read that proves it. */
const CALLS = 3;

/** What bounds the ideal: the requests that the sweeper tends at a time, in all and in one tenant. */
const AT_A_TIME = 128;
const AT_A_TIME_IN_A_TENANT = 16;

const MOST_OVER_IDEAL = 1.3;

const ROUNDS = 3;

/** From the moment that all is set to the first end: time for the alarms of all of them. */
const AHEAD_MS = 4_000;

const GIVE_UP_MS = 60_000;

/** Who has an account each in every tenant. */
const technicians = Array.from({ length: ACCESSES / TENANTS }, (_none, index) => ({
  ...PEOPLE.tess,
  key: `slack:U0TECH${index}` as typeof PEOPLE.tess.key,
  name: `Technician ${index}`,
  email: `tech${index}@msp.example`,
}));

/** Lends all of them, and waits until every one is live. */
const lendAll = async ({ say, bot, stores, tenants }: BenchDesk): Promise<readonly RequestId[]> => {
  for (const technician of technicians) {
    await Promise.all(
      tenants.map(({ name }) => say(technician, `request ${name} ${ASKED_ROLES} --for 2h --reason "INC-4711"`)),
    );
  }
  await bot.idle();
  const live = await stores.requests.list({ states: ['active'] }, ACCESSES + 1);
  if (live.length !== ACCESSES) throw new Error(`${live.length} accesses are live, not ${ACCESSES}`);
  return live.map(({ id }) => id);
};

/** Moves the end of each, as an extension would: on record, and with an alarm. Its warning counts as given. */
const moveEnds = async ({ stores, jobs }: BenchDesk, ids: readonly RequestId[], from: number): Promise<void> => {
  await Promise.all(
    ids.map(async (id, index) => {
      const stored = await stores.requests.load(id);
      if (stored === undefined) throw new Error(`${id} is gone`);
      const endsAt = new Date(from + (index * WITHIN_MS) / ids.length);
      const moved = { ...stored.request, endsAt, warnedAt: stored.request.createdAt };
      if (!(await stores.requests.save(moved, stored.version, []))) throw new Error(`${id} could not be moved`);
      await jobs.wake(endsAt);
    }),
  );
};

interface Lags {
  /** Milliseconds from due to on record, shortest first. */
  readonly all: readonly number[];
}

const measureRound = async (desk: BenchDesk): Promise<Lags> => {
  const ids = await lendAll(desk);
  await desk.entra.latency(LATENCY_MS);
  const from = Date.now() + AHEAD_MS;
  const lags = new Map<RequestId, number>();
  const done = new Promise<void>((resolve) => {
    const stop = desk.onSaved(({ id, state, endsAt }) => {
      if (state !== 'closed' || endsAt === undefined) return;
      lags.set(id, Date.now() - endsAt.getTime());
      if (lags.size < ids.length) return;
      stop();
      resolve();
    });
  });
  await moveEnds(desk, ids, from);
  if (Date.now() >= from) throw new Error('the first was due before all were set');
  const giveUp = new AbortController();
  await Promise.race([
    done,
    sleep(GIVE_UP_MS, undefined, { signal: giveUp.signal }).then(
      () => Promise.reject(new Error(`only ${lags.size} of ${ids.length} have ended`)),
      () => undefined,
    ),
  ]);
  giveUp.abort();
  await desk.bot.idle();
  await desk.entra.latency(0);
  return { all: [...lags.values()].toSorted((one, other) => one - other) };
};

/**
 * The same with calls alone: each begins when it is due and a place is free, and takes three calls. Two hundred a second
 * of 0.6 s each keep 120 places busy, fewer than there are, so that nobody waits: it is 0.6 s for each of them.
 */
export const idealLags = (): readonly number[] => {
  const ends: { readonly tenant: number; readonly at: number }[] = [];
  const lags = Array.from({ length: ACCESSES }, (_none, index) => {
    const due = (index * WITHIN_MS) / ACCESSES;
    const tenant = index % TENANTS;
    const busyIn = (at: number, only?: number): number =>
      ends.filter((each) => each.at > at && (only === undefined || each.tenant === only)).length;
    let start = due;
    while (busyIn(start) >= AT_A_TIME || busyIn(start, tenant) >= AT_A_TIME_IN_A_TENANT) start += 1;
    ends.push({ tenant, at: start + CALLS * LATENCY_MS });
    return start + CALLS * LATENCY_MS - due;
  });
  return lags.toSorted((one, other) => one - other);
};

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;

const SHARES = [
  ['half of them', 0.5],
  ['95 of 100', 0.95],
  ['all', 1],
] as const;

export const endOfAccess: Row = {
  name: 'end-of-access',
  measure: async ({ folder, sandboxFolder }) => {
    const desk = await openDesk({ folder, sandboxFolder, tenants: TENANTS });
    try {
      await setUp(desk, '--auto', technicians);
      const rounds: Lags[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureRound(desk));
      const ideal = idealLags();
      return SHARES.map(([share, part]): Reading => ({
        name: `end-of-access, ${share} within`,
        unit: 'ms',
        ours: rounds.map(({ all }) => quantile(all, part)),
        beside: rounds.map(() => quantile(ideal, part)),
        yardstick:
          `the ideal: ${CALLS} calls of ${LATENCY_MS} ms from the moment each is due, ${AT_A_TIME} accesses at a time ` +
          `(${AT_A_TIME_IN_A_TENANT} in a tenant); ${ACCESSES} in ${TENANTS} tenants, due within ${WITHIN_MS} ms`,
        goal: { kind: 'ratio', limit: MOST_OVER_IDEAL },
      }));
    } finally {
      await desk.close();
    }
  },
};
