import { afterAll, beforeAll, expect, it } from 'vitest';
import { breakGlassId, personId, tenantId } from '../../../src/engine/ids.js';
import type { DrillStore, Watch, WatchStore } from '../../../src/flows/ports/break-glass-watch.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { createBreakGlassStore } from '../../../src/store/break-glass.js';
import { createDrillStore } from '../../../src/store/drills.js';
import { createWatchStore } from '../../../src/store/watches.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aBreakGlassAccount, NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let watches: WatchStore;
let drills: DrillStore;

beforeAll(async () => {
  database = await createTestDatabase();
  watches = createWatchStore(database.db);
  drills = createDrillStore(database.db);
});

afterAll(() => database.close());

const SOON = addMs(NOON, MINUTE);
const LATER = addMs(NOON, 5 * MINUTE);

const ahead = (until: Date) => ({ until, latest: addMs(until, HOUR) });

const watchOf = (name: string): Watch => ({
  tenant: tenantId(name),
  accounts: [{ id: breakGlassId(tenantId(name), 'emergency1'), from: NOON }],
  readTo: NOON,
  trouble: { code: 'directory.licence', clause: 'the tenant lacks the licence for it', since: NOON },
});

it('is begun by exactly one of many, and by the next one once it is due again', async () => {
  const one = tenantId('one');
  const begun = await Promise.all([1, 2, 3, 4].map(() => watches.begin(one, NOON, ahead(SOON))));
  expect(begun.filter((won) => won !== undefined)).toEqual([{ watch: { tenant: one, accounts: [] }, until: SOON }]);
  expect(await watches.end(watchOf('one'), { until: SOON }, LATER)).toBe(true);
  expect(await watches.of(one)).toEqual(watchOf('one'));
  expect((await watches.dates()).get(one)).toEqual(LATER);
  expect(await watches.begin(one, addMs(LATER, -1), ahead(addMs(LATER, MINUTE)))).toBeUndefined();
  const again = await Promise.all([1, 2, 3].map(() => watches.begin(one, LATER, ahead(addMs(LATER, MINUTE)))));
  expect(again.filter((won) => won !== undefined)).toEqual([{ watch: watchOf('one'), until: addMs(LATER, MINUTE) }]);
});

it('passes to another when whoever began it took too long, and keeps nothing of the slow one', async () => {
  const two = tenantId('two');
  await watches.begin(two, NOON, ahead(SOON));
  const other = await watches.begin(two, SOON, ahead(LATER));
  expect(other?.until).toEqual(LATER);
  expect(await watches.end(watchOf('two'), { until: SOON }, addMs(NOON, HOUR))).toBe(false);
  expect((await watches.of(two))?.readTo).toBeUndefined();
});

it('is due where a clock that was wrong has set it too far ahead', async () => {
  const three = tenantId('three');
  await watches.begin(three, NOON, ahead(SOON));
  await watches.end(watchOf('three'), { until: SOON }, addMs(NOON, 24 * HOUR));
  expect(await watches.begin(three, SOON, ahead(addMs(NOON, 25 * HOUR)))).toBeUndefined();
  expect(await watches.begin(three, SOON, ahead(LATER))).toBeDefined();
});

it('is forgotten', async () => {
  await watches.begin(tenantId('four'), NOON, ahead(SOON));
  await watches.forget(tenantId('four'));
  expect(await watches.of(tenantId('four'))).toBeUndefined();
});

it('the tenants that have break-glass accounts are known, each once', async () => {
  const accounts = createBreakGlassStore(database.db);
  for (const [tenant, name] of [
    ['two', 'emergency1'],
    ['one', 'emergency1'],
    ['two', 'emergency2'],
  ] as const) {
    const id = breakGlassId(tenantId(tenant), name);
    await accounts.insert(aBreakGlassAccount({ id, tenant: tenantId(tenant), name }));
  }
  expect(await accounts.tenants()).toEqual(['one', 'two']);
});

it('a drill is ended once, and not by whoever means an earlier one', async () => {
  const first = { tenant: tenantId('one'), by: personId('P-OLGA'), begunAt: NOON };
  const second = { ...first, begunAt: SOON };
  await drills.begin(first);
  await drills.begin(second);
  expect(await drills.of(first.tenant)).toEqual(second);
  expect(await drills.end(first)).toBe(false);
  const ended = await Promise.all([1, 2, 3].map(() => drills.end(second)));
  expect(ended.filter(Boolean)).toHaveLength(1);
  expect(await drills.of(first.tenant)).toBeUndefined();
  await drills.begin(first);
  await drills.forget(first.tenant);
  expect(await drills.of(first.tenant)).toBeUndefined();
});
