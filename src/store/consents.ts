/** Tenants on their way in. A state is kept as its digest, so that whoever reads the database continues no one's way. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { Consent, ConsentStore } from '../flows/ports/consents.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { cloudSchema } from './config-document.js';
import { readerOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import { addressSchema, organizationIdSchema, personIdSchema, tenantIdSchema } from './values.js';

type ConsentDocument = Omit<Consent, 'stateHash'> & { readonly _id: string };

const consentDocument = z.strictObject({
  _id: z.string(),
  person: personIdSchema,
  address: addressSchema,
  tenant: tenantIdSchema,
  name: z.string().exactOptional(),
  domain: z.string().exactOptional(),
  organization: organizationIdSchema.exactOptional(),
  cloud: cloudSchema.exactOptional(),
  directoryId: z.string().exactOptional(),
  expiresAt: z.date(),
  signIn: z
    .strictObject({
      directoryId: z.string(),
      nonce: z.string(),
      verifier: z.string(),
      browser: z.string(),
    } satisfies FieldsOf<NonNullable<Consent['signIn']>>)
    .exactOptional(),
  authorised: z
    .strictObject({
      directoryId: z.string(),
      objectId: z.string(),
      name: z.string(),
      upn: z.string(),
      at: z.date(),
    } satisfies FieldsOf<NonNullable<Consent['authorised']>>)
    .exactOptional(),
} satisfies FieldsOf<ConsentDocument>);

const readConsent = readerOf<ConsentDocument>('consents', consentDocument);

export const createConsentStore = (db: Db): ConsentStore => {
  const consents = openCollection<ConsentDocument>(db, 'consents');
  return {
    insert: async ({ stateHash, ...consent }) => {
      await insertUnlessTaken(consents, { _id: stateHash, ...consent });
    },
    // Not repeated after a lost answer: a second attempt could not tell whether the first one took it.
    take: async (stateHash, now) => {
      const found = await consents.findOneAndDelete({ _id: stateHash, expiresAt: { $gt: now } }, BOUNDED);
      if (found === null) return undefined;
      const { _id, ...consent } = readConsent(found);
      return { stateHash: _id, ...consent };
    },
    sweep: async (before) => {
      await retrying(() => consents.deleteMany({ expiresAt: { $lte: before } }, BOUNDED));
    },
  };
};
