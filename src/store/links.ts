/** Offers to join two chat identities. The database deletes nothing by itself, so every operation looks at the clock. */
import type { Collection, Db, Filter } from 'mongodb';
import type { IdentityKey } from '../engine/ids.js';
import type { LinkOffer, LinkStore } from '../flows/ports.js';
import { BOUNDED, insertUnlessTaken, openCollection, removeOne } from './collection.js';
import { type LinkDocument, readLink } from './link-document.js';
import { retrying } from './retry.js';

export const createLinkStore = (db: Db): LinkStore => {
  const links = openCollection<LinkDocument>(db, 'links');
  return {
    insert: ({ code, ...offer }) => insertUnlessTaken(links, { _id: code, ...offer }),
    load: (code) => load(links, code),
    claim: (code, to, toName, now) => claim(links, code, to, toName, now),
    confirm: (code, by, now) => confirm(links, code, by, now),
    hold: (code, rights, until, now) => hold(links, code, rights, until, now),
    remove: async (code) => {
      await retrying(() => removeOne(links, code));
    },
  };
};

const load = async (links: Collection<LinkDocument>, code: string): Promise<LinkOffer | undefined> =>
  await retrying(async () => offerOrNothing(await links.findOne({ _id: code }, BOUNDED)));

const claim = async (
  links: Collection<LinkDocument>,
  code: string,
  to: IdentityKey,
  toName: string,
  now: Date,
): Promise<LinkOffer | undefined> => {
  const unclaimed: Filter<LinkDocument> = { $or: [{ to: { $exists: false } }, { to }] };
  const filter = { _id: code, expiresAt: { $gt: now }, ...unclaimed };
  return await retrying(async () => {
    await links.deleteMany({ expiresAt: { $lte: now } }, BOUNDED);
    const options = { ...BOUNDED, returnDocument: 'after' } as const;
    return offerOrNothing(await links.findOneAndUpdate(filter, { $set: { to, toName } }, options));
  });
};

const confirm = async (
  links: Collection<LinkDocument>,
  code: string,
  by: IdentityKey,
  now: Date,
): Promise<LinkOffer | undefined> => {
  const filter = { _id: code, expiresAt: { $gt: now }, $or: [{ from: by }, { to: by }] };
  const options = { ...BOUNDED, returnDocument: 'after' } as const;
  return await retrying(async () =>
    offerOrNothing(await links.findOneAndUpdate(filter, { $addToSet: { confirmedBy: by } }, options)),
  );
};

const hold = async (
  links: Collection<LinkDocument>,
  code: string,
  rights: readonly string[],
  until: Date,
  now: Date,
): Promise<LinkOffer | undefined> => {
  const filter = { _id: code, expiresAt: { $gt: now }, held: { $exists: false } };
  const options = { ...BOUNDED, returnDocument: 'after' } as const;
  const kept = { held: [...rights], expiresAt: until };
  return await retrying(async (attempt) => {
    const held = await links.findOneAndUpdate(filter, { $set: kept }, options);
    // After a lost answer it may be our own doing, and nobody else asks the owners then.
    if (held !== null || attempt === 1) return offerOrNothing(held);
    return offerOrNothing(await links.findOne({ _id: code, ...kept }, BOUNDED));
  });
};

const offerOrNothing = (found: LinkDocument | null): LinkOffer | undefined =>
  found === null ? undefined : readLink(found);
