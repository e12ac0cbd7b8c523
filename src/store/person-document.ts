import { z } from 'zod';
import type { IdentityKey, PersonId } from '../engine/ids.js';
import type { Identity } from '../engine/person.js';
import { readerOf, type FieldsOf } from './document.js';
import { addressSchema, identityKeySchema, personIdSchema, platformSchema } from './values.js';

/** One document of `identities`: one way a person appears. A person is whoever identities point at. */
export interface IdentityDocument extends Omit<Identity, 'key'> {
  readonly _id: IdentityKey;
  readonly person: PersonId;
  /** Name and e-mail as `named` looks them up. */
  readonly nameKey: string;
  readonly emailKey?: string;
}

/** One document of `people`: an id that was joined to another person's. */
export interface AliasDocument {
  readonly _id: PersonId;
  readonly into: PersonId;
}

const identityDocument = z.strictObject({
  _id: identityKeySchema,
  person: personIdSchema,
  platform: platformSchema,
  name: z.string(),
  nameKey: z.string(),
  email: z.string().exactOptional(),
  emailKey: z.string().exactOptional(),
  zone: z.string().exactOptional(),
  address: addressSchema.exactOptional(),
  deactivatedAt: z.date().exactOptional(),
} satisfies FieldsOf<IdentityDocument>);

const aliasDocument = z.strictObject({ _id: personIdSchema, into: personIdSchema } satisfies FieldsOf<AliasDocument>);

export const readIdentity = readerOf<IdentityDocument>('identities', identityDocument);

export const readAlias = readerOf<AliasDocument>('people', aliasDocument);

export const toIdentity = (document: IdentityDocument): Identity => {
  const { _id, person: _person, nameKey: _nameKey, emailKey: _emailKey, ...known } = document;
  return { key: _id, ...known };
};
