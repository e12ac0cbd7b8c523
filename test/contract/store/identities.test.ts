import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personId } from '../../../src/engine/ids.js';
import type { IdentityStore } from '../../../src/flows/ports/identities.js';
import type { PersonStore } from '../../../src/flows/ports.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { createIdentityStore } from '../../../src/store/identities.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createPersonStore } from '../../../src/store/people.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { anIdentity, NOON } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: IdentityStore;
let people: PersonStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createIdentityStore(database.db);
  people = createPersonStore(database.db);
});

afterAll(async () => {
  await database.close();
});

let count = 0;

const known = async (platform: 'slack' | 'teams' = 'slack') => {
  count += 1;
  const identity = anIdentity(platform, `U${count}`);
  const person = await people.appear(identity, personId(`P-${count}`));
  return { identity, person: person.id };
};

describe('identities', () => {
  it('are found by key, whoever they belong to; strangers are left out', async () => {
    const [one, other] = [await known(), await known('teams')];
    const stranger = anIdentity('slack', 'USTRANGER').key;
    expect(await store.byKeys([other.identity.key, stranger, one.identity.key])).toEqual([one, other]);
    expect(await store.byKeys([])).toEqual([]);
  });

  it('are listed by platform', async () => {
    const [one, other] = [await known(), await known('teams')];
    expect(await store.on('slack')).toContainEqual(one);
    expect(await store.on('slack')).not.toContainEqual(other);
    expect(await store.on('teams')).toContainEqual(other);
  });

  it('keep the first mark of many, and show it wherever the person is read', async () => {
    const { identity, person } = await known();
    const marks = await Promise.all(
      Array.from({ length: 10 }, (_, index) => store.deactivate(identity.key, addMs(NOON, index))),
    );
    const [first] = marks;
    expect(new Set(marks.map((mark) => mark?.identity.deactivatedAt?.getTime())).size).toBe(1);
    expect((await people.byId(person))?.identities).toEqual([first?.identity]);
    expect(await store.deactivated()).toEqual([first]);
  });

  it('stay marked when their owner appears again', async () => {
    const { identity } = await known();
    await store.deactivate(identity.key, NOON);
    const back = await people.appear(identity, personId('P-UNUSED'));
    expect(back.identities).toEqual([{ ...identity, deactivatedAt: NOON }]);
  });

  it('lose the mark that is named, and no later one', async () => {
    const { identity, person } = await known();
    await store.deactivate(identity.key, NOON);
    expect(await store.reactivate(identity.key, addMs(NOON, MINUTE))).toBe(false);
    expect(await store.reactivate(identity.key, NOON)).toBe(true);
    expect(await store.reactivate(identity.key, NOON)).toBe(false);
    expect((await people.byId(person))?.identities).toEqual([identity]);
  });

  it('of nobody cannot be marked', async () => {
    expect(await store.deactivate(anIdentity('slack', 'UNOBODY').key, NOON)).toBeUndefined();
    expect(await people.byIdentity(anIdentity('slack', 'UNOBODY').key)).toBeUndefined();
  });

  it('are forgotten with all that their people have, in either chat, and nobody else’s are', async () => {
    const [gone, joined, other] = [await known(), await known('teams'), await known()];
    await people.join(gone.person, joined.person);
    await store.deactivate(gone.identity.key, NOON);
    // A joined person's identities may still bear the name they had before.
    await store.forget([gone.person, joined.person]);
    expect(await store.byKeys([gone, joined, other].map(({ identity }) => identity.key))).toEqual([other]);
    expect(await people.byIdentity(gone.identity.key)).toBeUndefined();
    expect((await people.byId(other.person))?.identities).toEqual([other.identity]);
    const again = await people.appear(gone.identity, personId('P-AGAIN'));
    expect(again).toMatchObject({ id: 'P-AGAIN', identities: [gone.identity] });
    await store.forget([]);
    await store.forget([personId('P-NEVER')]);
    expect(await store.byKeys([other.identity.key])).toEqual([other]);
  });
});
