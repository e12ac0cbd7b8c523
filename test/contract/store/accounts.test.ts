import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account, Credential, Pass } from '../../../src/engine/account.js';
import { accountId, requestId, roleId } from '../../../src/engine/ids.js';
import type { AccountStore } from '../../../src/flows/ports/accounts.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createAccountStore } from '../../../src/store/accounts.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { anAccount, NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: AccountStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createAccountStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const UNTIL = addMs(NOON, MINUTE);
const LATER = addMs(UNTIL, MINUTE);

let count = 0;

const stored = async (overrides: Partial<Account> = {}): Promise<Account> => {
  count += 1;
  const account = anAccount({ id: accountId(`contoso/P-${count}`), upn: `jit-${count}@contoso.example`, ...overrides });
  await store.ensure(account);
  return account;
};

const lent = (generation: number, sealed?: string): Account['credential'] => ({
  use: 'lent',
  generation,
  sessionsRevoked: false,
  request: requestId('R-1'),
  ...(sealed === undefined ? {} : { sealed }),
});

const leased = async (account: Account, now: Date, until: Date) => {
  const lease = await store.lease(account.id, now, until);
  if (lease === undefined) throw new TypeError('expected to get the lease');
  return lease;
};

describe('an account', () => {
  it('comes back as it was stored', async () => {
    const account = await stored({
      credential: lent(3, 'sealed text'),
      objectId: 'object-1',
      grants: [
        { access: { kind: 'sign-in' }, at: NOON },
        { access: { kind: 'role', role: roleId('role-1') }, at: NOON, assignment: 'assignment-1' },
      ],
      lastUsedAt: NOON,
    });
    expect(await store.load(account.id)).toEqual(account);
  });

  it('is made once, however many make sure of it', async () => {
    const account = anAccount({ id: accountId('contoso/P-ONCE'), upn: 'jit-once@contoso.example' });
    const ensured = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.ensure({ ...account, displayName: `Name ${index}` })),
    );
    expect(ensured).toEqual(Array(20).fill(true));
    const first = await store.load(account.id);
    await store.ensure({ ...account, displayName: 'Too late' });
    expect(await store.load(account.id)).toEqual(first);
  });

  it('shares its user principal name with no other of the tenant, however many want it at once', async () => {
    const namesakes = Array.from({ length: 20 }, (_, index) =>
      anAccount({ id: accountId(`contoso/P-SAM-${index}`), upn: 'jit-sam.lee@contoso.example' }),
    );
    const ensured = await Promise.all(namesakes.map((account) => store.ensure(account)));
    expect(ensured.filter(Boolean)).toHaveLength(1);
    const loaded = await Promise.all(namesakes.map(({ id }) => store.load(id)));
    expect(loaded.filter((account) => account !== undefined)).toHaveLength(1);
  });

  it('is unknown until stored', async () => {
    expect(await store.load(accountId('contoso/nobody'))).toBeUndefined();
    expect(await store.lease(accountId('contoso/nobody'), NOON, UNTIL)).toBeUndefined();
  });
});

