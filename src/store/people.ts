/** People, by the chat identities that point at them and the ids that were joined to theirs. */
import type { Collection, Db } from 'mongodb';
import type { PersonId } from '../engine/ids.js';
import type { Identity, Person } from '../engine/person.js';
import type { PersonStore } from '../flows/ports.js';
import { batching } from '../lib/batching.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { findFamilies, findRoot } from './families.js';
import { type AliasDocument, type IdentityDocument, readIdentity, toIdentity } from './person-document.js';
import { isDuplicate, retrying } from './retry.js';

interface Collections {
  readonly aliases: Collection<AliasDocument>;
  readonly identities: Collection<IdentityDocument>;
}

export const createPersonStore = (db: Db): PersonStore => {
  const collections: Collections = {
    aliases: openCollection<AliasDocument>(db, 'people'),
    identities: openCollection<IdentityDocument>(db, 'identities'),
  };
  const readPeople = readerOfPeople(collections);
  const byIds: PersonStore['byIds'] = async (ids) => (await readPeople(ids)) ?? [];
  return {
    byIdentity: async (key) => {
      const found = await retrying(() => collections.identities.findOne({ _id: key }, BOUNDED));
      return found === null ? undefined : (await byIds([readIdentity(found).person]))[0];
    },
    byId: async (id) => (await byIds([id]))[0],
    byIds,
    named: async (text) => await byIds(await named(collections, text)),
    appear: async (identity, newId) => {
      const stored = await appear(collections, identity, newId);
      const [person] = await byIds([stored.person]);
      return person ?? { id: stored.person, name: identity.name, aliases: [], identities: [toIdentity(stored)] };
    },
    join: (into, from) => join(collections, into, from),
  };
};

/** For each list its people, each once, in the order in which they were first asked for; ids of nobody are left out. */
const readerOfPeople = ({ aliases, identities }: Collections) =>
  batching(async (lists: readonly (readonly PersonId[])[]) => {
    const ids = [...new Set(lists.flat())];
    return await retrying(async () => {
      // Hardly anybody goes by several ids: nobody waits to hear who else they are before reading who was asked for.
      const [families, asked] = await Promise.all([findFamilies(aliases, ids), identitiesOf(identities, ids)]);
      const members = families.flatMap((family) => [family.id, ...family.aliases]);
      // One read for a whole family: between two of them, a join may move an identity past both.
      const known = members.every((id) => ids.includes(id)) ? asked : await identitiesOf(identities, members);
      const people = new Map<PersonId, Person>();
      for (const family of families) {
        const theirs = known.filter(({ person }) => person === family.id || family.aliases.includes(person));
        const [first] = theirs;
        if (first === undefined) continue;
        const person = { ...family, name: first.name, identities: theirs.map(toIdentity) };
        for (const id of [family.id, ...family.aliases]) people.set(id, person);
      }
      return new Map(lists.map((list) => [list, [...new Set(list.flatMap((id) => people.get(id) ?? []))]]));
    });
  });

const identitiesOf = async (
  identities: Collection<IdentityDocument>,
  people: readonly PersonId[],
): Promise<readonly IdentityDocument[]> => {
  const found = await identities
    .find({ person: { $in: people } }, BOUNDED)
    .sort({ _id: 1 })
    .toArray();
  return found.map((document) => readIdentity(document));
};

/** How names and e-mails are compared. */
const keyOf = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

const named = async ({ identities }: Collections, text: string): Promise<readonly PersonId[]> => {
  const key = keyOf(text);
  const filter = { $or: [{ nameKey: key }, { emailKey: key }] };
  const found = await retrying(() => identities.find(filter, BOUNDED).sort({ _id: 1 }).toArray());
  return found.map((document) => readIdentity(document).person);
};

/** One upsert: the person is there as soon as an identity points at them, so two first messages make one person. */
const appear = async (collections: Collections, identity: Identity, newId: PersonId): Promise<IdentityDocument> => {
  const { key, platform, name, email, zone, address } = identity;
  const update = {
    $setOnInsert: { person: newId, platform },
    $set: {
      name,
      nameKey: keyOf(name),
      ...(email === undefined ? {} : { email, emailKey: keyOf(email) }),
      ...(zone === undefined ? {} : { zone }),
      ...(address === undefined ? {} : { address }),
    },
  };
  const options = { ...BOUNDED, upsert: true, returnDocument: 'after' } as const;
  const upsert = async () =>
    await retrying(() => collections.identities.findOneAndUpdate({ _id: key }, update, options));
  // Two upserts of one key can both decide to insert; the one that is refused finds the other's document.
  return readIdentity(await upsert().catch((thrown: unknown) => againIfDuplicate(thrown, upsert)));
};

const againIfDuplicate = async <T>(thrown: unknown, again: () => Promise<T>): Promise<T> => {
  if (!isDuplicate(thrown)) throw thrown;
  return await again();
};

/**
 * The alias comes first: from then on every way of asking finds one person with all identities, so a crash before the
 * identities have moved loses nothing, and joining again moves them.
 */
const join = async (collections: Collections, into: PersonId, from: PersonId): Promise<void> => {
  const { aliases, identities } = collections;
  const [target, moved] = await retrying(() => Promise.all([findRoot(aliases, into), findRoot(aliases, from)]));
  // Somebody else joined the same person meanwhile: look again at who is who.
  if (moved.root !== target.root && !(await addAlias(aliases, moved, target.root)))
    return await join(collections, into, from);
  await retrying(async () => {
    const gone = (await findFamilies(aliases, [target.root])).flatMap((family) => family.aliases);
    await identities.updateMany({ person: { $in: gone } }, { $set: { person: target.root } }, BOUNDED);
  });
};

const addAlias = async (
  aliases: Collection<AliasDocument>,
  { root, joinedTo }: Awaited<ReturnType<typeof findRoot>>,
  into: PersonId,
): Promise<boolean> => {
  if (joinedTo === undefined) return await insertUnlessTaken(aliases, { _id: root, into });
  const { matchedCount } = await aliases.updateOne({ _id: root, into: joinedTo }, { $set: { into } }, BOUNDED);
  return matchedCount === 1;
};
