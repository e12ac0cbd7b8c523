import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityKey, personId } from '../../../src/engine/ids.js';
import type { PersonStore } from '../../../src/flows/ports.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createPersonStore } from '../../../src/store/people.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { anIdentity } from '../../fakes/fixtures.js';

let database: TestDatabase;
let store: PersonStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  store = createPersonStore(database.db);
});

afterAll(async () => {
  await database.close();
});

let count = 0;

/** Somebody who has just appeared in Slack, with a name and e-mail of their own. */
const somebody = async () => {
  count += 1;
  const identity = anIdentity('slack', `U${count}`, { name: `Person ${count}`, email: `p${count}@msp.example` });
  return await store.appear(identity, personId(`P-${count}`));
};

const keysOf = (person: Awaited<ReturnType<PersonStore['byId']>>) => person?.identities.map(({ key }) => key);

describe('appearing', () => {
  it('makes a person of who was never seen, found from then on by identity and by id', async () => {
    const identity = anIdentity('teams', 'Object-1');
    const person = await store.appear(identity, personId('P-NEW'));
    expect(person).toEqual({ id: 'P-NEW', name: 'Dana Fox', aliases: [], identities: [identity] });
    expect(await store.byIdentity(identity.key)).toEqual(person);
    expect(await store.byId(personId('P-NEW'))).toEqual(person);
    expect(await store.byId(personId('P-OTHER'))).toBeUndefined();
    expect(await store.byIdentity(identityKey('teams', 'nobody'))).toBeUndefined();
  });

  it('makes one person of fifty first messages that arrive together', async () => {
    const identity = anIdentity('slack', 'URACE');
    const people = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.appear(identity, personId(`P-RACE-${index}`))),
    );
    expect(new Set(people.map(({ id }) => id)).size).toBe(1);
  });

  it('refreshes what is said anew and keeps what is not', async () => {
    const person = await somebody();
    const [known] = person.identities;
    const again = await store.appear(
      { key: known!.key, platform: 'slack', name: 'New Name', zone: 'Asia/Tokyo' },
      personId('P-UNUSED'),
    );
    expect(again).toEqual({
      ...person,
      name: 'New Name',
      identities: [{ ...known, name: 'New Name', zone: 'Asia/Tokyo' }],
    });
  });
});

describe('naming', () => {
  it('finds by e-mail and by display name, whatever the case', async () => {
    const person = await somebody();
    const email = person.identities[0]?.email ?? '';
    expect(await store.named(` ${email.toUpperCase()} `)).toEqual([person]);
    expect(await store.named(person.name.toUpperCase())).toEqual([person]);
    expect(await store.named('Person')).toEqual([]);
  });

  it('finds everybody of that name, each once', async () => {
    const twins = { name: 'Twin', email: 'twins@msp.example' };
    const one = await store.appear(anIdentity('slack', 'UTWIN1', twins), personId('P-TWIN-1'));
    const other = await store.appear(anIdentity('slack', 'UTWIN2', twins), personId('P-TWIN-2'));
    const found = await store.named('twin');
    expect(found.map(({ id }) => id).toSorted()).toEqual([one.id, other.id]);
    await store.join(one.id, other.id);
    expect((await store.named('twins@msp.example')).map(({ id }) => id)).toEqual([one.id]);
  });

  it('forgets the name somebody no longer has', async () => {
    const person = await somebody();
    const [identity] = person.identities;
    await store.appear({ ...identity!, name: 'Renamed' }, person.id);
    expect(await store.named(person.name)).toEqual([]);
  });
});

describe('joining', () => {
  it('makes one person of two, known by either id', async () => {
    const [one, other] = [await somebody(), await somebody()];
    await store.join(one.id, other.id);
    const joined = await store.byId(one.id);
    expect(joined?.aliases).toEqual([other.id]);
    expect(joined?.identities).toEqual([...one.identities, ...other.identities]);
    expect(await store.byId(other.id)).toEqual(joined);
    expect(await store.byIdentity(other.identities[0]!.key)).toEqual(joined);
    expect(await store.byIds([other.id, one.id, personId('P-NOBODY')])).toEqual([joined]);
  });

  it('changes nothing when repeated, and nothing when both are one already', async () => {
    const [one, other] = [await somebody(), await somebody()];
    await store.join(one.id, other.id);
    const joined = await store.byId(one.id);
    await store.join(one.id, other.id);
    await store.join(other.id, one.id);
    await store.join(one.id, one.id);
    expect(await store.byId(one.id)).toEqual(joined);
  });

  it('carries along whoever was joined before', async () => {
    const [one, two, three] = [await somebody(), await somebody(), await somebody()];
    await store.join(two.id, three.id);
    await store.join(one.id, two.id);
    const joined = await store.byId(three.id);
    expect(joined?.id).toBe(one.id);
    expect(joined?.aliases.toSorted()).toEqual([two.id, three.id].toSorted());
    expect(joined?.identities).toHaveLength(3);
  });

  it('that stopped after its first write already shows one person, and is finished by joining again', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const people = database.db.collection<{ _id: string; into: string }>('people');
    await people.insertOne({ _id: other.id, into: one.id });
    const joined = await store.byId(other.id);
    expect(joined).toMatchObject({ id: one.id, aliases: [other.id] });
    expect(keysOf(joined)).toEqual(keysOf({ ...one, identities: [...one.identities, ...other.identities] }));
    await store.join(one.id, other.id);
    expect(await store.byId(one.id)).toEqual(joined);
    expect(await database.db.collection('identities').countDocuments({ person: other.id })).toBe(0);
  });

  it('to each other at the same moment ends with one person', async () => {
    const [one, other, third] = [await somebody(), await somebody(), await somebody()];
    const people = database.db.collection<{ _id: string; into: string }>('people');
    await people.insertMany([
      { _id: one.id, into: other.id },
      { _id: other.id, into: one.id },
    ]);
    const joined = await store.byId(other.id);
    expect(joined).toEqual(await store.byId(one.id));
    expect(joined?.identities).toHaveLength(2);
    await store.join(third.id, one.id);
    expect(await store.byId(other.id)).toMatchObject({ id: third.id });
    expect((await store.byId(one.id))?.identities).toHaveLength(3);
  });

  it('of many into one, all at once, loses nobody', async () => {
    const into = await somebody();
    const others: Awaited<ReturnType<typeof somebody>>[] = [];
    for (let index = 0; index < 10; index += 1) others.push(await somebody());
    await Promise.all(others.flatMap(({ id }) => [store.join(into.id, id), store.join(into.id, id)]));
    const joined = await store.byId(into.id);
    expect(joined?.identities).toHaveLength(11);
    expect(joined?.aliases.toSorted()).toEqual(others.map(({ id }) => id).toSorted());
  });
});
