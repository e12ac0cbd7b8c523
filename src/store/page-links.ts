/** One-time links to pages. Only a digest of the token is kept, so that whoever reads the database opens no page by it. */
import { createHash } from 'node:crypto';
import type { Db, Filter } from 'mongodb';
import { z } from 'zod';
import type { PageLink, PageLinkStore } from '../flows/ports/page-links.js';
import type { Redacted } from '../lib/redacted.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import { personIdSchema } from './values.js';

type PageLinkDocument = PageLink & { readonly _id: string; readonly challenge?: string };

const pageLinkDocument = z.strictObject({
  _id: z.string(),
  kind: z.string(),
  person: personIdSchema,
  facts: z.record(z.string(), z.string()),
  expiresAt: z.date(),
  challenge: z.string().exactOptional(),
} satisfies FieldsOf<PageLinkDocument>);

const readPageLink = readerOf<PageLinkDocument>('pageLinks', pageLinkDocument);

export const createPageLinkStore = (db: Db): PageLinkStore => {
  const links = openCollection<PageLinkDocument>(db, 'pageLinks');
  return {
    issue: async (token, link, now) => {
      await retrying(() => links.deleteMany({ expiresAt: { $lte: now } }, BOUNDED));
      await insertUnlessTaken(links, { _id: digestOf(token), ...link });
    },
    look: async (token, kind, now) => {
      const found = await retrying(() => links.findOne(alive(token, kind, now), BOUNDED));
      return linkOrNothing(found);
    },
    // Not repeated after a lost answer: a second attempt could not tell whether the first one took it.
    take: async (token, kind, now) => linkOrNothing(await links.findOneAndDelete(alive(token, kind, now), BOUNDED)),
    challenge: async (token, kind, challenge, now) => {
      const update = { $set: { challenge } };
      return (await retrying(() => links.updateOne(alive(token, kind, now), update, BOUNDED))).matchedCount === 1;
    },
    takeChallenge: async (token, kind, now) => {
      const filter = { ...alive(token, kind, now), challenge: { $exists: true } };
      const before = await links.findOneAndUpdate(filter, { $unset: { challenge: '' } }, BOUNDED);
      return before === null ? undefined : readPageLink(before).challenge;
    },
  };
};

/** The token holds 256 random bits, so a plain digest cannot be searched backwards. */
const digestOf = (token: Redacted<string>): string => createHash('sha256').update(token.reveal()).digest('base64url');

const alive = (token: Redacted<string>, kind: string, now: Date): Filter<PageLinkDocument> => ({
  _id: digestOf(token),
  kind,
  expiresAt: { $gt: now },
});

const linkOrNothing = (found: unknown): PageLink | undefined => {
  if (found === null) return undefined;
  const { _id, challenge: _challenge, ...link } = readPageLink(found);
  return link;
};