describe('a lease', () => {
  it('is counted, so that whoever looked before knows whether anybody had the account since', async () => {
    const account = await stored();
    expect(await store.holding(account.id)).toEqual({ fence: 0, isHeld: false });
    const first = await leased(account, NOON, UNTIL);
    expect(await store.holding(account.id)).toEqual({ fence: first.fence, isHeld: true });
    await store.release(account.id, first.fence);
    expect(await store.holding(account.id)).toEqual({ fence: first.fence, isHeld: false });
    expect((await leased(account, NOON, UNTIL)).fence).toBe(first.fence + 1);
    expect(await store.holding(accountId('contoso/nobody'))).toBeUndefined();
  });

  it('goes to exactly one of fifty', async () => {
    const account = await stored();
    const leases = await Promise.all(Array.from({ length: 50 }, () => store.lease(account.id, NOON, UNTIL)));
    expect(leases.filter((lease) => lease !== undefined)).toEqual([{ account, fence: 1, abandoned: false }]);
  });

  it('can be had again after its release, with a higher fence, and was not abandoned', async () => {
    const account = await stored();
    const first = await leased(account, NOON, UNTIL);
    await store.release(account.id, first.fence);
    expect(await leased(account, NOON, UNTIL)).toMatchObject({ fence: first.fence + 1, abandoned: false });
  });

  it('tells the next holder that the last one vanished', async () => {
    const account = await stored();
    await leased(account, NOON, UNTIL);
    expect(await store.lease(account.id, addMs(UNTIL, -1), LATER)).toBeUndefined();
    expect(await leased(account, addMs(UNTIL, 1), LATER)).toMatchObject({ fence: 2, abandoned: true });
  });

  it('takes every right from the holder it was taken over from', async () => {
    const account = await stored();
    const slow = await leased(account, NOON, UNTIL);
    const next = await leased(account, addMs(UNTIL, 1), LATER);
    expect(await store.update({ ...account, displayName: 'Slow' }, slow.fence, LATER)).toBe(false);
    await store.release(account.id, slow.fence);
    expect(await store.update({ ...account, displayName: 'Next' }, next.fence, LATER)).toBe(true);
    expect((await store.load(account.id))?.displayName).toBe('Next');
  });

  it('is prolonged by an update', async () => {
    const account = await stored();
    const lease = await leased(account, NOON, UNTIL);
    await store.update(account, lease.fence, LATER);
    expect(await store.lease(account.id, addMs(UNTIL, 1), LATER)).toBeUndefined();
    expect(await leased(account, addMs(LATER, 1), addMs(LATER, MINUTE))).toMatchObject({ abandoned: true });
  });

  it('allows nothing after its release', async () => {
    const account = await stored();
    const lease = await leased(account, NOON, UNTIL);
    await store.release(account.id, lease.fence);
    expect(await store.update({ ...account, displayName: 'Ghost' }, lease.fence, LATER)).toBe(false);
  });
});

describe('an update', () => {
  it('stores everything the account has become, and forgets what it no longer has', async () => {
    const account = await stored({ objectId: 'object-1', lastUsedAt: NOON });
    const { fence } = await leased(account, NOON, UNTIL);
    const { objectId: _gone, ...rest } = account;
    const next: Account = { ...rest, displayName: '$$ROOT', creationSent: true, credential: lent(7, '$sealed') };
    expect(await store.update(next, fence, LATER)).toBe(true);
    expect(await store.load(account.id)).toEqual(next);
  });

  it('with a new generation replaces the sealed password, or drops it', async () => {
    const account = await stored({ credential: lent(1, 'one') });
    const { fence } = await leased(account, NOON, UNTIL);
    await store.update({ ...account, credential: lent(2, 'two') }, fence, LATER);
    expect((await store.load(account.id))?.credential).toEqual(lent(2, 'two'));
    const shut = { use: 'shut', generation: 3, sessionsRevoked: false } as const;
    await store.update({ ...account, credential: shut }, fence, LATER);
    expect((await store.load(account.id))?.credential).toEqual(shut);
    expect(await store.takeSealed(account.id, 2)).toBeUndefined();
    expect(await store.takeSealed(account.id, 3)).toBeUndefined();
  });
});

describe('another name', () => {
  it('is taken by whoever holds the lease, and leaves the old one to others', async () => {
    const account = await stored();
    const { fence } = await leased(account, NOON, UNTIL);
    expect(await store.rename(account.id, fence, '$new@contoso.example')).toBe(true);
    expect(await store.load(account.id)).toEqual({ ...account, upn: '$new@contoso.example' });
    const next = anAccount({ id: accountId('contoso/P-NEXT'), upn: account.upn });
    expect(await store.ensure(next)).toBe(true);
    await store.release(account.id, fence);
    expect(await store.rename(account.id, fence, 'late@contoso.example')).toBe(false);
  });

  it('is not taken from another account of the tenant', async () => {
    const [account, other] = [await stored(), await stored()];
    const { fence } = await leased(account, NOON, UNTIL);
    expect(await store.rename(account.id, fence, other.upn)).toBe(false);
    expect((await store.load(account.id))?.upn).toBe(account.upn);
  });
});

