import { z } from 'zod';
import type { LinkOffer } from '../flows/ports.js';
import { readerOf, type FieldsOf } from './document.js';
import { identityKeySchema } from './values.js';

/** One document of `links`. */
export type LinkDocument = Omit<LinkOffer, 'code'> & { readonly _id: string };

const linkDocument = z.strictObject({
  _id: z.string(),
  from: identityKeySchema,
  fromName: z.string(),
  to: identityKeySchema.exactOptional(),
  toName: z.string().exactOptional(),
  confirmedBy: z.array(identityKeySchema),
  held: z.array(z.string()).exactOptional(),
  expiresAt: z.date(),
} satisfies FieldsOf<LinkDocument>);

const readLinkDocument = readerOf<LinkDocument>('links', linkDocument);

export const readLink = (document: unknown): LinkOffer => {
  const { _id, ...offer } = readLinkDocument(document);
  return { code: _id, ...offer };
};
