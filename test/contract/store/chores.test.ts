import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChoreStore } from '../../../src/flows/ports/chores.js';
import { addMs, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { createChoreStore } from '../../../src/store/chores.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: ChoreStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createChoreStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const EVERY = 5 * MINUTE;
const LEASE = MINUTE;

const wins = (outcomes: readonly boolean[]): number => outcomes.filter(Boolean).length;

const claimAt = (name: string, ms: number): Promise<boolean> => store.claim(name, addMs(NOON, ms), EVERY, LEASE);

describe('a chore', () => {
  it('is given to one of many that ask at once, the first time as well as later', async () => {
    const all = (ms: number) => Promise.all(Array.from({ length: 20 }, () => claimAt('many', ms)));
    expect(wins(await all(0))).toBe(1);
    await store.done('many', NOON);
    expect(wins(await all(EVERY))).toBe(1);
  });

  it('is due again so long after it was begun, and not before', async () => {
    expect(await claimAt('due', 0)).toBe(true);
    await store.done('due', NOON);
    expect(await claimAt('due', EVERY - 1)).toBe(false);
    expect(await claimAt('due', EVERY)).toBe(true);
  });

  it('comes sooner where its last holder asked for that', async () => {
    await claimAt('sooner', 0);
    await store.done('sooner', NOON, addMs(NOON, 10 * SECOND));
    expect(await claimAt('sooner', 9 * SECOND)).toBe(false);
    expect(await claimAt('sooner', 10 * SECOND)).toBe(true);
  });

  it('is free again once the lease of a dead holder has run out, and no earlier, even when it is due', async () => {
    expect(await store.claim('dead', NOON, SECOND, LEASE)).toBe(true);
    expect(await store.claim('dead', addMs(NOON, LEASE - 1), SECOND, LEASE)).toBe(false);
    expect(await store.claim('dead', addMs(NOON, LEASE), SECOND, LEASE)).toBe(true);
  });

  it('stays with a holder who prolongs the right to it', async () => {
    await store.claim('slow', NOON, SECOND, LEASE);
    expect(await store.prolong('slow', NOON, addMs(NOON, 2 * LEASE))).toBe(true);
    expect(await store.claim('slow', addMs(NOON, LEASE), SECOND, LEASE)).toBe(false);
  });

  it('can neither be prolonged nor given back by a holder who has lost it', async () => {
    await store.claim('lost', NOON, SECOND, LEASE);
    const successor = addMs(NOON, LEASE);
    expect(await store.claim('lost', successor, SECOND, LEASE)).toBe(true);
    expect(await store.prolong('lost', NOON, addMs(NOON, 9 * LEASE))).toBe(false);
    await store.done('lost', NOON, NOON);
    expect(await store.claim('lost', addMs(successor, LEASE - 1), SECOND, LEASE)).toBe(false);
  });
});
