import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, requestId } from '../../../src/engine/ids.js';
import { createAccountStore } from '../../../src/store/accounts.js';
import { CorruptDocument } from '../../../src/store/document.js';
import { createRequestStore } from '../../../src/store/requests.js';
import { anyAccount, anyEffect, anyLedgerEntry, anyRequest } from '../../fakes/arbitraries.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aRequest } from '../../fakes/fixtures.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.close();
});

let count = 0;

describe('what is stored', () => {
  it('is loaded again unchanged: any request, with any effects and messages', async () => {
    const store = createRequestStore(database.db);
    const parts = [anyRequest, anyRequest, fc.array(anyEffect), fc.array(anyLedgerEntry)] as const;
    await fc.assert(
      fc.asyncProperty(...parts, async (first, second, effects, ledger) => {
        const id = requestId(`R-${(count += 1)}`);
        await store.insert({ ...first, id }, [], ledger);
        const fresh = await store.load(id);
        expect(fresh).toEqual({ request: { ...first, id }, version: 1, outbox: [], ledger });
        await store.save({ ...second, id }, 1, effects);
        const saved = await store.load(id);
        expect(saved?.request).toEqual({ ...second, id });
        expect(saved?.outbox.map(({ effect }) => effect)).toEqual(effects);
      }),
      { numRuns: 60 },
    );
  });

  it('is loaded again unchanged: any account', async () => {
    const store = createAccountStore(database.db);
    await fc.assert(
      fc.asyncProperty(anyAccount, async (any) => {
        count += 1;
        const account = { ...any, id: accountId(`A-${count}`), upn: `${count} ${any.upn}` };
        await store.ensure(account);
        expect(await store.load(account.id)).toEqual(account);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a document that this program did not write', () => {
  const spoilt = async (change: object): Promise<unknown> => {
    const store = createRequestStore(database.db);
    const request = aRequest({ id: requestId(`R-${(count += 1)}`) });
    await store.insert(request, [], []);
    await database.db.collection<{ _id: string }>('requests').updateOne({ _id: request.id }, change);
    return await store.load(request.id).catch((thrown: unknown) => thrown);
  };

  it.each([
    ['a value of another type', { $set: { 'request.createdAt': 'swordfish' } }, 'request.createdAt'],
    ['a word nobody knows', { $set: { 'request.state': 'swordfish' } }, 'request.state'],
    ['a missing field', { $unset: { 'request.tenant': true } }, 'request.tenant'],
    ['a field of another version', { $set: { 'request.swordfish': 1 } }, 'request'],
    [
      'an effect nobody knows',
      { $push: { outbox: { id: 'x', effect: { kind: 'swordfish' } } } },
      'outbox.0.effect.kind',
    ],
  ])('is refused as a whole, naming the place and not the value: %s', async (_what, change, path) => {
    const refused = await spoilt(change);
    expect(refused).toBeInstanceOf(CorruptDocument);
    expect(refused).toMatchObject({ collection: 'requests', id: `R-${count}`, path });
    expect((refused as CorruptDocument).message).toContain(`requests R-${count}`);
    expect((refused as CorruptDocument).message).not.toContain('swordfish');
  });
});
