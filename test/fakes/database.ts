import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { silentLog } from '../../src/lib/log.js';
import { connect, type DatabaseConnection } from '../../src/store/connection.js';

export interface TestDatabase extends Pick<DatabaseConnection, 'client' | 'db' | 'uri'> {
  /** Drops the database and disconnects. */
  close(): Promise<void>;
}

/** An empty database of a server, within a test run that of the run, for one test file. */
export const createTestDatabase = async (server = inject('mongodbUri')): Promise<TestDatabase> => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const uri = server.replace(/^(\w+(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);
  const connection = await connect({ uri }, { log: silentLog });
  return {
    ...connection,
    close: async () => {
      await connection.db.dropDatabase();
      await connection.close();
    },
  };
};
