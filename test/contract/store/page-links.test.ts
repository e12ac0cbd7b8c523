import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personId } from '../../../src/engine/ids.js';
import type { PageLink, PageLinkStore } from '../../../src/flows/ports/page-links.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { Redacted } from '../../../src/lib/redacted.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createPageLinkStore } from '../../../src/store/page-links.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;
let store: PageLinkStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createPageLinkStore(database.db);
});

afterAll(async () => {
  await database.close();
});

const END = addMs(NOON, 5 * MINUTE);
const JUST_BEFORE = addMs(END, -1);
const LINK: PageLink = { kind: 'passkey-approve', person: personId('P-1'), facts: { request: 'R-1' }, expiresAt: END };

let count = 0;

const issued = async (link: PageLink = LINK): Promise<Redacted<string>> => {
  const token = redacted(`token-${(count += 1)}`);
  await store.issue(token, link, NOON);
  return token;
};

describe('a page link', () => {
  it('shows what it is for as often as somebody looks, and is taken by exactly one of twenty', async () => {
    const token = await issued();
    expect(await store.look(token, LINK.kind, JUST_BEFORE)).toEqual(LINK);
    expect(await store.look(token, LINK.kind, JUST_BEFORE)).toEqual(LINK);
    const takes = await Promise.all(Array.from({ length: 20 }, () => store.take(token, LINK.kind, JUST_BEFORE)));
    expect(takes.filter((taken) => taken !== undefined)).toEqual([LINK]);
    expect(await store.look(token, LINK.kind, NOON)).toBeUndefined();
  });

  it('opens nothing under another kind, and is dead the moment its time has come', async () => {
    const token = await issued();
    expect(await store.look(token, 'passkey-enrol', NOON)).toBeUndefined();
    expect(await store.take(token, 'passkey-enrol', NOON)).toBeUndefined();
    expect(await store.challenge(token, 'passkey-enrol', 'c', NOON)).toBe(false);
    expect(await store.look(token, LINK.kind, END)).toBeUndefined();
    expect(await store.take(token, LINK.kind, END)).toBeUndefined();
    expect(await store.challenge(token, LINK.kind, 'c', END)).toBe(false);
    expect(await store.look(redacted('never'), LINK.kind, NOON)).toBeUndefined();
  });

  it('is stored without its token, so that the database opens no page', async () => {
    const token = redacted('a-token-to-search-for');
    await store.issue(token, LINK, NOON);
    const stored = JSON.stringify(await database.db.collection('pageLinks').find().toArray());
    expect(stored).toContain('R-1');
    expect(stored).not.toContain(token.reveal());
  });

  it('leaves the database when it has expired and another is issued', async () => {
    await issued({ ...LINK, kind: 'old', expiresAt: addMs(NOON, -1) });
    expect(await database.db.collection('pageLinks').countDocuments({ kind: 'old' })).toBe(1);
    await issued();
    expect(await database.db.collection('pageLinks').countDocuments({ kind: 'old' })).toBe(0);
  });

  it('whose taking lost its answer is gone, and never given to a second attempt', async () => {
    const token = await issued();
    const unlucky = createPageLinkStore(losingOneAnswer(database.db, 'findOneAndDelete'));
    await expect(unlucky.take(token, LINK.kind, NOON)).rejects.toThrow('connection closed');
    expect(await store.take(token, LINK.kind, NOON)).toBeUndefined();
  });
});

describe('the challenge of a link', () => {
  it('is the newest one, taken out once, and leaves the link as it was', async () => {
    const token = await issued();
    expect(await store.takeChallenge(token, LINK.kind, NOON)).toBeUndefined();
    expect(await store.challenge(token, LINK.kind, 'older', NOON)).toBe(true);
    expect(await store.challenge(token, LINK.kind, 'newer', NOON)).toBe(true);
    const taken = await Promise.all([1, 2, 3].map(() => store.takeChallenge(token, LINK.kind, JUST_BEFORE)));
    expect(taken.filter((challenge) => challenge !== undefined)).toEqual(['newer']);
    expect(await store.take(token, LINK.kind, NOON)).toEqual(LINK);
    expect(await store.challenge(token, LINK.kind, 'late', NOON)).toBe(false);
  });
});
