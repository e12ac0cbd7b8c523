import type { Db } from 'mongodb';
import { z } from 'zod';
import type { Single } from '../flows/ports/config.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { readerOf } from './document.js';
import { retrying } from './retry.js';
import { readerById } from './grouped.js';
import { digestOf } from './shelf.js';

interface SingleDocument<T> {
  readonly _id: string;
  readonly digest: string;
  readonly item: T;
}

/** A document of which there is one; until it is first written it says `initial`. */
export const openSingle = <T>(db: Db, id: string, schema: z.ZodType<T>, initial: T): Single<T> => {
  const singles = openCollection<SingleDocument<T>>(db, 'singles');
  const read = readerOf('singles', z.looseObject({ item: schema }));
  const readById = readerById(singles, (found) => read(found).item);
  return {
    read: async () => (await readById(id)) ?? initial,
    replace: async (next, previous) => {
      const digest = digestOf(next);
      const changed = await retrying(async (attempt) => {
        const filter = { _id: id, digest: digestOf(previous) } as never;
        const { matchedCount } = await singles.replaceOne(filter, { digest, item: next }, BOUNDED);
        return (
          matchedCount === 1 || (attempt > 1 && (await singles.countDocuments({ _id: id, digest }, BOUNDED)) === 1)
        );
      });
      // Nobody has written it yet: whoever read `initial` may be the first.
      const first = !changed && digestOf(previous) === digestOf(initial);
      return changed || (first && (await insertUnlessTaken(singles, { _id: id, digest, item: next })));
    },
  };
};
