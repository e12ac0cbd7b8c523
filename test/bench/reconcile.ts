import { tenantId } from '../../src/engine/ids.js';
import { openDesk } from './desk.js';
import type { BenchDesk } from './desk.js';
import { heapMb } from './heap.js';
import { LATENCY_MS } from './local-entra.js';
import type { Row } from './row.js';
import { shutAccounts } from './tenants.js';

/** A thousand tenants with five accounts each are looked at: in what time, and in how much memory? */

const TENANTS = 1_000;
const ACCOUNTS = 5;

/** How many tenants the job looks at, at a time; and one batch shows all accounts of one. */
const AT_A_TIME = 32;
const CALLS = 1;

const MOST_OVER_IDEAL = 1.3;
const MOST_GROWTH = 1.2;

const ROUNDS = 3;

/** Memory is read when so many tenants have been looked at. */
const EARLY = 100;

/** Tenants and accounts straight into the database: connecting a thousand by command is not what is measured. */
const putOnRecord = async ({ stores, tenants }: BenchDesk): Promise<void> => {
  for (const tenant of tenants) {
    const { name, id, domain } = tenant;
    const record = { id: tenantId(name), name, directoryId: id, domain, defaultDurationMs: 3_600_000 };
    await stores.config.tenants.add(record);
    for (const account of shutAccounts(tenant, ACCOUNTS)) await stores.accounts.ensure(account);
  }
};

const patrolOf = ({ bot }: BenchDesk): (() => Promise<void>) => {
  const chore = bot.chores.find(({ name }) => name === 'patrol');
  if (chore === undefined) throw new Error('nothing looks at the tenants');
  return chore.run;
};

export const reconcileRow: Row = {
  name: 'reconcile',
  measure: async ({ folder, sandboxFolder }) => {
    const heaps = new Map<number, number>();
    let looks = 0;
    let isWatched = false;
    const watch = (): void => {
      looks += 1;
      if (isWatched && (looks === EARLY || looks === TENANTS)) heaps.set(looks, heapMb());
    };
    const desk = await openDesk({ folder, sandboxFolder, tenants: TENANTS, accounts: ACCOUNTS, onSurvey: watch });
    try {
      await putOnRecord(desk);
      const patrol = patrolOf(desk);
      // The first round gets the app's tokens, a sign-in for each tenant, which later ones have.
      await patrol();
      if (looks !== TENANTS) throw new Error(`${looks} tenants were looked at, not ${TENANTS}`);
      await desk.entra.latency(LATENCY_MS);
      const taken: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const startedAt = performance.now();
        await patrol();
        taken.push(performance.now() - startedAt);
      }
      await desk.entra.latency(0);
      const early: number[] = [];
      const late: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        looks = 0;
        isWatched = true;
        await patrol();
        early.push(heaps.get(EARLY) ?? Number.NaN);
        late.push(heaps.get(TENANTS) ?? Number.NaN);
      }
      const ideal = Math.ceil(TENANTS / AT_A_TIME) * CALLS * LATENCY_MS;
      return [
        {
          name: `reconcile, ${TENANTS} tenants`,
          unit: 'ms',
          ours: taken,
          beside: taken.map(() => ideal),
          yardstick: `the ideal: one call of ${LATENCY_MS} ms for each tenant and its ${ACCOUNTS} accounts, ${AT_A_TIME} tenants at a time`,
          goal: { kind: 'ratio', limit: MOST_OVER_IDEAL },
        },
        {
          name: 'reconcile, heap in use',
          unit: 'MB',
          ours: late,
          beside: early,
          yardstick: `the same after ${EARLY} of the ${TENANTS} tenants, garbage collected before both`,
          goal: { kind: 'ratio', limit: MOST_GROWTH },
        },
      ];
    } finally {
      await desk.close();
    }
  },
};
