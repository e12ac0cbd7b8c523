import { setTimeout as pause } from 'node:timers/promises';
import { answerText } from '../fakes/service-desk.js';
import * as cipp from './cipp.js';
import type { Replay } from './cipp.js';
import { ASKED, openDesk, PEOPLE, setUp } from './desk.js';
import type { BenchDesk } from './desk.js';
import { inSequence, LATENCY_MS } from './local-entra.js';
import type { Reading, Row } from './row.js';
import type { BenchTenant } from './tenants.js';

/**
 * Three roles, two groups and an access pass: from the click on Approve to the offer of the credential, and from the
 * command to end it to the end on record.
 */

/** A creation, or a read, and one batch. */
const TO_LEND = 2;

/** A read, one batch, and the read that proves it. */
const TO_END = 3;

/** For everything that is not Graph: journaled writes, sealing, the cards. */
const MOST_OVER_IDEAL = 1.25;

/**
 * For a new account CIPP calls Graph 14 times in a row (the user, the policy, the pass, the user again, two for each of
 * three roles, two groups, the user's state, the extension) and sleeps for a second once: 14 x 200 ms + 1 s = 3.8 s,
 * where two calls take 0.4 s. So 9.5 would be all of it, had we nothing to do but to call Graph; we leave ourselves 47 ms.
 */
const LEAST_FASTER_NEW = 8.5;

/**
 * For an account that is there it reads instead of creating, has to enable, and does not sleep: 15 x 200 ms = 3 s, 7.5
 * times two calls; the same share of that.
 */
const LEAST_FASTER_KNOWN = 6.7;

const REPETITIONS = 7;
/** What a process takes that has done the same before; its start is row `startup`. */
const WARM_UP = 3;

interface Taken {
  readonly ms: number;
  readonly calls: number;
}

const timed = async (desk: BenchDesk, act: () => Promise<void>): Promise<Taken> => {
  let ms = 0;
  const seen = await desk.entra.seen(async () => {
    await desk.entra.latency(LATENCY_MS);
    const before = performance.now();
    await act();
    ms = performance.now() - before;
    await desk.bot.idle();
    await desk.entra.latency(0);
  });
  return { ms, calls: inSequence(seen) };
};

const within = async (wanted: Promise<void>, what: string): Promise<void> => {
  const tooLate = new AbortController();
  const giveUp = pause(GIVE_UP_MS, undefined, { signal: tooLate.signal }).then(() => {
    throw new Error(`${what} has not happened`);
  });
  await Promise.race([
    wanted,
    giveUp.catch((thrown: unknown) => {
      if (!tooLate.signal.aborted) throw thrown;
    }),
  ]);
  tooLate.abort();
};

const GIVE_UP_MS = 20_000;

/** From the click on Approve to the offer of the credential. */
const lend = async (desk: BenchDesk, { name }: BenchTenant): Promise<Taken> => {
  await desk.say(PEOPLE.tess, `request ${name} ${ASKED} --for 2h --reason "Reset a mailbox, INC-4711"`);
  await desk.bot.idle();
  const [pending] = await desk.stores.requests.list({ states: ['pending'] }, 1);
  if (pending === undefined) throw new Error('the request is not pending');
  const stored = await desk.stores.requests.load(pending.id);
  const card = stored?.ledger.find(({ key }) => key.startsWith('approval/'));
  if (card === undefined) throw new Error('nobody has a card to click');
  return await timed(desk, async () => {
    const offer = desk.nextOffer();
    const answer = await desk.click(PEOPLE.dana, 'approve', pending.id, card.ref);
    if (answer.kind === 'show' && answer.tone === 'refusal') throw new Error(answerText(answer));
    await within(offer, `the offer of ${pending.id}`);
  });
};

/** From the command to the end on record, which only a read of the directory brings about. */
const end = async (desk: BenchDesk): Promise<Taken> => {
  const [live] = await desk.stores.requests.list({ states: ['active'] }, 1);
  if (live === undefined) throw new Error('nothing is active');
  return await timed(desk, async () => {
    const closed = new Promise<void>((resolve) => {
      const stop = desk.onSaved(({ id, state }) => {
        if (id !== live.id || state !== 'closed') return;
        stop();
        resolve();
      });
    });
    await desk.say(PEOPLE.tess, `end ${live.id}`);
    await within(closed, `the end of ${live.id}`);
  });
};

