import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { inject } from 'vitest';
import { silentLog } from '../../src/lib/log.js';
import { connect, type DatabaseConnection } from '../../src/store/connection.js';

export interface TestDatabase extends Pick<DatabaseConnection, 'client' | 'db' | 'uri'> {
  /** Disconnects, and leaves the database to whoever next needs one. */
  close(): Promise<void>;
}

/**
 * An empty database of a server, within a test run that of the run, for one test. The embedded engine keeps the files of
 * a dropped database open until it ends, and a run would open more than most machines allow: so databases are passed on.
 */
export const createTestDatabase = async (server = inject('mongodbUri')): Promise<TestDatabase> => {
  const { client, db: pool, close } = await connect({ uri: uriOf(server, 'test_spares') }, { log: silentLog });
  const spares = pool.collection<Spare>('spares');
  const spare = await spares.findOneAndDelete({});
  const name = spare?._id ?? `test_${randomUUID().replaceAll('-', '')}`;
  const db = client.db(name, pool.writeConcern === undefined ? {} : { writeConcern: pool.writeConcern });
  await empty(db);
  return {
    client,
    db,
    uri: uriOf(server, name),
    close: async () => {
      await spares.insertOne({ _id: name });
      await close();
    },
  };
};

interface Spare {
  readonly _id: string;
}

const uriOf = (server: string, name: string): string =>
  server.replace(/^(\w+(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);

/** What a test begins with needs to survive no crash. */
const UNSAFE = { writeConcern: { w: 1, journal: false } } as const;

/** Right before it is used: whatever its last user was still writing when it left goes as well. */
const empty = async (db: Db): Promise<void> => {
  const collections = await db.collections();
  await Promise.all(collections.map((collection) => collection.deleteMany({}, UNSAFE)));
};
