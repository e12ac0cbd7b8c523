import { join } from 'node:path';
import { breakGlassId, personId, tenantId, vaultOf } from '../../src/engine/ids.js';
import { ROTATE_EVERY_MS } from '../../src/engine/vault.js';
import { createRotator } from '../../src/jobs/rotator.js';
import { DAY, HOUR, SECOND, systemClock as clock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { createRecipientSealer } from '../../src/vault/recipients.js';
import { openDesk } from './desk.js';
import type { BenchDesk } from './desk.js';
import { heapMb } from './heap.js';
import { LATENCY_MS } from './local-entra.js';
import type { Row } from './row.js';

/** The break-glass passwords of a thousand tenants are all due at once: in what time, and in how much memory? */

const TENANTS = 1_000;

/** How many accounts the rotator is at, at a time; and one call changes a password. */
const AT_A_TIME = 32;
const CALLS = 1;

const MOST_OVER_IDEAL = 1.3;
const MOST_GROWTH = 1.2;

const ROUNDS = 3;

/** Memory is read when so many passwords were changed. */
const EARLY = 100;

/** What a large MSP needs: two accounts in each of ten thousand tenants, each at most seven eighths of a day apart on average. */
const NEEDED_A_SECOND = (2 * 10_000) / ((DAY * 7) / 8 / SECOND);
const TIMES_NEEDED = 10;

const ids = ({ tenants }: BenchDesk) => tenants.map(({ name }) => breakGlassId(tenantId(name), 'emergency1'));

/** Two people with a key each, in the owners' vault, to which every tenant belongs. */
const putOnRecord = async ({ stores, tenants }: BenchDesk): Promise<void> => {
  const vault = vaultOf(undefined);
  const members = [personId('P-1'), personId('P-2')];
  await stores.vaults.save({ id: vault, mode: 'recipients', members, rotateEveryMs: ROTATE_EVERY_MS }, undefined);
  const enrolledAt = clock.now();
  for (const person of members) {
    const { recipient } = await createRecipientSealer().generate();
    const sealed = { sealedIdentity: 'elsewhere', sealedBy: 'passphrase' } as const;
    await stores.vaults.addKey({ id: person, vault, person, recipient, ...sealed, state: 'current', enrolledAt });
  }
  for (const { name, id, domain } of tenants) {
    const tenant = tenantId(name);
    await stores.config.tenants.add({ id: tenant, name, directoryId: id, domain, defaultDurationMs: HOUR });
    await stores.breakGlass.insert({
      id: breakGlassId(tenant, 'emergency1'),
      tenant,
      name: 'emergency1',
      upn: `emergency1@${domain}`,
      origin: 'made',
      isAdministrator: false,
      candidates: [],
      rotateAt: enrolledAt,
      rotateFor: 'enabled',
    });
  }
};

/** Until every password that is due has been changed, in ms. */
const rotateAll = async ({ bot, stores }: BenchDesk, onRotated: (count: number) => void = () => undefined) => {
  let count = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const rotator = createRotator({
    due: (except) => stores.breakGlass.due(clock.now(), TENANTS, except),
    rotate: async (id, inTurn) => {
      await bot.rotate(id, inTurn);
      count += 1;
      onRotated(count);
      if (count === TENANTS) finish();
    },
    log: silentLog,
    concurrency: AT_A_TIME,
  });
  const startedAt = performance.now();
  rotator.start();
  await finished;
  const taken = performance.now() - startedAt;
  await rotator.stop();
  return taken;
};

const makeDue = async (desk: BenchDesk): Promise<void> => {
  for (const id of ids(desk)) await desk.stores.breakGlass.rotateBy(id, clock.now(), 'demand');
};

/** Nothing counts as rotated that is not. */
const expectRotated = async ({ stores }: BenchDesk, since: Date): Promise<void> => {
  const all = await stores.breakGlass.all(undefined, TENANTS);
  const done = all.filter(
    ({ rotatedAt, trouble }) => trouble === undefined && rotatedAt !== undefined && rotatedAt >= since,
  );
  if (done.length !== TENANTS) throw new Error(`${done.length} passwords were changed, not ${TENANTS}`);
};

export const rotateRow: Row = {
  name: 'rotate',
  measure: async ({ folder, sandboxFolder }) => {
    const desk = await openDesk({ folder, sandboxFolder, tenants: TENANTS, copyFolder: join(folder, 'copies') });
    try {
      await putOnRecord(desk);
      // The first round makes the accounts, and gets the app's tokens: a sign-in for each tenant, which later ones have.
      await rotateAll(desk);
      await desk.entra.latency(LATENCY_MS);
      const taken: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await makeDue(desk);
        const since = clock.now();
        const calls = await desk.entra.seen(async () => void taken.push(await rotateAll(desk)));
        await expectRotated(desk, since);
        if (calls.length !== TENANTS * CALLS) throw new Error(`it took ${calls.length} calls, not ${TENANTS * CALLS}`);
      }
      await desk.entra.latency(0);
      const early: number[] = [];
      const late: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        await makeDue(desk);
        await rotateAll(desk, (count) => {
          if (count === EARLY) early.push(heapMb());
          if (count === TENANTS) late.push(heapMb());
        });
      }
      const ideal = Math.ceil(TENANTS / AT_A_TIME) * CALLS * LATENCY_MS;
      return [
        {
          name: `rotate, ${TENANTS} tenants`,
          unit: 'ms',
          ours: taken,
          beside: taken.map(() => ideal),
          yardstick: `the ideal: one call of ${LATENCY_MS} ms for each, ${AT_A_TIME} at a time; sealed to two keys, copied to a folder`,
          goal: { kind: 'ratio', limit: MOST_OVER_IDEAL },
        },
        {
          name: 'rotate, 10000 tenants a day',
          unit: '/s',
          ours: taken.map((ms) => TENANTS / (ms / SECOND)),
          beside: taken.map(() => NEEDED_A_SECOND),
          yardstick: 'what two accounts in each of 10,000 tenants need, spread over the day',
          goal: { kind: 'times', limit: TIMES_NEEDED },
        },
        {
          name: 'rotate, heap in use',
          unit: 'MB',
          ours: late,
          beside: early,
          yardstick: `the same after ${EARLY} of the ${TENANTS} passwords, garbage collected before both`,
          goal: { kind: 'ratio', limit: MOST_GROWTH },
        },
      ];
    } finally {
      await desk.close();
    }
  },
};
