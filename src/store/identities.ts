/** The chat identities of people, one by one: which are known, and which are deactivated. */
import type { Collection, Db, Filter } from 'mongodb';
import type { IdentityStore, KnownIdentity } from '../flows/ports/identities.js';
import { BOUNDED, openCollection } from './collection.js';
import { type IdentityDocument, readIdentity, toIdentity } from './person-document.js';
import { retrying } from './retry.js';

export const createIdentityStore = (db: Db): IdentityStore => {
  const identities = openCollection<IdentityDocument>(db, 'identities');
  return {
    byKeys: (keys) => find(identities, { _id: { $in: keys } }),
    on: (platform) => find(identities, { platform }),
    deactivated: () => find(identities, { deactivatedAt: { $exists: true } }),
    deactivate: async (key, at) => {
      const unmarked = { _id: key, deactivatedAt: { $exists: false } };
      await retrying(() => identities.updateOne(unmarked, { $set: { deactivatedAt: at } }, BOUNDED));
      return (await find(identities, { _id: key }))[0];
    },
    reactivate: async (key, deactivatedAt) => {
      const { matchedCount } = await identities.updateOne(
        { _id: key, deactivatedAt },
        { $unset: { deactivatedAt: true } },
        BOUNDED,
      );
      return matchedCount === 1;
    },
    forget: async (people) => {
      await retrying(() => identities.deleteMany({ person: { $in: people } }, BOUNDED));
    },
  };
};

const find = async (
  identities: Collection<IdentityDocument>,
  filter: Filter<IdentityDocument>,
): Promise<readonly KnownIdentity[]> =>
  await retrying(async () => {
    const found = await identities.find(filter, BOUNDED).sort({ _id: 1 }).toArray();
    return found.map((document) => {
      const read = readIdentity(document);
      return { identity: toIdentity(read), person: read.person };
    });
  });
