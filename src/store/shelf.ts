import { createHash } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import { z } from 'zod';
import type { OrganizationId } from '../engine/ids.js';
import type { PageOf, Reference, Shelf } from '../flows/ports/config.js';
import { BOUNDED, insertUnlessTaken, openCollection, removeOne } from './collection.js';
import { readerOf } from './document.js';
import { readerById } from './grouped.js';
import { isDuplicate, retrying } from './retry.js';

/** One thing that admins set up, beside what it is looked up by. All but `item` is derived from it. */
export interface ShelfDocument<T> {
  readonly _id: string;
  /** Of the item: who changes it must have read this very one. */
  readonly digest: string;
  /** `''` for what belongs to no organization. */
  readonly organizationKey: string;
  readonly nameKey: string;
  /** What it names: `group:abc`. */
  readonly uses: readonly string[];
  /** More to look it up by, for a kind that has more. */
  readonly keys: readonly string[];
  readonly item: T;
}

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly organization?: OrganizationId;
}

export interface ShelfOptions<T> {
  readonly collection: string;
  readonly schema: z.ZodType<T>;
  readonly uses: (item: T) => readonly Reference[];
  readonly keys?: (item: T) => readonly string[];
}

export interface OpenShelf<T, Id> {
  readonly shelf: Shelf<T, Id>;
  readonly documents: Collection<ShelfDocument<T>>;
  find(filter: Filter<ShelfDocument<T>>, limit?: number): Promise<readonly T[]>;
  /** Changes the item until nobody else did meanwhile; nothing where it is gone. */
  change(id: Id, next: (item: T) => T): Promise<void>;
}

/** Somebody else changed a thing each time this process tried to. */
export class EndlessRivalry extends Error {
  override readonly name = 'EndlessRivalry';
}

/** More changes at once to one thing than people and jobs ever make. */
const MOST_RIVALS = 200;

/** A collection of one kind of configuration. */
export const openShelf = <T extends Kept, Id extends string>(db: Db, options: ShelfOptions<T>): OpenShelf<T, Id> => {
  const documents = openCollection<ShelfDocument<T>>(db, options.collection);
  const read = readerOf(options.collection, z.looseObject({ digest: z.string(), item: options.schema }));
  const itemOf = (document: unknown): T => read(document).item;
  const byId = readerById(documents, itemOf);

  const find = async (filter: Filter<ShelfDocument<T>>, limit = 0): Promise<readonly T[]> =>
    await retrying(async () => {
      const found = await documents.find(filter, BOUNDED).sort({ nameKey: 1 }).limit(limit).toArray();
      return found.map(itemOf);
    });

  const replace = async (next: T, previous: T): Promise<boolean> => {
    const document = documentOf(options, next);
    try {
      return await retrying(async (attempt) => {
        const found = await documents.findOne({ _id: previous.id } as Filter<ShelfDocument<T>>, BOUNDED);
        if (found === null) return false;
        // After a lost answer, whoever was first may have been this very call.
        if (attempt > 1 && found.digest === document.digest) return true;
        // What is there is compared, not what was noted of it: a document may have been put right by hand.
        if (digestOf(itemOf(found)) !== digestOf(previous)) return false;
        const unchanged = { _id: previous.id, digest: found.digest } as Filter<ShelfDocument<T>>;
        return (await documents.replaceOne(unchanged, document, BOUNDED)).matchedCount === 1;
      });
    } catch (thrown) {
      if (isDuplicate(thrown)) return false;
      throw thrown;
    }
  };

  const change = async (id: Id, next: (item: T) => T): Promise<void> => {
    for (let rival = 0; rival < MOST_RIVALS; rival += 1) {
      const known = await byId(id);
      if (known === undefined || (await replace(next(known), known))) return;
    }
    throw new EndlessRivalry(`${options.collection} ${id} was changed by others ${MOST_RIVALS} times`);
  };

  const page = async (asked: PageOf): Promise<{ readonly items: readonly T[]; readonly total: number }> =>
    await retrying(async () => {
      const filter = pageFilter<T>(asked);
      const [found, total] = await Promise.all([
        documents.find(filter, BOUNDED).sort({ nameKey: 1, _id: 1 }).skip(asked.skip).limit(asked.limit).toArray(),
        documents.countDocuments(filter, BOUNDED),
      ]);
      return { items: found.map(itemOf), total };
    });

  return {
    documents,
    find,
    change,
    shelf: {
      all: () => find({}),
      byId,
      byIds: (ids) => find({ _id: { $in: ids } }),
      named: (name) => find({ nameKey: nameKeyOf(name) }),
      page,
      using: ({ kind, id }, limit) => find({ uses: `${kind}:${id}` }, limit),
      add: (item) => insertUnlessTaken(documents, documentOf(options, item)),
      replace,
      remove: (id) => removeOne(documents, id),
    },
  };
};

/** A thing as it is stored. */
export const documentOf = <T extends Kept>({ uses, keys }: ShelfOptions<T>, item: T): ShelfDocument<T> => ({
  _id: item.id,
  digest: digestOf(item),
  organizationKey: item.organization ?? '',
  nameKey: nameKeyOf(item.name),
  uses: [...new Set(referencesOf(item, uses).map(({ kind, id }) => `${kind}:${id}`))],
  keys: [...new Set(keys?.(item))],
  item,
});

const referencesOf = <T extends Kept>(item: T, uses: ShelfOptions<T>['uses']): readonly Reference[] =>
  item.organization === undefined ? uses(item) : [{ kind: 'organization', id: item.organization }, ...uses(item)];

const pageFilter = <T>({ organizations, words }: PageOf): Filter<ShelfDocument<T>> => ({
  ...(organizations === undefined ? {} : { organizationKey: { $in: organizations } }),
  ...(words === undefined ? {} : { nameKey: { $regex: literally(nameKeyOf(words)) } }),
});

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** How names are compared. */
const nameKeyOf = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** The same for equal items, whatever the order of their fields. Dates read as text. */
export const digestOf = (item: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(item, (_key, value: unknown) => sorted(value)))
    .digest('hex');

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;
