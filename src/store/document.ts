import { z } from 'zod';

/** A stored document that is not what this program writes. Names the place, never the value: it may be a secret. */
export class CorruptDocument extends Error {
  override readonly name = 'CorruptDocument';
  readonly collection: string;
  readonly id: string;
  /** Where in the document, `request.approvals.0.at`; empty where the document as a whole is wrong. */
  readonly path: string;

  constructor(collection: string, id: string, path: string, problem: string) {
    super(`${collection} ${id}: ${path === '' ? 'the document' : path} cannot be read (${problem})`);
    this.collection = collection;
    this.id = id;
    this.path = path;
  }
}

/** Turns what a collection returns into what the program means, or throws `CorruptDocument`. */
export const readerOf =
  <T>(collection: string, schema: z.ZodType<T>) =>
  (document: unknown): T => {
    const parsed = schema.safeParse(document);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new CorruptDocument(collection, idOf(document), issue?.path.join('.') ?? '', issue?.code ?? 'unreadable');
  };

const idOf = (document: unknown): string => {
  const id = z.object({ _id: z.union([z.string(), z.number()]) }).safeParse(document);
  return id.success ? String(id.data._id) : 'without an id';
};

/**
 * A schema for every field of `T`: one that is forgotten here does not compile. Objects are read strictly, because a
 * field that is unknown to this version would be lost when the object is written back.
 */
export type FieldsOf<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

/** A closed set of words; the record's type sees to it that none is forgotten. */
export const wordOf = <T extends string>(words: Readonly<Record<T, true>>): z.ZodType<T> =>
  z.enum(Object.keys(words) as [T, ...T[]]);
