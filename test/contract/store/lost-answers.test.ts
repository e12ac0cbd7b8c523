import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountId, groupId, identityKey, personId, requestId } from '../../../src/engine/ids.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createAccountStore } from '../../../src/store/accounts.js';
import { createConfigStore } from '../../../src/store/config.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createLinkStore } from '../../../src/store/links.js';
import { createPersonStore } from '../../../src/store/people.js';
import { createRequestStore } from '../../../src/store/requests.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aGroup, anAccount, anIdentity, aRequest, aTenant, NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer, losingOneCall } from '../../fakes/lossy-database.js';

// When a connection breaks between a write and its answer, the writer must learn what became of it, not the opposite.
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});

afterAll(async () => {
  await database.close();
});

const UNTIL = addMs(NOON, MINUTE);

it('an insert whose answer was lost counts as done, and one that finds another document does not', async () => {
  const request = aRequest({ id: requestId('R-INSERT') });
  const requests = createRequestStore(losingOneAnswer(database.db, 'insertOne'));
  expect(await requests.insert(request, [{ kind: 'cards' }], [])).toBe(true);
  const { tenants } = createConfigStore(losingOneAnswer(database.db, 'insertOne'));
  await createConfigStore(database.db).tenants.add(aTenant());
  expect(await tenants.add(aTenant({ name: 'Another' }))).toBe(false);
});

it('a change of configuration whose answer was lost counts as made', async () => {
  const store = createConfigStore(losingOneAnswer(database.db, 'replaceOne'));
  const group = aGroup({ id: groupId('G-LOST') });
  await store.groups.add(group);
  expect(await store.groups.replace({ ...group, name: 'Found' }, group)).toBe(true);
  expect((await store.groups.byId(group.id))?.name).toBe('Found');
});

it('a member whose joining lost its answer is in, once', async () => {
  const store = createConfigStore(losingOneAnswer(database.db, 'replaceOne'));
  const group = aGroup({ id: groupId('G-JOIN'), name: 'Joined', members: [] });
  await store.groups.add(group);
  await store.groups.addMembers(group.id, [personId('P-LEE')]);
  expect((await store.groups.byId(group.id))?.members).toEqual(['P-LEE']);
});

it('an appointment whose answer was lost counts as made, the first one and the next', async () => {
  const first = createConfigStore(losingOneAnswer(database.db, 'insertOne'));
  const nobody = await first.offices.read();
  const one = { ...nobody, owners: [personId('P-ONE')] };
  expect(await first.offices.replace(one, nobody)).toBe(true);
  const next = createConfigStore(losingOneAnswer(database.db, 'replaceOne'));
  const two = { ...one, auditors: [personId('P-TWO')] };
  expect(await next.offices.replace(two, one)).toBe(true);
  expect(await next.offices.read()).toEqual(two);
});

it('a decision whose answer was lost counts as made, once', async () => {
  const request = aRequest({ id: requestId('R-SAVE') });
  const requests = createRequestStore(losingOneAnswer(database.db, 'bulkWrite'));
  await requests.insert(request, [], []);
  expect(await requests.save(request, 1, [{ kind: 'cards' }])).toBe(true);
  expect(await requests.load(request.id)).toMatchObject({ version: 2, outbox: [{ id: 'R-SAVE:2:0' }] });
});

it('a decision whose answer was lost is made once, and the right that was taken with it is held', async () => {
  const request = aRequest({ id: requestId('R-BOTH') });
  const requests = createRequestStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
  await requests.insert(request, [], []);
  const right = { token: 'mine', now: NOON, until: UNTIL };
  const saved = await requests.saveToDeliver(request, 1, [{ kind: 'cards' }], right);
  expect(saved).toMatchObject({ version: 2, outbox: [{ id: 'R-BOTH:2:0' }] });
  expect(await requests.load(request.id)).toEqual(saved);
});

it('the right to deliver whose answer was lost is held', async () => {
  const requests = createRequestStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
  const { id } = aRequest({ id: requestId('R-CLAIM') });
  await requests.insert(aRequest({ id }), [{ kind: 'cards' }], []);
  expect(await requests.claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL })).toBeDefined();
});

it('a delivery that broke off before the database heard of its end is finished all the same', async () => {
  const requests = createRequestStore(losingOneCall(database.db, 'findOneAndUpdate'));
  const { id } = aRequest({ id: requestId('R-FINISH') });
  await createRequestStore(database.db).insert(aRequest({ id }), [{ kind: 'cards' }], []);
  await createRequestStore(database.db).claimDelivery(id, { token: 'mine', now: NOON, until: UNTIL });
  expect(await requests.finishDelivery(id, 'mine', ['R-FINISH:1:0'], [], undefined)).toBe(false);
  expect((await requests.load(id))?.outbox).toEqual([]);
});

it('a lease whose answer was lost is held, and was not abandoned', async () => {
  const account = anAccount({ id: accountId('contoso/P-LEASE') });
  const accounts = createAccountStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
  await accounts.ensure(account);
  expect(await accounts.lease(account.id, NOON, UNTIL)).toEqual({ account, fence: 1, abandoned: false });
});

it('a sealed password whose answer was lost is lost, and never handed out by a second attempt', async () => {
  const credential = {
    use: 'lent',
    generation: 1,
    sessionsRevoked: true,
    request: requestId('R-1'),
    sealed: 's',
  } as const;
  const account = anAccount({ id: accountId('contoso/P-TAKE'), upn: 'jit-take@contoso.example', credential });
  const accounts = createAccountStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
  await accounts.ensure(account);
  await expect(accounts.takeSealed(account.id, 1)).rejects.toThrow('connection closed');
  expect(await accounts.takeSealed(account.id, 1)).toBeUndefined();
});

it('two people whose joining lost its answer are one', async () => {
  const people = createPersonStore(losingOneAnswer(database.db, 'insertOne'));
  const [one, other] = [anIdentity('slack', 'UONE'), anIdentity('teams', 'o-two')];
  await people.appear(one, personId('P-ONE'));
  await people.appear(other, personId('P-TWO'));
  await people.join(personId('P-ONE'), personId('P-TWO'));
  expect(await people.byId(personId('P-TWO'))).toMatchObject({ id: 'P-ONE', identities: [one, other] });
});

it('a link whose holding lost its answer is held by whom it was, so that the owners are asked', async () => {
  const offer = { code: 'LOST', from: identityKey('slack', 'U1'), fromName: 'Dana', confirmedBy: [], expiresAt: UNTIL };
  await createLinkStore(database.db).insert(offer);
  const later = addMs(UNTIL, MINUTE);
  const links = createLinkStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
  expect(await links.hold('LOST', ['right'], later, NOON)).toEqual({ ...offer, held: ['right'], expiresAt: later });
  expect(await links.hold('LOST', ['other'], later, NOON)).toBeUndefined();
});
