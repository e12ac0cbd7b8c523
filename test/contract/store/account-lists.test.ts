// Which accounts there are is told whole and in order, whatever their number; those that owe an end are free; and one is
// forgotten only by whoever holds it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Account, Credential } from '../../../src/engine/account.js';
import { accountId, requestId, tenantId } from '../../../src/engine/ids.js';
import type { AccountId } from '../../../src/engine/ids.js';
import type { AccountFilter, AccountStore } from '../../../src/flows/ports/accounts.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
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
beforeEach(async () => {
  await database.db.collection('accounts').deleteMany({});
});

afterAll(async () => {
  await database.close();
});

const CONTOSO = tenantId('contoso');
const FABRIKAM = tenantId('fabrikam');
const UNTIL = addMs(NOON, MINUTE);

const stored = async (name: string, overrides: Partial<Account> = {}): Promise<Account> => {
  const tenant = overrides.tenant ?? CONTOSO;
  const account = anAccount({
    id: accountId(`${tenant}/${name}`),
    upn: `jit-${name.toLowerCase()}@${tenant}.example`,
    tenant,
    ...overrides,
  });
  expect(await store.ensure(account)).toBe(true);
  return account;
};

const idsOf = (accounts: readonly Account[]): readonly AccountId[] => accounts.map(({ id }) => id);

const used = (use: 'shut' | 'kept' | 'blind' | 'own' | 'lent'): Credential =>
  use === 'lent'
    ? { use, generation: 1, sessionsRevoked: true, request: requestId('R-1') }
    : { use, generation: 1, sessionsRevoked: true };

const heldNow = async ({ id }: Account, now = NOON, until = UNTIL): Promise<number> => {
  const lease = await store.lease(id, now, until);
  if (lease === undefined) throw new TypeError('expected to get the lease');
  return lease.fence;
};

describe('the accounts of a tenant', () => {
  const pagesOf = async (size: number): Promise<readonly (readonly Account[])[]> => {
    const pages: (readonly Account[])[] = [];
    do pages.push(await store.byTenant(CONTOSO, pages.at(-1)?.at(-1)?.id, size));
    while (pages.at(-1)?.length === size);
    return pages;
  };

  it.each([1, 2, 3, 7, 8])('come whole, each once, in the order of their ids, in pages of %i', async (size) => {
    const names = ['P-D', 'P-a', 'P-B', 'P-0', 'F-R-9', 'P-C', 'E-Z'];
    for (const name of names) await stored(name, { objectId: `object-${name}` });
    await stored('P-B', { tenant: FABRIKAM });
    const pages = await pagesOf(size);
    expect(idsOf(pages.flat())).toEqual(names.map((name) => `contoso/${name}`).toSorted());
    expect(pages.every((page) => page.length <= size)).toBe(true);
  });

  it('are none where the tenant is unknown, or only begins with the same letters', async () => {
    await stored('P-A', { tenant: tenantId('contoso-2') });
    expect(await store.byTenant(CONTOSO, undefined, 10)).toEqual([]);
  });

  it('go on behind one that was forgotten meanwhile', async () => {
    const accounts = [await stored('P-A'), await stored('P-B'), await stored('P-C')];
    const [first] = await store.byTenant(CONTOSO, undefined, 1);
    await store.forget(first!.id, await heldNow(first!));
    expect(await store.byTenant(CONTOSO, first!.id, 10)).toEqual(accounts.slice(1));
  });
});

describe('the accounts of several tenants', () => {
  it('come whole, or not at all where there are more than anybody wants to hold', async () => {
    const accounts = [await stored('P-A'), await stored('P-A', { tenant: FABRIKAM }), await stored('P-B')];
    await stored('P-A', { tenant: tenantId('contoso-2') });
    const found = await store.ofTenants([CONTOSO, FABRIKAM], 3);
    expect(idsOf(found ?? []).toSorted()).toEqual(idsOf(accounts).toSorted());
    expect(await store.ofTenants([CONTOSO, FABRIKAM], 2)).toBeUndefined();
  });
});