/** As many bare HTTPS requests, one after the other, to the same local Entra ID in the same mood. */
const bareCalls = async ({ entra }: BenchDesk, count: number): Promise<number> => {
  const call = async (): Promise<void> => void (await (await fetch(`${entra.url}/v1.0/users`)).text());
  // Opens the connection, which ours finds open too.
  await call();
  await entra.latency(LATENCY_MS);
  const before = performance.now();
  for (let trip = 0; trip < count; trip += 1) await call();
  const ms = performance.now() - before;
  await entra.latency(0);
  return ms;
};

/** What CIPP calls for the same in the same tenant, for a user of its own. */
const replay = async ({ entra }: BenchDesk, tenant: BenchTenant, kind: 'new' | 'known'): Promise<Replay> => {
  const token = await cipp.signInAsCipp(entra.url, tenant);
  const task = { url: entra.url, token, tenant, upn: `replayed-${kind}@${tenant.domain}` };
  if (kind === 'known') await cipp.makeKnown(task);
  await entra.latency(LATENCY_MS);
  const replayed = await (kind === 'new' ? cipp.lendNew(task) : cipp.lendKnown(task));
  await entra.latency(0);
  return replayed;
};

interface Samples {
  readonly ours: Taken[];
  readonly bare: number[];
  readonly replays: Replay[];
}

const SEQUENCE = 'requests to Graph one after the other, a batch being one; the token is there already';

const againstBare = (what: string, { ours, bare }: Samples, calls: number): readonly Reading[] => [
  {
    name: `approve-to-ready, ${what}`,
    unit: 'calls',
    ours: ours.map((taken) => taken.calls),
    beside: bare.map(() => calls),
    yardstick: `the fewest that Graph allows: ${SEQUENCE}`,
    goal: { kind: 'below', limit: calls },
  },
  {
    name: `approve-to-ready, ${what}`,
    unit: 'ms',
    ours: ours.map(({ ms }) => ms),
    beside: bare,
    yardstick: `${calls} bare HTTPS requests in a row, ${LATENCY_MS} ms each`,
    goal: { kind: 'ratio', limit: MOST_OVER_IDEAL },
  },
];

const againstCipp = (what: string, { ours, replays }: Samples, leastFaster: number): Reading => ({
  name: `approve-to-ready, ${what}, beside CIPP`,
  unit: 'ms',
  ours: ours.map(({ ms }) => ms),
  beside: replays.map(({ ms }) => ms),
  yardstick:
    `the calls that CIPP makes for the same, replayed bare: ${replays[0]?.calls} in a row` +
    `${what === 'new account' ? ' and its sleep of 1 s' : ''}, ${LATENCY_MS} ms each`,
  goal: { kind: 'faster', limit: leastFaster },
});

const emptySamples = (): Samples => ({ ours: [], bare: [], replays: [] });

const counted = ({ ours, bare, replays }: Samples): Samples => ({
  ours: ours.slice(WARM_UP),
  bare: bare.slice(WARM_UP),
  replays: replays.slice(WARM_UP),
});

/**
 * Each tenant sees a new account and its end, and when all have, the same account once more: so many access passes in
 * one tenant within ten seconds would be more than Microsoft allows, and we would wait for our turn.
 */
const measureAt = async (desk: BenchDesk): Promise<readonly Reading[]> => {
  await setUp(desk, '--approvals 1 --approvers "Service desk leads"');
  const [fresh, known, ends] = [emptySamples(), emptySamples(), emptySamples()];
  for (const [kind, samples] of [
    ['new', fresh],
    ['known', known],
  ] as const) {
    for (const tenant of desk.tenants) {
      samples.bare.push(await bareCalls(desk, TO_LEND));
      samples.ours.push(await lend(desk, tenant));
      ends.bare.push(await bareCalls(desk, TO_END));
      ends.ours.push(await end(desk));
      samples.replays.push(await replay(desk, tenant, kind));
    }
  }
  return [
    ...againstBare('new account', counted(fresh), TO_LEND),
    againstCipp('new account', counted(fresh), LEAST_FASTER_NEW),
    ...againstBare('known account', counted(known), TO_LEND),
    againstCipp('known account', counted(known), LEAST_FASTER_KNOWN),
    ...againstBare('end', counted(ends), TO_END),
  ];
};

export const approveToReady: Row = {
  name: 'approve-to-ready',
  measure: async ({ folder, sandboxFolder }) => {
    const desk = await openDesk({ folder, sandboxFolder, tenants: WARM_UP + REPETITIONS });
    try {
      return await measureAt(desk);
    } finally {
      await desk.close();
    }
  },
};