describe('the sealed password', () => {
  it('is given to exactly one of fifty who take it', async () => {
    const account = await stored({ credential: lent(4, 'once') });
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.takeSealed(account.id, 4)));
    expect(taken.filter((sealed) => sealed !== undefined)).toEqual(['once']);
    expect((await store.load(account.id))?.credential).toEqual(lent(4));
  });

  it('is not given for another generation', async () => {
    const account = await stored({ credential: lent(4, 'kept') });
    expect(await store.takeSealed(account.id, 3)).toBeUndefined();
    expect(await store.takeSealed(account.id, 5)).toBeUndefined();
    expect((await store.load(account.id))?.credential).toEqual(lent(4, 'kept'));
  });

  it('that was taken after a lease holder loaded the account is not brought back by that holder', async () => {
    const account = await stored({ credential: lent(5, 'taken') });
    const lease = await leased(account, NOON, UNTIL);
    expect(lease.account.credential).toEqual(lent(5, 'taken'));
    expect(await store.takeSealed(account.id, 5)).toBe('taken');
    const revoked = { ...lease.account.credential, sessionsRevoked: true };
    expect(await store.update({ ...lease.account, credential: revoked }, lease.fence, LATER)).toBe(true);
    expect((await store.load(account.id))?.credential).toEqual({ ...lent(5), sessionsRevoked: true });
    expect(await store.takeSealed(account.id, 5)).toBeUndefined();
  });

  it('survives the updates of a holder who loaded it before, and is still given once among them', async () => {
    const account = await stored({ credential: lent(6, 'mine') });
    const { fence, account: loaded } = await leased(account, NOON, UNTIL);
    const updates = Array.from({ length: 25 }, () => store.update(loaded, fence, LATER));
    const takes = Array.from({ length: 25 }, () => store.takeSealed(account.id, 6));
    const [updated, taken] = await Promise.all([Promise.all(updates), Promise.all(takes)]);
    expect(updated.every(Boolean)).toBe(true);
    expect(taken.filter((sealed) => sealed !== undefined)).toEqual(['mine']);
    expect(await store.takeSealed(account.id, 6)).toBeUndefined();
  });
});

const PASS = 'pass-1';

const issued = (sealed?: string, id = PASS): Pass => ({
  request: requestId('R-1'),
  number: 1,
  issued: { id, endsAt: LATER },
  ...(sealed === undefined ? {} : { sealed }),
});

const blind: Credential = { use: 'blind', generation: 2, sessionsRevoked: true };