describe('a list', () => {
  const listed = async (filter: AccountFilter): Promise<readonly AccountId[]> =>
    idsOf((await store.list(filter, { skip: 0, limit: 100 })).items).toSorted();

  it('has the most recently used first, the never used last, and equals in the order of their ids', async () => {
    await stored('P-C', { lastUsedAt: NOON });
    await stored('P-D');
    await stored('P-A', { lastUsedAt: NOON });
    await stored('P-B', { lastUsedAt: addMs(NOON, HOUR), tenant: FABRIKAM });
    const { items, total } = await store.list({}, { skip: 0, limit: 10 });
    expect(idsOf(items)).toEqual(['fabrikam/P-B', 'contoso/P-A', 'contoso/P-C', 'contoso/P-D']);
    expect(total).toBe(4);
  });

  it('is told whole in pages, with how many there are on each of them', async () => {
    for (const name of ['P-A', 'P-B', 'P-C', 'P-D', 'P-E']) await stored(name, { lastUsedAt: NOON });
    const pages = await Promise.all([0, 2, 4, 6].map((skip) => store.list({}, { skip, limit: 2 })));
    expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1, 0]);
    expect(new Set(pages.flatMap(({ items }) => idsOf(items))).size).toBe(5);
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
  });

  it('is of the tenants asked for; of none where none may be seen', async () => {
    await stored('P-A');
    await stored('P-B', { tenant: FABRIKAM });
    expect(await listed({ tenants: [FABRIKAM] })).toEqual(['fabrikam/P-B']);
    expect(await listed({ tenants: [FABRIKAM, CONTOSO] })).toHaveLength(2);
    expect(await store.list({ tenants: [] }, { skip: 0, limit: 10 })).toEqual({ items: [], total: 0 });
  });

  it('of open ones has those that somebody can sign in with', async () => {
    for (const use of ['shut', 'kept', 'blind', 'own', 'lent'] as const) await stored(use, { credential: used(use) });
    expect(await listed({ open: true })).toEqual(['contoso/blind', 'contoso/kept', 'contoso/lent']);
  });

  it('of unused ones has those that are shut since, never used ones too, and no user who was there before', async () => {
    const since = addMs(NOON, -90 * DAY);
    await stored('long-ago', { lastUsedAt: addMs(since, -1) });
    await stored('at-the-edge', { lastUsedAt: since });
    await stored('later', { lastUsedAt: addMs(since, 1) });
    await stored('never');
    for (const use of ['kept', 'blind', 'own', 'lent'] as const) await stored(use, { credential: used(use) });
    expect(await listed({ unusedSince: since })).toEqual(['contoso/at-the-edge', 'contoso/long-ago', 'contoso/never']);
  });
});

describe('a user principal name', () => {
  it('finds every account that has it, in whatever tenant and however it is written', async () => {
    const upn = 'jit-sam.lee@shared.example';
    const both = [await stored('P-A', { upn }), await stored('P-B', { upn, tenant: FABRIKAM })];
    await stored('P-C', { upn: 'jit-sam.leed@shared.example' });
    for (const written of [upn, 'JIT-Sam.Lee@Shared.example']) {
      expect(idsOf(await store.byUpn(written)).toSorted()).toEqual(idsOf(both));
    }
    expect(await store.byUpn('jit-nobody@shared.example')).toEqual([]);
  });

  it('is a name and no pattern', async () => {
    await stored('P-A');
    expect(await store.byUpn('.*')).toEqual([]);
  });

  it('finds one that a directory wrote with capitals, as it was written', async () => {
    const account = await stored('P-A', { upn: 'Megan.Bowen@contoso.example' });
    expect(await store.byUpn('Megan.Bowen@contoso.example')).toEqual([account]);
  });
});

describe('accounts that owe an end', () => {
  it('are told unless somebody is at them, and again once whoever was at them has vanished', async () => {
    const account = await stored('P-A', { owed: 'disable' });
    await stored('P-B');
    expect(await store.owing(NOON, 10)).toEqual([account.id]);
    const fence = await heldNow(account);
    expect(await store.owing(NOON, 10)).toEqual([]);
    expect(await store.owing(addMs(UNTIL, -1), 10)).toEqual([]);
    expect(await store.owing(UNTIL, 10)).toEqual([account.id]);
    await store.release(account.id, fence);
    expect(await store.owing(NOON, 10)).toEqual([account.id]);
  });

  it('are no longer told once they are paid', async () => {
    const { owed: _paid, ...rest } = await stored('P-A', { owed: 'keep' });
    const fence = await heldNow(rest);
    await store.update(rest, fence, UNTIL);
    await store.release(rest.id, fence);
    expect(await store.owing(NOON, 10)).toEqual([]);
  });

  it('are told a few at a time, so that nobody at work hides those who wait', async () => {
    const accounts = await Promise.all(
      Array.from({ length: 5 }, (_, index) => stored(`P-${index}`, { owed: 'delete' })),
    );
    for (const one of accounts.slice(0, 3)) await heldNow(one);
    expect((await store.owing(NOON, 2)).toSorted()).toEqual(idsOf(accounts.slice(3)));
    expect(await store.owing(NOON, 1)).toHaveLength(1);
  });
});

describe('forgetting', () => {
  it('takes one that is held, and nothing else', async () => {
    const [gone, stays] = [await stored('P-A'), await stored('P-B')];
    expect(await store.forget(gone.id, await heldNow(gone))).toBe(true);
    expect(await store.load(gone.id)).toBeUndefined();
    expect(await store.load(stays.id)).toEqual(stays);
  });

  it('is refused to whoever has no lease, has given it back, or has lost it to another', async () => {
    const account = await stored('P-A');
    expect(await store.forget(account.id, 0)).toBe(false);
    const released = await heldNow(account);
    await store.release(account.id, released);
    expect(await store.forget(account.id, released)).toBe(false);
    const slow = await heldNow(account);
    const next = await heldNow(account, addMs(UNTIL, 1), addMs(UNTIL, HOUR));
    expect(await store.forget(account.id, slow)).toBe(false);
    expect(await store.load(account.id)).toEqual(account);
    expect(await store.forget(account.id, next)).toBe(true);
  });

  it('happens once, and frees the name for another account', async () => {
    const account = await stored('P-A');
    const fence = await heldNow(account);
    const times = await Promise.all(Array.from({ length: 20 }, () => store.forget(account.id, fence)));
    expect(times.filter(Boolean)).toHaveLength(1);
    expect(await store.ensure(anAccount({ id: accountId('contoso/P-OTHER'), upn: account.upn }))).toBe(true);
    expect(await store.lease(account.id, NOON, UNTIL)).toBeUndefined();
  });
});
