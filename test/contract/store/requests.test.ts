import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, organizationId, personId, requestId, tenantId } from '../../../src/engine/ids.js';
import type { RequestId } from '../../../src/engine/ids.js';
import type { Effect, LedgerEntry, RequestStore } from '../../../src/flows/ports.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createRequestStore } from '../../../src/store/requests.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aRequest, NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: RequestStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createRequestStore(database.db);
});

afterAll(async () => {
  await database.close();
});

let count = 0;
const freshId = () => requestId(`R-${(count += 1)}`);

const CARDS: Effect = { kind: 'cards' };
const NOTICE: Effect = { kind: 'notice', to: personId('P-DANA'), notice: 'ended' };

const entry = (key: string, shown: string): LedgerEntry => ({
  key,
  shown,
  ref: { address: { platform: 'slack', conversation: 'D1' }, message: '1.2' },
});

const inParallel = async <T>(times: number, act: (index: number) => Promise<T>): Promise<readonly T[]> =>
  await Promise.all(Array.from({ length: times }, (_, index) => act(index)));

const wins = (outcomes: readonly boolean[]): number => outcomes.filter(Boolean).length;

describe('a request', () => {
  it('comes back as it was stored, with its effects and messages', async () => {
    const request = aRequest({ id: freshId(), ticket: 'INC-1' });
    expect(await store.insert(request, [CARDS], [entry('asked', 'a')])).toBe(true);
    expect(await store.load(request.id)).toEqual({
      request,
      version: 1,
      outbox: [{ id: `${request.id}:1:0`, effect: CARDS }],
      ledger: [entry('asked', 'a')],
    });
  });

  it('never takes the place of another with the same id', async () => {
    const id = freshId();
    const outcomes = await inParallel(20, (index) => store.insert(aRequest({ id, reason: `${index}` }), [], []));
    expect(wins(outcomes)).toBe(1);
    expect((await store.load(id))?.request.reason).toBe(`${outcomes.indexOf(true)}`);
  });

  it('is unknown until stored', async () => {
    expect(await store.load(freshId())).toBeUndefined();
  });
});

describe('saving', () => {
  it('lets exactly one of fifty simultaneous decisions through, and only its effects', async () => {
    const request = aRequest({ id: freshId() });
    await store.insert(request, [], []);
    const outcomes = await inParallel(50, (index) => store.save({ ...request, reason: `${index}` }, 1, [CARDS]));
    const stored = await store.load(request.id);
    expect(wins(outcomes)).toBe(1);
    expect(stored?.version).toBe(2);
    expect(stored?.request.reason).toBe(`${outcomes.indexOf(true)}`);
    expect(stored?.outbox).toEqual([{ id: `${request.id}:2:0`, effect: CARDS }]);
  });

  it('forgets fields that the next state no longer has', async () => {
    const request = aRequest({ id: freshId(), retryAt: NOON });
    await store.insert(request, [], []);
    const { retryAt: _gone, ...next } = request;
    await store.save(next, 1, []);
    expect((await store.load(request.id))?.request).toEqual(next);
  });

  it('refuses what was decided on an older version, or of a request that does not exist', async () => {
    const request = aRequest({ id: freshId() });
    await store.insert(request, [], []);
    await store.save(request, 1, []);
    expect(await store.save(request, 1, [CARDS])).toBe(false);
    expect(await store.save(aRequest({ id: freshId() }), 1, [])).toBe(false);
    expect((await store.load(request.id))?.outbox).toEqual([]);
  });
});

