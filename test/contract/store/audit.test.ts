import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestId } from '../../../src/engine/ids.js';
import { createAuditLog } from '../../../src/store/audit.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});

afterAll(async () => {
  await database.close();
});

it('an audit event is written once, however often and by however many it is performed', async () => {
  const audit = createAuditLog(database.db);
  const event = { what: 'request.approved', at: NOON, by: 'P-LEE', request: requestId('R-1'), facts: { note: null } };
  await Promise.all(Array.from({ length: 20 }, () => audit.append('R-1:2:0', event)));
  await audit.append('R-1:2:0', { ...event, what: 'something else' });
  await audit.append('R-1:2:1', event);
  const stored = await database.db.collection<{ _id: string }>('audit').find().sort({ _id: 1 }).toArray();
  expect(stored).toEqual([
    { _id: 'R-1:2:0', ...event },
    { _id: 'R-1:2:1', ...event },
  ]);
});

it('indexes can be made at every start', async () => {
  const names = async () => (await database.db.collection('requests').indexes()).map(({ name }) => name);
  const before = await names();
  await ensureIndexes(database.db);
  expect(await names()).toEqual(before);
});
