import { z } from 'zod';
import type { Account, Before, Credential, Grant, GrantedAccess, Pass } from '../engine/account.js';
import type { AccountId, RequestId } from '../engine/ids.js';
import { accountKindSchema, expirationActionSchema } from './config-document.js';
import { readerOf, type FieldsOf } from './document.js';
import {
  accountIdSchema,
  directoryGroupIdSchema,
  personIdSchema,
  requestIdSchema,
  roleIdSchema,
  tenantIdSchema,
} from './values.js';

/**
 * One document of `accounts`. Sealed secrets stand apart from the account, so that the lease holder's writes and the one
 * that takes a secret never touch the same field.
 */
export interface AccountDocument {
  readonly _id: AccountId;
  readonly account: StoredAccount;
  readonly sealed?: { readonly generation: number; readonly value: string };
  /** By the directory's id of the access pass. */
  readonly sealedPass?: { readonly id: string; readonly value: string };
  /** Grows with each lease. */
  readonly fence: number;
  readonly lease?: AccountLease;
}

export interface AccountLease {
  readonly until: Date;
  /** Drawn for each attempt to lease, so that a holder whose answer got lost finds its own lease again. */
  readonly holder: string;
  /** Whether the holder before let it run out. */
  readonly abandoned: boolean;
}

export type StoredAccount = Omit<Account, 'credential' | 'pass'> & {
  readonly credential: StoredCredential;
  readonly pass?: StoredPass;
};

export type StoredPass = Omit<Pass, 'sealed'>;

export type StoredCredential = { readonly generation: number; readonly sessionsRevoked: boolean } & (
  | { readonly use: 'lent'; readonly request: RequestId }
  | { readonly use: 'blind' }
  | { readonly use: 'kept' }
  | { readonly use: 'shut' }
  | { readonly use: 'own' }
);

const withoutRequest = <Use extends string>(use: Use) =>
  z.strictObject({ use: z.literal(use), generation: z.int(), sessionsRevoked: z.boolean() });

const credential: z.ZodType<StoredCredential> = z.discriminatedUnion('use', [
  z.strictObject({
    use: z.literal('lent'),
    generation: z.int(),
    sessionsRevoked: z.boolean(),
    request: requestIdSchema,
  }),
  withoutRequest('blind'),
  withoutRequest('kept'),
  withoutRequest('shut'),
  withoutRequest('own'),
]);

const access: z.ZodType<GrantedAccess> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sign-in') }),
  z.strictObject({ kind: z.literal('role'), role: roleIdSchema }),
  z.strictObject({ kind: z.literal('group'), group: directoryGroupIdSchema }),
  z.strictObject({ kind: z.literal('pass') }),
]);

const grant = z.strictObject({
  access,
  at: z.date(),
  assignment: z.string().exactOptional(),
  until: z.date().exactOptional(),
  joined: z.literal(true).exactOptional(),
  generation: z.int().exactOptional(),
  pass: z.string().exactOptional(),
} satisfies FieldsOf<Grant>);

const pass = z.strictObject({
  request: requestIdSchema,
  number: z.int(),
  issued: z.strictObject({ id: z.string(), endsAt: z.date() }).exactOptional(),
  refused: z.literal(true).exactOptional(),
} satisfies FieldsOf<StoredPass>);

const before = z.strictObject({
  enabled: z.boolean(),
  roles: z.array(roleIdSchema),
  groups: z.array(directoryGroupIdSchema),
  restedAt: z.date().exactOptional(),
} satisfies FieldsOf<Before>);

const account = z.strictObject({
  id: accountIdSchema,
  tenant: tenantIdSchema,
  kind: accountKindSchema,
  person: personIdSchema.exactOptional(),
  upn: z.string(),
  displayName: z.string(),
  objectId: z.string().exactOptional(),
  creationSent: z.boolean(),
  credential,
  pass: pass.exactOptional(),
  grants: z.array(grant),
  before: before.exactOptional(),
  deletion: z.strictObject({ at: z.date(), answered: z.boolean() }).exactOptional(),
  owed: expirationActionSchema.exactOptional(),
  lastUsedAt: z.date().exactOptional(),
  writtenAt: z.date().exactOptional(),
} satisfies FieldsOf<StoredAccount>);

const accountDocument = z.strictObject({
  _id: accountIdSchema,
  account,
  sealed: z.strictObject({ generation: z.int(), value: z.string() }).exactOptional(),
  sealedPass: z.strictObject({ id: z.string(), value: z.string() }).exactOptional(),
  fence: z.int(),
  lease: z
    .strictObject({ until: z.date(), holder: z.string(), abandoned: z.boolean() } satisfies FieldsOf<AccountLease>)
    .exactOptional(),
} satisfies FieldsOf<AccountDocument>);

export const readAccount = readerOf<AccountDocument>('accounts', accountDocument);

export const readHolding = readerOf('accounts', z.object({ fence: z.int(), lease: z.unknown().optional() }));

/** The account without its sealed secrets, and those. */
export const splitAccount = (account: Account): Pick<AccountDocument, 'account' | 'sealed' | 'sealedPass'> => {
  const { credential, pass, ...rest } = account;
  const [storedCredential, password] = splitCredential(credential);
  const { sealed: value, ...storedPass }: Partial<Pass> = pass ?? {};
  const id = pass?.issued?.id;
  return {
    account: {
      ...rest,
      credential: storedCredential,
      ...(pass === undefined ? {} : { pass: storedPass as StoredPass }),
    },
    ...(password === undefined ? {} : { sealed: { generation: credential.generation, value: password } }),
    ...(id === undefined || value === undefined ? {} : { sealedPass: { id, value } }),
  };
};

const splitCredential = (credential: Credential): [StoredCredential, string | undefined] => {
  if (credential.use !== 'lent') return [credential, undefined];
  const { sealed, ...stored } = credential;
  return [stored, sealed];
};

export const joinAccount = ({
  account,
  sealed,
  sealedPass,
}: Pick<AccountDocument, 'account' | 'sealed' | 'sealedPass'>): Account => {
  const { pass, credential: stored, ...rest } = account;
  const hasPass = pass?.issued !== undefined && sealedPass?.id === pass.issued.id;
  return {
    ...rest,
    credential: joinCredential(stored, sealed),
    ...(pass === undefined ? {} : { pass: hasPass ? { ...pass, sealed: sealedPass.value } : pass }),
  };
};

const joinCredential = (stored: StoredCredential, sealed: AccountDocument['sealed']): Credential =>
  stored.use === 'lent' && sealed?.generation === stored.generation ? { ...stored, sealed: sealed.value } : stored;