describe('due requests', () => {
  const dueIds = async (now: Date, limit: number): Promise<readonly RequestId[]> =>
    (await store.due(now, limit)).map(({ id }) => id);

  it('name their tenant, and those of a tenant that has its share already take no place from others', async () => {
    const at = addMs(NOON, -20 * HOUR);
    const [slow, other] = [freshId(), freshId()];
    await store.insert(aRequest({ id: slow, tenant: tenantId('slow'), lapsesAt: addMs(at, -HOUR) }), [], []);
    await store.insert(aRequest({ id: other, tenant: tenantId('other'), lapsesAt: addMs(at, -MINUTE) }), [], []);
    expect(await store.due(at, 1)).toEqual([{ id: slow, tenant: 'slow' }]);
    expect(await store.due(at, 1, [tenantId('slow')])).toEqual([{ id: other, tenant: 'other' }]);
    expect(await store.due(at, 9, [tenantId('slow'), tenantId('other')])).toEqual([]);
    for (const id of [slow, other]) {
      const lapsed = { ...aRequest({ id }), state: 'lapsed', decidedAt: at } as const;
      await store.save(lapsed, 1, []);
    }
  });

  it('are those whose time has come, the most overdue first', async () => {
    const [late, later, future, over] = [freshId(), freshId(), freshId(), freshId()];
    await store.insert(aRequest({ id: late, lapsesAt: addMs(NOON, -MINUTE) }), [], []);
    await store.insert(aRequest({ id: later, lapsesAt: addMs(NOON, -HOUR) }), [], []);
    await store.insert(aRequest({ id: future, lapsesAt: addMs(NOON, 1) }), [], []);
    await store.insert(aRequest({ id: over, state: 'cancelled', lapsesAt: addMs(NOON, -HOUR) }), [], []);
    expect(await dueIds(NOON, 10)).toEqual([later, late]);
    expect(await dueIds(NOON, 1)).toEqual([later]);
    expect(await dueIds(addMs(NOON, 1), 10)).toEqual([later, late, future]);
  });

  it('stop being due with the decision that ends them', async () => {
    const request = aRequest({ id: freshId(), lapsesAt: addMs(NOON, -9 * HOUR) });
    const at = addMs(NOON, -8 * HOUR);
    await store.insert(request, [], []);
    expect(await dueIds(at, 10)).toEqual([request.id]);
    await store.save({ ...request, state: 'lapsed', decidedAt: at }, 1, []);
    expect(await dueIds(at, 10)).toEqual([]);
  });
});