describe('the sealed access pass', () => {
  const withPass = (sealed: string) => stored({ credential: blind, pass: issued(sealed) });

  it('is given to exactly one of fifty who take it', async () => {
    const account = await withPass('once');
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.takePass(account.id, PASS)));
    expect(taken.filter((sealed) => sealed !== undefined)).toEqual(['once']);
    expect((await store.load(account.id))?.pass).toEqual(issued());
  });

  it('is not given for another pass, nor as a password, nor for another account', async () => {
    const account = await withPass('kept');
    const other = await stored();
    expect(await store.takePass(account.id, 'pass-2')).toBeUndefined();
    expect(await store.takeSealed(account.id, blind.generation)).toBeUndefined();
    expect(await store.takePass(other.id, PASS)).toBeUndefined();
    expect((await store.load(account.id))?.pass).toEqual(issued('kept'));
  });

  it('is stored once the answer has told of it, and survives the later writes of its holder', async () => {
    const account = await stored({ credential: blind, pass: { request: requestId('R-1'), number: 1 } });
    const { fence } = await leased(account, NOON, UNTIL);
    expect(await store.update({ ...account, pass: issued('$born') }, fence, LATER)).toBe(true);
    // The holder's later writes may know of it or not: it was stored, and nobody has taken it.
    expect(await store.update({ ...account, pass: issued('$born'), lastUsedAt: NOON }, fence, LATER)).toBe(true);
    expect(await store.update({ ...account, pass: issued(), lastUsedAt: LATER }, fence, LATER)).toBe(true);
    expect((await store.load(account.id))?.pass).toEqual(issued('$born'));
    expect(await store.takePass(account.id, PASS)).toBe('$born');
  });

  it('that was taken after a lease holder loaded the account is not brought back by that holder', async () => {
    const account = await withPass('taken');
    const lease = await leased(account, NOON, UNTIL);
    expect(lease.account.pass).toEqual(issued('taken'));
    expect(await store.takePass(account.id, PASS)).toBe('taken');
    expect(await store.update({ ...lease.account, lastUsedAt: NOON }, lease.fence, LATER)).toBe(true);
    expect((await store.load(account.id))?.pass).toEqual(issued());
    expect(await store.takePass(account.id, PASS)).toBeUndefined();
  });

  it('is still given once among the updates of a holder who loaded it before', async () => {
    const account = await withPass('mine');
    const { fence, account: loaded } = await leased(account, NOON, UNTIL);
    const updates = Array.from({ length: 25 }, () => store.update(loaded, fence, LATER));
    const takes = Array.from({ length: 25 }, () => store.takePass(account.id, PASS));
    const [updated, taken] = await Promise.all([Promise.all(updates), Promise.all(takes)]);
    expect(updated.every(Boolean)).toBe(true);
    expect(taken.filter((sealed) => sealed !== undefined)).toEqual(['mine']);
    expect(await store.takePass(account.id, PASS)).toBeUndefined();
  });

  it('makes way for that of another pass', async () => {
    const account = await withPass('old');
    const { fence } = await leased(account, NOON, UNTIL);
    const next = issued('new', 'pass-2');
    await store.update({ ...account, pass: next }, fence, LATER);
    expect((await store.load(account.id))?.pass).toEqual(next);
    expect(await store.takePass(account.id, PASS)).toBeUndefined();
    expect(await store.takePass(account.id, 'pass-2')).toBe('new');
  });

  it.each<[string, Partial<Account>]>([
    ['is dropped', {}],
    ['is to be issued anew', { pass: { request: requestId('R-2'), number: 2 } }],
    ['is refused', { pass: { request: requestId('R-1'), number: 1, refused: true } }],
  ])('goes with a pass that %s, and never comes back', async (_, overrides) => {
    const account = await withPass('gone');
    const { fence } = await leased(account, NOON, UNTIL);
    const { pass: _old, ...rest } = account;
    await store.update({ ...rest, ...overrides }, fence, LATER);
    expect((await store.load(account.id))?.pass).toEqual(overrides.pass);
    expect(await store.takePass(account.id, PASS)).toBeUndefined();
    // Not even to a holder who says that it is the old one again.
    await store.update({ ...account, pass: issued() }, fence, LATER);
    expect(await store.takePass(account.id, PASS)).toBeUndefined();
  });

  it('and the sealed password are taken each by itself', async () => {
    const account = await stored({ credential: lent(3, 'password'), pass: issued('pass') });
    expect(await store.takePass(account.id, PASS)).toBe('pass');
    expect(await store.takeSealed(account.id, 3)).toBe('password');
  });
});

describe('a credential', () => {
  it.each<Credential>([
    { use: 'lent', generation: 3, sessionsRevoked: false, request: requestId('R-1'), sealed: 'sealed' },
    { use: 'blind', generation: 4, sessionsRevoked: false },
    { use: 'kept', generation: 5, sessionsRevoked: true },
    { use: 'shut', generation: 6, sessionsRevoked: true },
    { use: 'own', generation: 0, sessionsRevoked: true },
  ])('that is $use comes back as it was stored, at first and after an update', async (credential) => {
    const account = await stored({ credential });
    expect((await store.load(account.id))?.credential).toEqual(credential);
    const other = await stored();
    const { fence } = await leased(other, NOON, UNTIL);
    await store.update({ ...other, credential }, fence, LATER);
    expect((await store.load(other.id))?.credential).toEqual(credential);
  });

  it('that is not lent leaves no sealed password behind', async () => {
    for (const use of ['blind', 'kept', 'shut', 'own'] as const) {
      const account = await stored({ credential: lent(3, 'old') });
      const { fence } = await leased(account, NOON, UNTIL);
      await store.update({ ...account, credential: { use, generation: 3, sessionsRevoked: false } }, fence, LATER);
      expect(await store.takeSealed(account.id, 3)).toBeUndefined();
    }
  });
});
