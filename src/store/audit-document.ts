import { z } from 'zod';
import type { AuditEvent, AuditLine, Facts } from '../flows/ports/audit.js';
import { CorruptDocument, readerOf, type FieldsOf } from './document.js';
import { organizationIdSchema, personIdSchema, platformSchema, requestIdSchema, tenantIdSchema } from './values.js';

const facts: z.ZodType<Facts> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);

export const auditEventSchema = z.strictObject({
  what: z.string(),
  at: z.date(),
  by: z.string(),
  on: platformSchema.exactOptional(),
  request: requestIdSchema.exactOptional(),
  tenant: tenantIdSchema.exactOptional(),
  organization: organizationIdSchema.exactOptional(),
  about: z.array(personIdSchema).exactOptional(),
  facts,
  before: facts.exactOptional(),
  after: facts.exactOptional(),
} satisfies FieldsOf<AuditEvent>);

/** One document of `audit`: a line under its number. */
export type AuditDocument = Omit<AuditLine, 'seq'> & { readonly _id: number };

const hash = z.string().regex(/^[0-9a-f]{64}$/u);

const readDocument = readerOf<AuditDocument>(
  'audit',
  z.strictObject({
    _id: z.int().min(1),
    id: z.string(),
    event: auditEventSchema,
    previous: hash,
    hash,
  } satisfies FieldsOf<AuditDocument>),
);

export const toDocument = ({ seq, ...rest }: AuditLine): AuditDocument => ({ _id: seq, ...rest });

/** Throws `CorruptDocument`. */
export const readLine = (document: unknown): AuditLine => {
  const { _id, ...rest } = readDocument(document);
  return { seq: _id, ...rest };
};

/** The place in the document that cannot be read, where one cannot. */
export const lineOrDamage = (document: unknown): AuditLine | { readonly damage: string } => {
  try {
    return readLine(document);
  } catch (thrown) {
    if (thrown instanceof CorruptDocument) return { damage: thrown.path === '' ? 'the line as a whole' : thrown.path };
    throw thrown;
  }
};
