import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey } from '../../../src/engine/ids.js';
import type { LinkOffer, LinkStore } from '../../../src/flows/ports.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createLinkStore } from '../../../src/store/links.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: LinkStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createLinkStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const SLACK = identityKey('slack', 'U1');
const TEAMS = identityKey('teams', 'object-1');
const STRANGER = identityKey('teams', 'object-2');
const END = addMs(NOON, 10 * MINUTE);

let count = 0;

const offered = async (): Promise<LinkOffer> => {
  const offer = { code: `CODE${(count += 1)}`, from: SLACK, fromName: 'Dana', confirmedBy: [], expiresAt: END };
  expect(await store.insert(offer)).toBe(true);
  return offer;
};

describe('an offer to link', () => {
  it('comes back as it was stored, and its code is taken', async () => {
    const offer = await offered();
    expect(await store.load(offer.code)).toEqual(offer);
    expect(await store.insert({ ...offer, from: STRANGER })).toBe(false);
    await store.remove(offer.code);
    expect(await store.load(offer.code)).toBeUndefined();
  });

  it('is claimed by exactly one of twenty strangers', async () => {
    const { code } = await offered();
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.claim(code, identityKey('teams', `o-${index}`), 'Somebody', NOON)),
    );
    const [claimed] = claims.filter((claim) => claim !== undefined);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await store.load(code)).toEqual(claimed);
  });

  it('may be claimed again by the same identity, never by a second', async () => {
    const offer = await offered();
    const claimed = { ...offer, to: TEAMS, toName: 'Dana Fox' };
    expect(await store.claim(offer.code, TEAMS, 'Dana Fox', NOON)).toEqual(claimed);
    expect(await store.claim(offer.code, TEAMS, 'Dana Fox', NOON)).toEqual(claimed);
    expect(await store.claim(offer.code, STRANGER, 'Mallory', NOON)).toBeUndefined();
    expect(await store.load(offer.code)).toEqual(claimed);
  });

  it('is confirmed by its two sides alone, each counted once', async () => {
    const { code } = await offered();
    await store.claim(code, TEAMS, 'Dana Fox', NOON);
    const confirmations = [SLACK, TEAMS, SLACK, TEAMS].map((by) => store.confirm(code, by, NOON));
    await Promise.all(confirmations);
    expect(await store.confirm(code, STRANGER, NOON)).toBeUndefined();
    expect((await store.load(code))?.confirmedBy.toSorted()).toEqual([SLACK, TEAMS]);
  });

  it('is dead once its time has come', async () => {
    const [claimed, untouched] = [await offered(), await offered()];
    await store.claim(claimed.code, TEAMS, 'Dana Fox', addMs(END, -1));
    expect(await store.confirm(claimed.code, SLACK, END)).toBeUndefined();
    expect(await store.claim(untouched.code, TEAMS, 'Dana Fox', END)).toBeUndefined();
    expect(await store.claim('NEVER', TEAMS, 'Dana Fox', NOON)).toBeUndefined();
  });

  it('is held for an owner by exactly one of twenty, with the rights and the time that this one saw', async () => {
    const { code } = await offered();
    await store.claim(code, TEAMS, 'Dana Fox', NOON);
    const holds = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.hold(code, [`right-${index}`], addMs(NOON, HOUR + index), NOON)),
    );
    const [held, ...others] = holds.filter((hold) => hold !== undefined);
    expect(others).toEqual([]);
    expect(held?.held).toHaveLength(1);
    expect(await store.load(code)).toEqual(held);
    const winner = holds.findIndex((hold) => hold !== undefined);
    expect(held).toMatchObject({ held: [`right-${winner}`], expiresAt: addMs(NOON, HOUR + winner) });
  });

  it('that is held outlives its first end, and is not held again with other rights', async () => {
    const { code } = await offered();
    await store.claim(code, TEAMS, 'Dana Fox', NOON);
    const held = await store.hold(code, [], addMs(NOON, HOUR), addMs(END, -1));
    expect(held).toMatchObject({ held: [], expiresAt: addMs(NOON, HOUR) });
    expect(await store.hold(code, ['more'], addMs(NOON, 2 * HOUR), END)).toBeUndefined();
    // Another code's claim sweeps what is over; this one is not.
    await store.claim('NEVER', TEAMS, 'Dana Fox', END);
    expect(await store.load(code)).toEqual(held);
  });

  it('is not held once its time has come, nor where there is none', async () => {
    const { code } = await offered();
    expect(await store.hold(code, ['right'], addMs(END, HOUR), END)).toBeUndefined();
    expect((await store.load(code))?.held).toBeUndefined();
    expect(await store.hold('NEVER', ['right'], addMs(END, HOUR), NOON)).toBeUndefined();
  });
});
