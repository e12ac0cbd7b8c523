import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personId } from '../../../src/engine/ids.js';
import type { Passkey, PasskeyStore } from '../../../src/flows/ports/passkeys.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createPasskeyStore } from '../../../src/store/passkeys.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: PasskeyStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createPasskeyStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const LATER = addMs(NOON, MINUTE);

let count = 0;

const aPasskey = (overrides: Partial<Passkey> = {}): Passkey => ({
  credentialId: `credential-${(count += 1)}`,
  person: personId('P-DANA'),
  publicKey: 'cose',
  counter: 0,
  transports: ['internal'],
  name: 'Pixel 9',
  createdAt: NOON,
  ...overrides,
});

const added = async (overrides: Partial<Passkey> = {}): Promise<Passkey> => {
  const passkey = aPasskey(overrides);
  expect(await store.add(passkey)).toBe(true);
  return passkey;
};

describe('a passkey', () => {
  it('is found by every id of its person, oldest first, and by nobody else', async () => {
    const [before, after] = [personId('P-BEFORE'), personId('P-AFTER')];
    const newer = await added({ person: before, createdAt: LATER });
    const older = await added({ person: after });
    expect(await store.ofPerson([before, after])).toEqual([older, newer]);
    expect(await store.ofPerson([after])).toEqual([older]);
    expect(await store.ofPerson([personId('P-NOBODY')])).toEqual([]);
  });

  it('belongs to one person: its id cannot be enrolled again by another', async () => {
    const passkey = await added();
    expect(await store.add({ ...passkey, person: personId('P-MALLORY') })).toBe(false);
    expect(await store.ofPerson([personId('P-MALLORY')])).toEqual([]);
  });

  it('of an authenticator that counts must count up: of twenty equal counts at once one is taken', async () => {
    const { credentialId, person } = await added({ person: personId('P-COUNT'), counter: 4 });
    expect(await store.used(credentialId, 4, NOON)).toBe(false);
    const uses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.used(credentialId, 7, addMs(NOON, index))),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await store.used(credentialId, 6, LATER)).toBe(false);
    expect(await store.used(credentialId, 0, LATER)).toBe(false);
    expect(await store.used(credentialId, 8, LATER)).toBe(true);
    expect(await store.ofPerson([person])).toMatchObject([{ counter: 8, lastUsedAt: LATER }]);
  });

  it('of an authenticator that does not count may be used again and again', async () => {
    const { credentialId } = await added();
    expect(await store.used(credentialId, 0, NOON)).toBe(true);
    expect(await store.used(credentialId, 0, LATER)).toBe(true);
  });

  it('whose use lost its answer counts as used, once', async () => {
    const { credentialId } = await added({ counter: 1 });
    const unlucky = createPasskeyStore(losingOneAnswer(database.db, 'updateOne'));
    expect(await unlucky.used(credentialId, 2, NOON)).toBe(true);
    expect(await store.used(credentialId, 2, LATER)).toBe(false);
  });

  it('that was removed is gone and proves nothing', async () => {
    const { credentialId, person } = await added({ person: personId('P-GONE') });
    expect(await store.remove(credentialId)).toBe(true);
    expect(await store.remove(credentialId)).toBe(false);
    expect(await store.used(credentialId, 1, NOON)).toBe(false);
    expect(await store.ofPerson([person])).toEqual([]);
  });
});
