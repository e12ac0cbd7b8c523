import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKnownTeamStore } from '../../../src/store/known-teams.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.close();
});

describe('teams that the bot has heard from', () => {
  it('are there after a restart, each once and by its last name, however many notes come at once', async () => {
    const store = createKnownTeamStore(database.db);
    const desk = { team: '19:desk@thread.tacv2', name: 'Service desk', directoryGroup: 'group-1' };
    await Promise.all(Array.from({ length: 10 }, () => store.remember(desk)));
    await store.remember({ team: '19:a@thread.tacv2', name: 'Another' });
    await store.remember({ ...desk, name: 'The desk' });
    expect(await createKnownTeamStore(database.db).all()).toEqual([
      { team: '19:a@thread.tacv2', name: 'Another' },
      { ...desk, name: 'The desk' },
    ]);
  });
});
