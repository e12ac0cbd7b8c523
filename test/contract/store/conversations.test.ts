import { afterAll, beforeAll, expect, it } from 'vitest';
import { createConversationStore } from '../../../src/store/conversations.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.close();
});

it('the service of a conversation is remembered, the latest one counts, and many at once do no harm', async () => {
  const store = createConversationStore(database.db);
  const conversation = '19:abc@thread.v2';
  expect(await store.serviceUrlOf(conversation)).toBeUndefined();
  await Promise.all(Array.from({ length: 20 }, () => store.remember(conversation, 'https://emea.example/')));
  expect(await store.serviceUrlOf(conversation)).toBe('https://emea.example/');
  await store.remember(conversation, 'https://amer.example/');
  expect(await store.serviceUrlOf(conversation)).toBe('https://amer.example/');
});
