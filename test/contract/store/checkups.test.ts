import { afterAll, beforeAll, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import type { CheckupStore, Pause } from '../../../src/flows/ports/checkups.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createCheckupStore } from '../../../src/store/checkups.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: CheckupStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createCheckupStore(database.db);
});

afterAll(() => database.close());

const checkup = (name: string, at = NOON) => ({
  tenant: tenantId(name),
  at,
  findings: [{ check: 'token', state: 'ok', says: 'It gets in.' } as const],
  powers: { changesHolders: true, schedules: false },
});

const pause = (name: string): Pause => ({
  tenant: tenantId(name),
  since: NOON,
  code: 'directory.consent',
  clause: 'consent is missing',
  told: 0,
});

it('keeps the last look, and when it was', async () => {
  await store.save(checkup('one'));
  await store.save(checkup('one', addMs(NOON, MINUTE)));
  expect(await store.of(tenantId('one'))).toEqual(checkup('one', addMs(NOON, MINUTE)));
  expect((await store.dates()).get(tenantId('one'))).toEqual(addMs(NOON, MINUTE));
});

it('replaces none but the one that was meant, and makes none anew for that', async () => {
  await store.save(checkup('two', addMs(NOON, MINUTE)));
  await store.save(checkup('two', addMs(NOON, 2 * MINUTE)), NOON);
  await store.save(checkup('three'), NOON);
  expect((await store.of(tenantId('two')))?.at).toEqual(addMs(NOON, MINUTE));
  expect(await store.of(tenantId('three'))).toBeUndefined();
});

it('is paused and resumed by exactly one of many', async () => {
  const times = [1, 2, 3, 4];
  const paused = await Promise.all(times.map(() => store.pause(pause('four'))));
  const resumed = await Promise.all(times.map(() => store.resumed(tenantId('four'), addMs(NOON, MINUTE))));
  expect([paused, resumed].map((all) => all.filter(Boolean).length)).toEqual([1, 1]);
  expect(await store.pauseOf(tenantId('four'))).toMatchObject({ resumedAt: addMs(NOON, MINUTE) });
  await store.endPause(tenantId('four'));
  expect(await store.pauses()).toEqual([]);
});

it('answers for several tenants at once, with those that were looked at', async () => {
  await Promise.all([store.save(checkup('five')), store.save(checkup('six'))]);
  const found = await store.ofTenants(['five', 'six', 'seven'].map(tenantId));
  expect(found.map(({ tenant }) => tenant).toSorted()).toEqual(['five', 'six']);
});
