import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, requestId } from '../../../src/engine/ids.js';
import type { RequestStore } from '../../../src/flows/ports.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createAccountStore } from '../../../src/store/accounts.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createRequestStore } from '../../../src/store/requests.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { anAccount, aRequest, NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

// Changes that are asked for at the same time share a command: nobody may be given the answer to another's.
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});

afterAll(async () => {
  await database.close();
});

const UNTIL = addMs(NOON, MINUTE);
const EACH = Array.from({ length: 20 }, (_none, index) => index);

const storedRequests = async (requests: RequestStore, prefix: string) => {
  const made = EACH.map((index) => aRequest({ id: requestId(`R-${prefix}${index}`) }));
  for (const request of made) await requests.insert(request, [{ kind: 'cards' }], []);
  return made;
};

describe('of changes that share a command', () => {
  it('each counts as made or as too late by itself', async () => {
    const requests = createRequestStore(database.db);
    const made = await storedRequests(requests, 'MIXED');
    const isLate = (index: number): boolean => index % 3 === 0;
    const saved = await Promise.all(
      made.map((request, index) => requests.save({ ...request, reason: 'New' }, isLate(index) ? 7 : 1, [])),
    );
    expect(saved).toEqual(EACH.map((index) => !isLate(index)));
    for (const [index, { id, reason }] of made.entries()) {
      const expected = isLate(index) ? { version: 1, request: { reason } } : { version: 2, request: { reason: 'New' } };
      expect(await requests.load(id)).toMatchObject(expected);
    }
  });

  it('one of two rivals wins, although others are saved with them', async () => {
    const requests = createRequestStore(database.db);
    const made = await storedRequests(requests, 'RIVAL');
    const rivals = await Promise.all(
      made.map((request) =>
        Promise.all(['one', 'other'].map((reason) => requests.save({ ...request, reason }, 1, []))),
      ),
    );
    for (const [index, { id }] of made.entries()) {
      expect(rivals[index]?.filter(Boolean)).toHaveLength(1);
      const winner = rivals[index]?.[0] === true ? 'one' : 'other';
      expect(await requests.load(id)).toMatchObject({ version: 2, request: { reason: winner } });
    }
  });

  it('all count as made, once, where the answer to all was lost', async () => {
    const requests = createRequestStore(losingOneAnswer(database.db, 'bulkWrite'));
    const made = await storedRequests(requests, 'LOST');
    const saved = await Promise.all(made.map((request) => requests.save(request, 1, [{ kind: 'cards' }])));
    expect(saved).toEqual(EACH.map(() => true));
    for (const { id } of made) {
      const found = await requests.load(id);
      expect(found).toMatchObject({ version: 2 });
      expect(found?.outbox).toHaveLength(2);
    }
  });

  it('a save whose answer was lost is still known as its own after others have saved', async () => {
    const lossy = createRequestStore(losingOneAnswer(database.db, 'bulkWrite'));
    const requests = createRequestStore(database.db);
    const [request] = await storedRequests(requests, 'OVER');
    if (request === undefined) throw new TypeError('expected a request');
    const saving = lossy.save({ ...request, reason: 'First' }, 1, []);
    // The second attempt is 50 ms away.
    for (let version = 2; version < 5;) if (await requests.save(request, version, [])) version += 1;
    expect(await saving).toBe(true);
  });
});

describe('of rights that are taken in one command', () => {
  it('each goes to one of its rivals', async () => {
    const accounts = createAccountStore(database.db);
    const made = EACH.map((index) =>
      anAccount({ id: accountId(`contoso/P-${index}`), upn: `jit-${index}@contoso.example` }),
    );
    for (const account of made) await accounts.ensure(account);
    const taken = await Promise.all(
      made.flatMap(({ id }) => [accounts.lease(id, NOON, UNTIL), accounts.lease(id, NOON, UNTIL)]),
    );
    const holders = taken.flatMap((lease) => (lease === undefined ? [] : [lease.account.id]));
    expect(holders.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    const fences = taken.flatMap((lease) => (lease === undefined ? [] : [lease.fence]));
    expect(fences).toEqual(EACH.map(() => 1));
  });

  it('each is held, and not abandoned, where the answer to all was lost', async () => {
    const accounts = createAccountStore(losingOneAnswer(database.db, 'bulkWrite'));
    const made = EACH.map((index) =>
      anAccount({ id: accountId(`fabrikam/P-${index}`), upn: `jit-${index}@fabrikam.example` }),
    );
    for (const account of made) await accounts.ensure(account);
    const taken = await Promise.all(made.map(({ id }) => accounts.lease(id, NOON, UNTIL)));
    expect(taken).toEqual(made.map((account) => ({ account, fence: 1, abandoned: false })));
  });

  it('a delivery goes to one of its rivals, and is finished by whoever has it', async () => {
    const requests = createRequestStore(database.db);
    const made = await storedRequests(requests, 'CLAIM');
    const claims = await Promise.all(
      made.flatMap(({ id }) =>
        ['one', 'other'].map((token) => requests.claimDelivery(id, { token, now: NOON, until: UNTIL })),
      ),
    );
    expect(claims.flatMap((claim) => claim?.request.id ?? []).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    const owing = await Promise.all(
      made.map(({ id }, index) =>
        requests.finishDelivery(
          id,
          claims[2 * index] === undefined ? 'other' : 'one',
          index < 5 ? [] : [`${id}:1:0`],
          [],
          undefined,
        ),
      ),
    );
    expect(owing).toEqual(EACH.map((index) => index < 5));
  });
});