describe('delivery', () => {
  const UNTIL = addMs(NOON, MINUTE);

  const owing = async (effects: readonly Effect[], ledger: readonly LedgerEntry[] = []) => {
    const request = aRequest({ id: freshId() });
    await store.insert(request, effects, ledger);
    return request;
  };

  const isOwed = async (id: string, now: Date): Promise<boolean> =>
    (await store.undelivered(now, 1_000)).some((owed) => owed === id);

  it('is owed until the effects were performed', async () => {
    const { id } = await owing([CARDS, NOTICE]);
    const { id: nothing } = await owing([]);
    expect(await isOwed(id, NOON)).toBe(true);
    expect(await isOwed(nothing, NOON)).toBe(false);
    await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
    await store.finishDelivery(id, 'mine', [`${id}:1:0`], []);
    expect(await isOwed(id, NOON)).toBe(true);
    await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
    await store.finishDelivery(id, 'mine', [`${id}:1:1`], []);
    expect(await isOwed(id, NOON)).toBe(false);
    expect(await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL })).toBeUndefined();
  });

  it('is the right of exactly one of fifty who claim it', async () => {
    const { id } = await owing([CARDS]);
    const claims = await inParallel(50, (index) =>
      store.claimDelivery(id, { token: `token-${index}`, now: NOON, until: UNTIL }),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await isOwed(id, NOON)).toBe(false);
  });

  it('falls to another when its holder lets the time run out, and the late holder can neither record nor release', async () => {
    const { id } = await owing([CARDS]);
    await store.claimDelivery(id, { token: 'slow', now: NOON, until: UNTIL });
    expect(
      await store.claimDelivery(id, { token: 'next', now: addMs(UNTIL, -1), until: addMs(UNTIL, MINUTE) }),
    ).toBeUndefined();
    expect(await isOwed(id, UNTIL)).toBe(true);
    expect(await store.claimDelivery(id, { token: 'next', now: UNTIL, until: addMs(UNTIL, MINUTE) })).toBeDefined();
    await store.finishDelivery(id, 'slow', [`${id}:1:0`], [entry('asked', 'x')]);
    expect(await store.load(id)).toMatchObject({ outbox: [{ id: `${id}:1:0` }], ledger: [] });
    expect(
      await store.claimDelivery(id, { token: 'third', now: addMs(UNTIL, 1), until: addMs(UNTIL, MINUTE) }),
    ).toBeUndefined();
    await store.finishDelivery(id, 'next', [`${id}:1:0`], []);
    expect(await store.load(id)).toMatchObject({ outbox: [], ledger: [] });
  });

  it("may be taken with the save that makes it owed, and then is nobody else's", async () => {
    const request = await owing([CARDS], [entry('asked', 'x')]);
    const { id } = request;
    const right = { token: 'mine', now: NOON, until: UNTIL };
    const saved = await store.saveToDeliver({ ...request, reason: 'Another' }, 1, [NOTICE], right);
    expect(saved).toEqual(await store.load(id));
    expect(saved).toMatchObject({
      request: { reason: 'Another' },
      version: 2,
      outbox: [{ id: `${id}:1:0` }, { id: `${id}:2:0` }],
      ledger: [entry('asked', 'x')],
    });
    expect(await store.claimDelivery(id, { ...right, token: 'other' })).toBeUndefined();
    expect(await isOwed(id, NOON)).toBe(false);
    expect(await store.finishDelivery(id, 'mine', [`${id}:1:0`, `${id}:2:0`], [])).toBe(false);
    expect((await store.load(id))?.outbox).toEqual([]);
  });

  it('is not taken with a save that comes second, or while another has it, or before its time: nothing is saved', async () => {
    const request = await owing([CARDS]);
    const { id } = request;
    const right = { token: 'mine', now: NOON, until: UNTIL };
    const trySaving = (version: number) => store.saveToDeliver({ ...request, reason: 'No' }, version, [NOTICE], right);
    expect(await trySaving(2)).toBeUndefined();
    await store.claimDelivery(id, { ...right, token: 'other' });
    expect(await trySaving(1)).toBeUndefined();
    await store.finishDelivery(id, 'other', [], [], addMs(NOON, HOUR));
    expect(await trySaving(1)).toBeUndefined();
    expect(await store.load(id)).toMatchObject({ version: 1, request: { reason: request.reason } });
    expect(await isOwed(id, addMs(NOON, HOUR))).toBe(true);
  });

  it('waits as long as its last holder said', async () => {
    const { id } = await owing([CARDS]);
    await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
    await store.finishDelivery(id, 'mine', [], [], addMs(NOON, HOUR));
    expect(await isOwed(id, addMs(NOON, HOUR - 1))).toBe(false);
    expect(
      await store.claimDelivery(id, { token: 'next', now: addMs(NOON, HOUR - 1), until: addMs(NOON, HOUR) }),
    ).toBeUndefined();
    expect(await isOwed(id, addMs(NOON, HOUR))).toBe(true);
  });

  it('replaces what a message shows and adds messages, whatever their texts look like', async () => {
    const { id } = await owing([CARDS], [entry('asked', 'old'), entry('approval/slack:D1', 'kept')]);
    await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
    const written = [entry('asked', '$request.reason'), entry('approval/slack:$D2', '$$ROOT')];
    await store.finishDelivery(id, 'mine', [], written);
    expect((await store.load(id))?.ledger).toEqual([entry('approval/slack:D1', 'kept'), ...written]);
  });

  it('and decisions never undo each other, whichever comes first', async () => {
    const request = await owing([CARDS, NOTICE]);
    const { id } = request;
    await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
    // Twenty decisions, each in turn, while twenty deliveries, each in turn, are claimed and finished in between.
    const decide = async () => {
      for (let version = 1; version <= 20; version += 1) {
        expect(await store.save({ ...request, reason: `${version}` }, version, [NOTICE])).toBe(true);
      }
    };
    const deliver = async () => {
      for (let index = 0; index < 20; index += 1) {
        await store.finishDelivery(id, 'mine', [`${id}:1:0`], [entry(`card-${index}`, 'x')]);
        await store.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
      }
    };
    await Promise.all([deliver(), decide()]);
    const stored = await store.load(id);
    expect(stored?.version).toBe(21);
    expect(stored?.outbox.map((queued) => queued.id)).toEqual([
      `${id}:1:1`,
      ...Array.from({ length: 20 }, (_, index) => `${id}:${index + 2}:0`),
    ]);
    expect(stored?.ledger).toHaveLength(20);
  });
});

