import { z } from 'zod';
import type { BreakGlassAccount, Candidate, RotationCause, RotationTrouble, Use } from '../engine/break-glass.js';
import type { BreakGlassId } from '../engine/ids.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import { breakGlassIdSchema, directoryUserIdSchema, personIdSchema, tenantIdSchema, viewIdSchema } from './values.js';

/**
 * One document of `breakGlass`. What the lease holder writes, what is noted and what is asked of the next rotation stand
 * apart, so that no writer undoes what another wrote since it looked.
 */
export interface BreakGlassDocument extends Noted {
  readonly _id: BreakGlassId;
  readonly account: StoredBreakGlass;
  /** A rotation sooner than `account` has it; whoever leases next makes it their own. */
  readonly asked?: { readonly at: Date; readonly cause: RotationCause };
  /** The sooner of the two; absent: stopped. Derived, here for its index. */
  readonly dueAt?: Date;
  /** Grows with each lease. */
  readonly fence: number;
  /** `holder` is drawn for each attempt, so that whoever's answer got lost finds its own lease again. */
  readonly lease?: { readonly until: Date; readonly holder: string };
}

type Noted = Pick<BreakGlassAccount, 'drilled' | 'used' | 'alarmed' | 'passUntil'>;

export type StoredBreakGlass = Omit<BreakGlassAccount, keyof Noted>;

const candidate = z.strictObject({
  number: z.int(),
  sealed: z.string(),
  recipients: z.array(z.string()),
  at: z.date(),
  answer: z
    .strictObject({
      kind: wordOf<NonNullable<Candidate['answer']>['kind']>({ set: true, refused: true, unclear: true }),
      at: z.date(),
    })
    .exactOptional(),
} satisfies FieldsOf<Candidate>);

const cause = wordOf<RotationCause>({
  enabled: true,
  schedule: true,
  revealed: true,
  demand: true,
  recipients: true,
  drill: true,
});

const trouble = z.strictObject({
  attempts: z.int(),
  since: z.date(),
  code: z.string(),
  clause: z.string(),
} satisfies FieldsOf<RotationTrouble>);

const use = z.strictObject({
  at: z.date(),
  says: z.string(),
  view: viewIdSchema.exactOptional(),
} satisfies FieldsOf<Use>);

const account = z.strictObject({
  id: breakGlassIdSchema,
  tenant: tenantIdSchema,
  name: z.string(),
  upn: z.string(),
  origin: wordOf<BreakGlassAccount['origin']>({ made: true, adopted: true }),
  objectId: directoryUserIdSchema.exactOptional(),
  keptSince: z.date().exactOptional(),
  creationSentAt: z.date().exactOptional(),
  isAdministrator: z.boolean(),
  candidates: z.array(candidate),
  rotateAt: z.date().exactOptional(),
  rotateFor: cause.exactOptional(),
  rotatedAt: z.date().exactOptional(),
  trouble: trouble.exactOptional(),
} satisfies FieldsOf<StoredBreakGlass>);

const document = z.strictObject({
  _id: breakGlassIdSchema,
  account,
  asked: z.strictObject({ at: z.date(), cause }).exactOptional(),
  dueAt: z.date().exactOptional(),
  alarmed: z.strictObject({ times: z.int(), at: z.date() }).exactOptional(),
  drilled: z.strictObject({ at: z.date(), by: personIdSchema }).exactOptional(),
  used: use.exactOptional(),
  passUntil: z.date().exactOptional(),
  fence: z.int(),
  lease: z.strictObject({ until: z.date(), holder: z.string() }).exactOptional(),
} satisfies FieldsOf<BreakGlassDocument>);

export const readBreakGlass = readerOf<BreakGlassDocument>('breakGlass', document);

export const readDueBreakGlass = readerOf(
  'breakGlass',
  z.object({ _id: breakGlassIdSchema, account: z.object({ tenant: tenantIdSchema }) }),
);

/** What of the account its lease holder writes, and what is noted beside. */
export const splitBreakGlass = ({
  drilled,
  used,
  alarmed,
  passUntil,
  ...account
}: BreakGlassAccount): { readonly account: StoredBreakGlass; readonly noted: Noted } => ({
  account,
  noted: {
    ...(drilled === undefined ? {} : { drilled }),
    ...(used === undefined ? {} : { used }),
    ...(alarmed === undefined ? {} : { alarmed }),
    ...(passUntil === undefined ? {} : { passUntil }),
  },
});

export const joinBreakGlass = ({
  account,
  asked,
  drilled,
  used,
  alarmed,
  passUntil,
}: BreakGlassDocument): BreakGlassAccount => ({
  ...account,
  ...(asked !== undefined && account.rotateAt !== undefined && asked.at <= account.rotateAt
    ? { rotateAt: asked.at, rotateFor: asked.cause }
    : {}),
  ...(drilled === undefined ? {} : { drilled }),
  ...(used === undefined ? {} : { used }),
  ...(alarmed === undefined ? {} : { alarmed }),
  ...(passUntil === undefined ? {} : { passUntil }),
});
