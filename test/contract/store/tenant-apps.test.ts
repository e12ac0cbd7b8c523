import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OwnApp, TenantAppStore } from '../../../src/flows/ports/tenant-apps.js';
import { addMs, DAY } from '../../../src/lib/clock.js';
import { createTenantAppStore } from '../../../src/store/tenant-apps.js';
import { CorruptDocument } from '../../../src/store/document.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: TenantAppStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createTenantAppStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const anApp = (overrides: Partial<OwnApp> = {}): OwnApp => ({
  directoryId: 'aaaaaaaa-0000-4000-8000-000000000001',
  clientId: 'bbbbbbbb-0000-4000-8000-000000000001',
  cloud: 'global',
  kind: 'secret',
  sealed: 'sealed',
  expiresAt: addMs(NOON, DAY),
  changedAt: NOON,
  ...overrides,
});

it('keeps one app a tenant: the newest, as a whole, until it is removed', async () => {
  const first = anApp();
  await store.put(first);
  expect(await store.of(first.directoryId)).toEqual(first);
  const { sealed: _, expiresAt: _never, ...bare } = anApp({ kind: 'federated', cloud: 'usgov' });
  await store.put(bare);
  expect(await store.of(first.directoryId)).toEqual(bare);
  const other = anApp({ directoryId: 'cccccccc-0000-4000-8000-000000000001' });
  await store.put(other);
  expect(await store.all()).toEqual([bare, other]);
  expect(await store.remove(first.directoryId)).toBe(true);
  expect(await store.remove(first.directoryId)).toBe(false);
  expect(await store.of(first.directoryId)).toBeUndefined();
  expect(await store.all()).toEqual([other]);
});

it('forgets a certain one, but none that has taken its place', async () => {
  const first = anApp({ directoryId: 'ffffffff-0000-4000-8000-000000000001' });
  const second = { ...first, changedAt: addMs(NOON, 1) };
  await store.put(second);
  expect(await store.remove(first.directoryId, first)).toBe(false);
  expect(await store.remove(first.directoryId, { ...second, clientId: 'another' })).toBe(false);
  expect(await store.of(first.directoryId)).toEqual(second);
  expect(await store.remove(first.directoryId, second)).toBe(true);
});

it('counts a change as made whose answer was lost', async () => {
  const app = anApp({ directoryId: 'dddddddd-0000-4000-8000-000000000001' });
  await createTenantAppStore(losingOneAnswer(database.db, 'replaceOne')).put(app);
  expect(await store.of(app.directoryId)).toEqual(app);
});

it('refuses a document that it did not write, naming the place and not the value', async () => {
  const app = anApp({ directoryId: 'eeeeeeee-0000-4000-8000-000000000001' });
  await store.put(app);
  await database.db
    .collection<{ _id: string }>('tenantApps')
    .updateOne({ _id: app.directoryId }, { $set: { kind: 'swordfish' } });
  const refused = await store.of(app.directoryId).catch((thrown: unknown) => thrown);
  expect(refused).toBeInstanceOf(CorruptDocument);
  expect(String(refused)).not.toContain('swordfish');
});
