/** Passkeys, each under the id that its authenticator gave it. */
import type { Collection, Db, Filter } from 'mongodb';
import { z } from 'zod';
import type { Passkey, PasskeyStore } from '../flows/ports/passkeys.js';
import { BOUNDED, insertUnlessTaken, openCollection, removeOne } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import { personIdSchema } from './values.js';

type PasskeyDocument = Omit<Passkey, 'credentialId'> & { readonly _id: string };

const passkeyDocument = z.strictObject({
  _id: z.string(),
  person: personIdSchema,
  publicKey: z.string(),
  counter: z.int().nonnegative(),
  transports: z.array(z.string()),
  name: z.string(),
  createdAt: z.date(),
  lastUsedAt: z.date().exactOptional(),
} satisfies FieldsOf<PasskeyDocument>);

const readPasskeyDocument = readerOf<PasskeyDocument>('passkeys', passkeyDocument);

export const createPasskeyStore = (db: Db): PasskeyStore => {
  const passkeys = openCollection<PasskeyDocument>(db, 'passkeys');
  return {
    ofPerson: async (ids) => {
      const found = await retrying(() =>
        passkeys
          .find({ person: { $in: ids } }, BOUNDED)
          .sort({ createdAt: 1, _id: 1 })
          .toArray(),
      );
      return found.map(toPasskey);
    },
    add: ({ credentialId, ...passkey }) => insertUnlessTaken(passkeys, { _id: credentialId, ...passkey }),
    used: (credentialId, counter, at) => used(passkeys, credentialId, counter, at),
    remove: (credentialId) => removeOne(passkeys, credentialId),
  };
};

const used = async (
  passkeys: Collection<PasskeyDocument>,
  credentialId: string,
  counter: number,
  at: Date,
): Promise<boolean> => {
  // An authenticator that does not count says 0 for ever; one that has counted once never says it again.
  const before: Filter<PasskeyDocument> = counter === 0 ? { counter: 0 } : { counter: { $lt: counter } };
  return await retrying(async (attempt) => {
    const filter: Filter<PasskeyDocument> = { _id: credentialId, ...before };
    const update = { $set: { counter, lastUsedAt: at } };
    if ((await passkeys.updateOne(filter, update, BOUNDED)).matchedCount === 1) return true;
    // After a lost answer the count in our way may be our own.
    const own = { _id: credentialId, counter, lastUsedAt: at };
    return attempt > 1 && (await passkeys.findOne(own, BOUNDED)) !== null;
  });
};

const toPasskey = (document: unknown): Passkey => {
  const { _id, ...passkey } = readPasskeyDocument(document);
  return { credentialId: _id, ...passkey };
};
