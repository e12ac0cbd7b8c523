import type { Collection } from 'mongodb';
import type { PersonId } from '../engine/ids.js';
import { BOUNDED } from './collection.js';
import { type AliasDocument, readAlias } from './person-document.js';

/** The ids that mean one person: the one they go by, and those that were joined to it. */
export interface Family {
  readonly id: PersonId;
  readonly aliases: readonly PersonId[];
}

/** Which id was joined to which. */
type Joins = ReadonlyMap<PersonId, PersonId>;

/** The families of these ids, each once, in the order in which they were first asked for. */
export const findFamilies = async (
  aliases: Collection<AliasDocument>,
  ids: readonly PersonId[],
): Promise<readonly Family[]> => {
  const joins = await findJoins(aliases, ids);
  const roots = new Set(ids.map((id) => rootAmong(joins, id)));
  return [...roots].map((root) => ({
    id: root,
    aliases: [...joins.keys()].filter((id) => id !== root && rootAmong(joins, id) === root),
  }));
};

/**
 * The id that this one goes by today. `joinedTo`: two people were joined to each other at the same moment, and this
 * one's own join has lost.
 */
export const findRoot = async (
  aliases: Collection<AliasDocument>,
  id: PersonId,
): Promise<{ readonly root: PersonId; readonly joinedTo?: PersonId }> => {
  const joins = await findJoins(aliases, [id]);
  const root = rootAmong(joins, id);
  const joinedTo = joins.get(root);
  return joinedTo === undefined ? { root } : { root, joinedTo };
};

/** Every join that these ids have a part in, however indirectly. */
const findJoins = async (aliases: Collection<AliasDocument>, ids: readonly PersonId[]): Promise<Joins> => {
  const joins = new Map<PersonId, PersonId>();
  const asked = new Set<PersonId>();
  for (let next = new Set(ids); next.size > 0; next = unaskedIn(joins, asked)) {
    const here = [...next];
    here.forEach((id) => asked.add(id));
    const filter = { $or: [{ _id: { $in: here } }, { into: { $in: here } }] };
    for (const found of await aliases.find(filter, BOUNDED).toArray()) {
      const { _id, into } = readAlias(found);
      joins.set(_id, into);
    }
  }
  return joins;
};

const unaskedIn = (joins: Joins, asked: ReadonlySet<PersonId>): Set<PersonId> =>
  new Set([...joins].flat().filter((id) => !asked.has(id)));

/** Where joins run in a circle, its smallest id stands for all: whoever looks finds the same one. */
const rootAmong = (joins: Joins, id: PersonId): PersonId => {
  const passed: PersonId[] = [];
  let here = id;
  for (let next = joins.get(here); next !== undefined; next = joins.get(here)) {
    if (passed.includes(here)) return smallest(passed.slice(passed.indexOf(here)));
    passed.push(here);
    here = next;
  }
  return here;
};

const smallest = (ids: readonly PersonId[]): PersonId => ids.reduce((one, other) => (other < one ? other : one));