describe('finding requests', () => {
  it('by account and state', async () => {
    const account = accountId('fabrikam/P-1');
    const [active, closed] = [freshId(), freshId()];
    await store.insert(aRequest({ id: active, account, state: 'active' }), [], []);
    await store.insert(aRequest({ id: closed, account, state: 'closed' }), [], []);
    const found = await store.byAccount(account, ['provisioning', 'active']);
    expect(found.map(({ request }) => request.id)).toEqual([active]);
  });

  it('by requester, state and tenant, newest first', async () => {
    const [kim, ana] = [personId('P-KIM'), personId('P-ANA')];
    const [northwind, fabrikam] = [tenantId('northwind'), tenantId('fabrikam')];
    const [first, second, third, fourth] = [freshId(), freshId(), freshId(), freshId()];
    const stored = [
      aRequest({ id: first, requester: kim, tenant: northwind, createdAt: NOON }),
      aRequest({ id: third, requester: kim, tenant: fabrikam, createdAt: addMs(NOON, 2) }),
      aRequest({ id: second, requester: ana, tenant: northwind, createdAt: addMs(NOON, 1) }),
      aRequest({ id: fourth, requester: ana, tenant: northwind, createdAt: addMs(NOON, 3), state: 'denied' }),
    ];
    for (const request of stored) await store.insert(request, [], []);
    const ids = async (...asked: Parameters<RequestStore['list']>) =>
      (await store.list(...asked)).map((request) => request.id);
    expect(await ids({ requesters: [kim, ana] }, 10)).toEqual([fourth, third, second, first]);
    expect(await ids({ requesters: [kim, ana] }, 2)).toEqual([fourth, third]);
    expect(await ids({ requesters: [kim] }, 10)).toEqual([third, first]);
    expect(await ids({ tenant: northwind }, 10)).toEqual([fourth, second, first]);
    expect(await ids({ tenant: northwind, states: ['pending'] }, 10)).toEqual([second, first]);
    expect((await ids({}, 1)).length).toBe(1);
  });

  it('by whom they were asked of, and by organization', async () => {
    const [lou, org] = [{ id: personId('P-LOU'), name: 'Lou' }, organizationId('northwind')];
    const [asked, decided, theirs] = [freshId(), freshId(), freshId()];
    await store.insert(aRequest({ id: asked, asked: [...aRequest().asked, lou] }), [], []);
    await store.insert(aRequest({ id: decided, asked: [lou], state: 'denied' }), [], []);
    await store.insert(aRequest({ id: theirs, organization: org }), [], []);
    const ids = async (...wanted: Parameters<RequestStore['list']>) =>
      (await store.list(...wanted)).map((request) => request.id);
    expect(await ids({ askedOf: [lou.id], states: ['pending'] }, 10)).toEqual([asked]);
    expect(await ids({ organizations: [org] }, 10)).toEqual([theirs]);
    expect(await ids({ organizations: [] }, 10)).toEqual([]);
  });
});

describe('what the sweeper asks every few seconds', () => {
  it.each([
    ['due requests', { dueAt: { $lte: NOON } }],
    ['owed effects', { 'outbox.id': { $gt: '' } }],
  ])('reads %s alone, not everything that was ever stored', async (_what, question) => {
    const own = await createTestDatabase();
    await ensureIndexes(own.db);
    const requests = createRequestStore(own.db);
    const over = aRequest({ state: 'cancelled' });
    await inParallel(200, (index) => requests.insert({ ...over, id: requestId(`R-OVER-${index}`) }, [], []));
    await inParallel(3, (index) =>
      requests.insert(aRequest({ id: requestId(`R-${index}`), lapsesAt: NOON }), [CARDS], []),
    );
    const { executionStats } = await own.db.collection('requests').find(question).explain('executionStats');
    await own.close();
    expect(executionStats).toMatchObject({ nReturned: 3, totalDocsExamined: 3 });
  });
});
