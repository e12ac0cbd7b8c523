import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnnouncementStore } from '../../../src/flows/ports/announcements.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createAnnouncementStore } from '../../../src/store/announcements.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: AnnouncementStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createAnnouncementStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const UNTIL = addMs(NOON, MINUTE);

it('is claimed by exactly one of many, and by nobody once it was said', async () => {
  const claims = await Promise.all([1, 2, 3, 4].map(() => store.claim('one', NOON, UNTIL)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  await store.said('one');
  expect(await store.claim('one', addMs(UNTIL, MINUTE), addMs(UNTIL, 2 * MINUTE))).toBe(false);
  expect(await store.claim('other', NOON, UNTIL)).toBe(true);
});

it('passes to the next one when its claimer died over it, by then and not before', async () => {
  expect(await store.claim('died', NOON, UNTIL)).toBe(true);
  expect(await store.claim('died', addMs(UNTIL, -1), addMs(UNTIL, MINUTE))).toBe(false);
  expect(await store.claim('died', UNTIL, addMs(UNTIL, MINUTE))).toBe(true);
});

it('is free again at once when it could not be said, and stays said when it was', async () => {
  await store.claim('released', NOON, UNTIL);
  await store.release('released');
  expect(await store.claim('released', NOON, UNTIL)).toBe(true);
  await store.said('released');
  await store.release('released');
  expect(await store.claim('released', UNTIL, addMs(UNTIL, MINUTE))).toBe(false);
});
