import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCandidate } from '../../../src/engine/break-glass.js';
import type { BreakGlassAccount } from '../../../src/engine/break-glass.js';
import { breakGlassId, directoryUserId, personId, tenantId, viewId } from '../../../src/engine/ids.js';
import type { BreakGlassStore } from '../../../src/flows/ports/break-glass.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { createBreakGlassStore } from '../../../src/store/break-glass.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { releaseClaimsOfTheDead } from '../../../src/store/takeover.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { aBreakGlassAccount, NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: BreakGlassStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createBreakGlassStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const UNTIL = addMs(NOON, 5 * MINUTE);
const LATER = addMs(UNTIL, MINUTE);
const TOMORROW = addMs(NOON, DAY);

let count = 0;

/** Its rotation is due at noon, unless said otherwise, and its tenant is its alone. */
const stored = async (overrides: Partial<BreakGlassAccount> = {}): Promise<BreakGlassAccount> => {
  const tenant = tenantId(`tenant-${(count += 1)}`);
  const account = aBreakGlassAccount({ id: breakGlassId(tenant, 'emergency1'), tenant, rotateAt: NOON, ...overrides });
  expect(await store.insert(account)).toBe(true);
  return account;
};

const stopped = async (): Promise<BreakGlassAccount> => {
  const { rotateAt: _due, ...account } = await stored();
  const held = await leased(account);
  await store.update(account, held.fence, UNTIL);
  await store.release(account.id, held.fence);
  return account;
};

const leased = async ({ id }: BreakGlassAccount, now = NOON, until = UNTIL) => {
  const lease = await store.lease(id, now, until);
  if (lease === undefined) throw new TypeError('expected to get the lease');
  return lease;
};

const dueOnes = async (now: Date, except: BreakGlassAccount['tenant'][] = []) =>
  (await store.due(now, 1_000, except)).map(({ id }) => id);

const sealedOne = { sealed: 'sealed $literal', recipients: ['age1one', 'age1two'], at: NOON };

describe('a break-glass account', () => {
  it('comes back as it was stored, with everything that can be known of it', async () => {
    const account = await stored({
      objectId: directoryUserId('object-1'),
      creationSentAt: NOON,
      candidates: [
        { number: 3, ...sealedOne },
        { number: 2, ...sealedOne, answer: { kind: 'unclear', at: NOON } },
        { number: 1, ...sealedOne, answer: { kind: 'set', at: NOON } },
      ],
      rotateFor: 'revealed',
      rotatedAt: NOON,
      trouble: { attempts: 2, since: NOON, code: 'graph.forbidden', clause: 'it may not' },
      alarmed: { times: 2, at: NOON },
      drilled: { at: NOON, by: personId('P-DANA') },
      used: { at: NOON, says: 'Azure Portal from 192.0.2.7', view: viewId('V-7K2M') },
    });
    expect(await store.load(account.id)).toEqual(account);
    expect(await store.ofTenant(account.tenant)).toEqual([account]);
  });

  it('is there once', async () => {
    const account = await stored();
    expect(await store.insert({ ...account, upn: 'another' })).toBe(false);
    expect(await store.load(account.id)).toEqual(account);
  });

  it('is found page by page, each once, in the order of the ids', async () => {
    const ids = [(await stored()).id, (await stored()).id, (await stored()).id];
    const seen: string[] = [];
    for (let page = await store.all(undefined, 2); page.length > 0; page = await store.all(page.at(-1)?.id, 2)) {
      expect(page.length).toBeLessThanOrEqual(2);
      seen.push(...page.map(({ id }) => id));
    }
    expect(seen).toEqual(seen.toSorted());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });
});

