import { isDeepStrictEqual } from 'node:util';
import type { Collection, CollectionOptions, Db, Filter, OptionalUnlessRequiredId } from 'mongodb';
import { isDuplicate, retrying } from './retry.js';

export type Named = { readonly _id: string | number };

/** For every operation: the server gives up before the connection does, so that no lost query keeps it busy. */
export const BOUNDED = { maxTimeMS: 10_000 } as const;

/** A collection in which an absent field stays absent; the driver by itself would write `null` for `undefined`. */
export const openCollection = <T extends Named>(db: Db, name: string, options: CollectionOptions = {}): Collection<T> =>
  db.collection<T>(name, { ...options, ignoreUndefined: true });

/** `false`: its id, or another unique field, is taken. */
export const insertUnlessTaken = async <T extends Named>(collection: Collection<T>, document: T): Promise<boolean> =>
  await retrying(async (attempt) => {
    try {
      await collection.insertOne(document as OptionalUnlessRequiredId<T>, BOUNDED);
      return true;
    } catch (thrown) {
      if (!isDuplicate(thrown)) throw thrown;
      // After a lost answer the document in our way may be our own.
      return attempt > 1 && (await isStored(collection, document));
    }
  });

const isStored = async <T extends Named>(collection: Collection<T>, document: T): Promise<boolean> =>
  isDeepStrictEqual(await collection.findOne({ _id: document._id } as Filter<T>, BOUNDED), document);

/** `false`: there was nothing to remove. Not retried: a second attempt could not tell whether the first removed it. */
export const removeOne = async <T extends Named>(collection: Collection<T>, id: T['_id']): Promise<boolean> =>
  (await collection.deleteOne({ _id: id } as Filter<T>, BOUNDED)).deletedCount === 1;
