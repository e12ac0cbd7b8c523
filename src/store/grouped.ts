/** Operations on single documents that are asked for at the same time reach the server in one command. */
import type { AnyBulkWriteOperation, Collection, Document, Filter, UpdateFilter, WithId } from 'mongodb';
import { batching } from '../lib/batching.js';
import { BOUNDED, type Named } from './collection.js';
import { retrying } from './retry.js';

/** The change of one document, found by its id and by whatever else must be so. */
export interface Update<T extends Named> {
  readonly id: T['_id'];
  readonly where: Filter<T>;
  readonly change: UpdateFilter<T> | Document[];
}

type Options = Parameters<Collection['bulkWrite']>[1];

const filterOf = <T extends Named>({ id, where }: Update<T>): Filter<T> => ({ ...where, _id: id });

const withIds = <T extends Named>(ids: readonly T['_id'][]): Filter<T> => ({ _id: { $in: ids } }) as Filter<T>;

const operationOf = <T extends Named>(update: Update<T>): AnyBulkWriteOperation<T> => ({
  updateOne: { filter: filterOf(update), update: update.change },
});

/** Reads documents by their ids; each asker reads what was found for themselves, so that a corrupt one fails nobody else. */
export const readerById = <T extends Named, Read>(
  collection: Collection<T>,
  read: (document: unknown) => Read,
): ((id: T['_id']) => Promise<Read | undefined>) => {
  const ask = batching(async (ids: readonly T['_id'][]) => {
    const found = await retrying(() => collection.find(withIds<T>(ids), BOUNDED).toArray());
    return new Map(found.map((document) => [document._id as T['_id'], document]));
  });
  return async (id) => {
    const found = await ask(id);
    return found === undefined ? undefined : read(found);
  };
};

/**
 * Updates documents; `false`: no such document. `trace` is what it leaves behind, for where an answer was lost; without
 * one the update may well be carried out twice.
 */
export const openUpdates = <T extends Named>(
  collection: Collection<T>,
): ((update: Update<T>, trace?: Filter<T>) => Promise<boolean>) => {
  const together = batching(async (updates: readonly Update<T>[]) => {
    const { matchedCount } = await collection.bulkWrite(updates.map(operationOf), { ...BOUNDED, ordered: false });
    // Of several, the server does not say which one found nothing.
    const matched = matchedCount === updates.length ? true : updates.length === 1 ? false : undefined;
    return new Map(updates.map((update) => [update, matched]));
  });
  return async (update, trace) =>
    await retrying(async (attempt) => {
      const matched = attempt === 1 ? await together(update) : undefined;
      if (matched !== undefined) return matched;
      if ((await collection.updateOne(filterOf(update), update.change, BOUNDED)).matchedCount === 1) return true;
      return trace !== undefined && (await collection.countDocuments(trace, BOUNDED)) === 1;
    });
};

/** A change that only one can make, and that the document shows to have been theirs. */
export interface Claim<T extends Named> extends Update<T> {
  readonly isOurs: (document: WithId<T>) => boolean;
}

/** Claims documents; `undefined`: it is gone, or another's. */
export const openClaims = <T extends Named>(
  collection: Collection<T>,
  options: Options = {},
): ((claim: Claim<T>) => Promise<WithId<T> | undefined>) => {
  const alone = async (claim: Claim<T>): Promise<WithId<T> | undefined> => {
    const after = { ...BOUNDED, ...options, returnDocument: 'after' } as const;
    return (await collection.findOneAndUpdate(filterOf(claim), claim.change, after)) ?? undefined;
  };
  const read = async (claims: readonly Claim<T>[]): Promise<ReadonlyMap<Claim<T>, WithId<T>>> => {
    const found = await collection.find(withIds<T>(claims.map(({ id }) => id)), BOUNDED).toArray();
    const documents = new Map(found.map((document) => [document._id as T['_id'], document]));
    return new Map(
      claims.flatMap((claim) => {
        const document = documents.get(claim.id);
        return document !== undefined && claim.isOurs(document) ? [[claim, document] as const] : [];
      }),
    );
  };
  const together = batching(async (claims: readonly Claim<T>[]) => {
    const [only, ...others] = claims;
    if (only !== undefined && others.length === 0) {
      const claimed = await alone(only);
      return new Map(claimed === undefined ? [] : [[only, claimed]]);
    }
    await collection.bulkWrite(claims.map(operationOf), { ...BOUNDED, ...options, ordered: false });
    return await read(claims);
  });
  return async (claim) =>
    await retrying(async (attempt) => {
      if (attempt === 1) return await together(claim);
      // After a lost answer what is in our way may be our own.
      return (await read([claim])).get(claim) ?? (await alone(claim));
    });
};