describe('its lease', () => {
  it('is had by one of many who want it at once', async () => {
    const account = await stored();
    const leases = await Promise.all(Array.from({ length: 12 }, () => store.lease(account.id, NOON, UNTIL)));
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('is had by the next one once it ran out, and then the one before can write and release nothing', async () => {
    const account = await stored();
    const first = await leased(account);
    const second = await leased(account, UNTIL, LATER);
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(await store.update({ ...first.account, upn: 'late' }, first.fence, LATER)).toBe(false);
    expect(await store.forget(account.id, first.fence)).toBe(false);
    await store.release(account.id, first.fence);
    expect(await store.lease(account.id, UNTIL, LATER)).toBeUndefined();
    expect(await store.load(account.id)).toEqual(account);
  });

  it('lasts until what its holder wrote last said', async () => {
    const account = await stored();
    const { fence } = await leased(account);
    expect(await store.update(account, fence, LATER)).toBe(true);
    expect(await store.lease(account.id, UNTIL, TOMORROW)).toBeUndefined();
    expect(await store.lease(account.id, LATER, TOMORROW)).toBeDefined();
  });

  it('ends with a write that says so, and not before', async () => {
    const account = await stored();
    const { fence } = await leased(account);
    const lossy = createBreakGlassStore(losingOneAnswer(database.db, 'updateOne'));
    expect(await lossy.update({ ...account, upn: 'last' }, fence, undefined)).toBe(true);
    expect(await store.update({ ...account, upn: 'late' }, fence, UNTIL)).toBe(false);
    expect(await store.update({ ...account, upn: 'late' }, fence, undefined)).toBe(false);
    expect(await store.lease(account.id, NOON, UNTIL)).toMatchObject({ account: { upn: 'last' } });
    expect(await store.update({ ...account, upn: 'late' }, fence, undefined)).toBe(false);
  });

  it('of a dead process is free at once for the one that is alone with the database now', async () => {
    const account = await stored();
    const dead = await leased(account);
    await releaseClaimsOfTheDead(database.db);
    const next = await leased(account);
    expect(next.fence).toBeGreaterThan(dead.fence);
    expect(await store.update(account, dead.fence, UNTIL)).toBe(false);
  });

  it('whose answer was lost is found again by whoever asked for it, and by nobody else', async () => {
    const account = await stored();
    const lossy = createBreakGlassStore(losingOneAnswer(database.db, 'findOneAndUpdate'));
    expect(await lossy.lease(account.id, NOON, UNTIL)).toMatchObject({ account, fence: 1 });
    expect(await store.lease(account.id, NOON, UNTIL)).toBeUndefined();
  });

  it('is needed to write and to forget: without one nothing happens', async () => {
    const account = await stored();
    const { fence } = await leased(account);
    await store.release(account.id, fence);
    expect(await store.update({ ...account, upn: 'late' }, fence, UNTIL)).toBe(false);
    expect(await store.forget(account.id, fence)).toBe(false);
    expect(await store.load(account.id)).toEqual(account);
    const next = await leased(account);
    expect(await store.forget(account.id, next.fence)).toBe(true);
    expect(await store.load(account.id)).toBeUndefined();
  });
});

describe('the next rotation', () => {
  it('is due when it is, most overdue first, unless somebody is at it or its tenant is left out', async () => {
    const late = await stored({ rotateAt: addMs(NOON, -3 * HOUR) });
    const later = await stored({ rotateAt: addMs(NOON, -2 * HOUR) });
    const held = await stored({ rotateAt: addMs(NOON, -4 * HOUR) });
    const left = await stored({ rotateAt: addMs(NOON, -5 * HOUR) });
    const ahead = await stored({ rotateAt: TOMORROW });
    const { id: never } = await stopped();
    await leased(held);
    const due = await dueOnes(NOON, [left.tenant]);
    const among = due.filter((id) => [late, later, held, left, ahead].some((one) => one.id === id));
    expect(among).toEqual([late.id, later.id]);
    expect(due).not.toContain(never);
    expect(await dueOnes(UNTIL)).toContain(held.id);
    expect(await store.due(NOON, 1, [])).toEqual([{ id: left.id, tenant: left.tenant }]);
  });

  it('comes sooner where that is asked for, and never later', async () => {
    const account = await stored({ rotateAt: TOMORROW, rotateFor: 'schedule' });
    const soon = addMs(NOON, HOUR);
    expect(await store.rotateBy(account.id, soon, 'revealed')).toBe(true);
    expect(await store.load(account.id)).toMatchObject({ rotateAt: soon, rotateFor: 'revealed' });
    expect(await store.rotateBy(account.id, addMs(soon, HOUR), 'demand')).toBe(true);
    expect(await store.load(account.id)).toMatchObject({ rotateAt: soon, rotateFor: 'revealed' });
    expect(await dueOnes(addMs(soon, -1))).not.toContain(account.id);
    expect(await dueOnes(soon)).toContain(account.id);
  });

  it('is what was asked for, once somebody has begun it: the next plan counts again', async () => {
    const account = await stored({ rotateAt: TOMORROW });
    await store.rotateBy(account.id, NOON, 'demand');
    const held = await leased(account);
    expect(held.account).toMatchObject({ rotateAt: NOON, rotateFor: 'demand' });
    const { rotateFor: _done, ...done } = held.account;
    await store.update({ ...done, rotateAt: addMs(TOMORROW, DAY) }, held.fence, UNTIL);
    await store.release(account.id, held.fence);
    expect(await store.load(account.id)).toEqual({ ...account, rotateAt: addMs(TOMORROW, DAY) });
    expect(await dueOnes(TOMORROW)).not.toContain(account.id);
  });

  it('is not forgotten by who crashed after beginning what was asked for', async () => {
    const account = await stored({ rotateAt: TOMORROW });
    await store.rotateBy(account.id, NOON, 'recipients');
    await leased(account);
    expect(await dueOnes(UNTIL)).toContain(account.id);
    expect((await leased(account, UNTIL, LATER)).account).toMatchObject({ rotateAt: NOON, rotateFor: 'recipients' });
  });

  it.each([
    ['at the same time as the one under way', 0],
    ['sooner', -HOUR],
    ['later than it, and sooner than the next', HOUR],
  ])('asked for during one is another, though the one under way was due: %s', async (_when, ms) => {
    const account = await stored();
    const { fence } = await leased(account);
    const at = addMs(NOON, ms);
    expect(await store.rotateBy(account.id, at, 'recipients')).toBe(true);
    await store.update({ ...withCandidate(account, sealedOne), rotateAt: TOMORROW }, fence, UNTIL);
    await store.release(account.id, fence);
    const after = await store.load(account.id);
    expect(after).toMatchObject({ rotateAt: at, rotateFor: 'recipients' });
    expect(after?.candidates).toHaveLength(1);
    expect(await dueOnes(addMs(NOON, HOUR))).toContain(account.id);
    expect((await leased(account, TOMORROW, addMs(TOMORROW, 1))).account).toMatchObject({ rotateFor: 'recipients' });
  });

  it('that was due is what was asked for just before it began', async () => {
    const account = await stored({ rotateAt: addMs(NOON, -HOUR) });
    await store.rotateBy(account.id, NOON, 'recipients');
    const held = await leased(account);
    expect(held.account).toMatchObject({ rotateAt: addMs(NOON, -HOUR), rotateFor: 'recipients' });
    await store.update({ ...account, rotateAt: TOMORROW }, held.fence, undefined);
    expect(await store.load(account.id)).toEqual({ ...account, rotateAt: TOMORROW });
  });

  it('that is planned for no cause does not stand for one that was asked for later: it may be about the role alone', async () => {
    const account = await stored({ rotateAt: addMs(NOON, MINUTE) });
    await store.rotateBy(account.id, addMs(NOON, HOUR), 'revealed');
    const held = await leased(account, addMs(NOON, MINUTE));
    await store.update({ ...held.account, rotateAt: TOMORROW }, held.fence, undefined);
    expect(await store.load(account.id)).toMatchObject({ rotateAt: addMs(NOON, HOUR), rotateFor: 'revealed' });
  });

  it('that is planned for a cause stands for whatever is asked for later', async () => {
    const account = await stored({ rotateAt: addMs(NOON, MINUTE), rotateFor: 'demand' });
    await store.rotateBy(account.id, addMs(NOON, HOUR), 'revealed');
    const held = await leased(account, addMs(NOON, MINUTE));
    const { rotateFor: _done, ...done } = held.account;
    await store.update({ ...done, rotateAt: TOMORROW }, held.fence, undefined);
    expect(await store.load(account.id)).toEqual({ ...done, rotateAt: TOMORROW });
  });

  it('yields to one that its holder planned still sooner', async () => {
    const account = await stored();
    const { fence } = await leased(account);
    await store.rotateBy(account.id, addMs(NOON, HOUR), 'revealed');
    await store.update({ ...account, rotateAt: addMs(NOON, MINUTE), rotateFor: 'schedule' }, fence, UNTIL);
    expect(await store.load(account.id)).toMatchObject({ rotateAt: addMs(NOON, MINUTE), rotateFor: 'schedule' });
  });

  it('is never asked of an account that is stopped or gone, and a stop drops what was asked for', async () => {
    const account = await stored();
    const held = await leased(account);
    await store.rotateBy(account.id, addMs(NOON, -HOUR), 'demand');
    const { rotateAt: _due, ...halted } = held.account;
    expect(await store.update(halted, held.fence, UNTIL)).toBe(true);
    await store.release(account.id, held.fence);
    expect(await store.load(account.id)).toEqual(halted);
    expect(await store.rotateBy(account.id, NOON, 'demand')).toBe(false);
    expect(await store.rotateBy(breakGlassId(account.tenant, 'nobody'), NOON, 'demand')).toBe(false);
    expect(await dueOnes(TOMORROW)).not.toContain(account.id);
    const again = await leased(account);
    await store.update({ ...halted, rotateAt: TOMORROW }, again.fence, UNTIL);
    expect(await store.load(account.id)).toMatchObject({ rotateAt: TOMORROW });
  });
});

describe('what is noted', () => {
  it('is kept, whatever the holder of the lease knew when it began', async () => {
    const account = await stored({ drilled: { at: NOON, by: personId('P-DANA') } });
    const { fence } = await leased(account);
    const noted = {
      used: { at: NOON, says: 'signed in' },
      drilled: { at: LATER, by: personId('P-LUIS') },
      alarmed: { times: 1, at: LATER },
    };
    await store.note(account.id, { used: noted.used, drilled: noted.drilled });
    await store.note(account.id, { alarmed: noted.alarmed });
    await store.note(account.id, {});
    await store.update({ ...account, rotatedAt: NOON, alarmed: { times: 9, at: NOON } }, fence, UNTIL);
    expect(await store.load(account.id)).toEqual({ ...account, rotatedAt: NOON, ...noted });
  });
});

it('a write whose answer was lost counts as done', async () => {
  const lossy = (operation: Parameters<typeof losingOneAnswer>[1]) =>
    createBreakGlassStore(losingOneAnswer(database.db, operation));
  const account = aBreakGlassAccount({ id: breakGlassId(tenantId('lost'), 'one'), rotateAt: TOMORROW });
  expect(await lossy('insertOne').insert(account)).toBe(true);
  expect(await lossy('updateOne').rotateBy(account.id, NOON, 'demand')).toBe(true);
  const { fence, account: held } = await leased(account);
  expect(await lossy('updateOne').update({ ...held, upn: 'new' }, fence, UNTIL)).toBe(true);
  expect(await store.load(account.id)).toMatchObject({ upn: 'new', rotateAt: NOON });
  expect(await lossy('deleteOne').forget(account.id, fence)).toBe(true);
});
