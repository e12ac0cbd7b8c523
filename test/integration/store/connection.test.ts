import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/lib/log.js';
import { connect } from '../../../src/store/connection.js';
import { DatabaseFault } from '../../../src/store/database-fault.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe('a connection', () => {
  it('uses the database that the address names', () => {
    expect(database.uri).toContain(`/${database.db.databaseName}?`);
  });

  it('uses the database latchkey where the address names none', async () => {
    const uri = database.uri.replace(`/${database.db.databaseName}?`, '/?');
    const connection = await connect({ uri }, { log: silentLog });
    await connection.close();
    expect(connection.db.databaseName).toBe('latchkey');
  });

  it('acknowledges a write only once it is in the journal, whatever the address says', async () => {
    const connection = await connect(
      { uri: database.uri.replace('journal=true', 'journal=false') },
      { log: silentLog },
    );
    await connection.close();
    expect(connection.db.writeConcern).toMatchObject({ journal: true });
  });

  it('says in one sentence where no server answers, without the password', async () => {
    const uri = 'mongodb://bot:hunter2@127.0.0.1:1/?serverSelectionTimeoutMS=100';
    const failure = await connect({ uri }, { log: silentLog }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(DatabaseFault);
    expect((failure as DatabaseFault).code).toBe('server_unreachable');
    expect((failure as DatabaseFault).message).toContain('127.0.0.1:1');
    expect((failure as DatabaseFault).message).not.toContain('hunter2');
  });

  it('keeps an unreadable address to itself', async () => {
    const failure = await connect({ uri: 'mongodb://bot:hunter2@/%zz' }, { log: silentLog }).catch((e: unknown) => e);
    expect(String(failure)).toContain('MONGODB_URI');
    expect(String(failure)).not.toContain('hunter2');
  });
});

describe('the test database', () => {
  it('is empty and not shared with another test file', async () => {
    const other = await createTestDatabase();
    await other.db.collection('things').insertOne({ mine: true });
    expect(await database.db.collection('things').countDocuments()).toBe(0);
    await other.close();
  });
});
