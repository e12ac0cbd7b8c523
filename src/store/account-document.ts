import { z } from 'zod';
import type { Account, Credential, Grant, GrantedAccess } from '../engine/account.js';
import type { AccountId, RequestId } from '../engine/ids.js';
import { expirationActionSchema } from './config-document.js';
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
 * One document of `accounts`. The sealed password stands apart from the account, so that the lease holder's writes and
 * the one that takes it never touch the same field.
 */
export interface AccountDocument {
  readonly _id: AccountId;
  readonly account: StoredAccount;
  readonly sealed?: { readonly generation: number; readonly value: string };
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

export type StoredAccount = Omit<Account, 'credential'> & { readonly credential: StoredCredential };

export type StoredCredential = { readonly generation: number; readonly sessionsRevoked: boolean } & (
  { readonly use: 'lent'; readonly request: RequestId } | { readonly use: 'kept' } | { readonly use: 'shut' }
);

const credential: z.ZodType<StoredCredential> = z.discriminatedUnion('use', [
  z.strictObject({
    use: z.literal('lent'),
    generation: z.int(),
    sessionsRevoked: z.boolean(),
    request: requestIdSchema,
  }),
  z.strictObject({ use: z.literal('kept'), generation: z.int(), sessionsRevoked: z.boolean() }),
  z.strictObject({ use: z.literal('shut'), generation: z.int(), sessionsRevoked: z.boolean() }),
]);

const access: z.ZodType<GrantedAccess> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sign-in') }),
  z.strictObject({ kind: z.literal('role'), role: roleIdSchema }),
  z.strictObject({ kind: z.literal('group'), group: directoryGroupIdSchema }),
]);

const grant = z.strictObject({
  access,
  at: z.date(),
  assignment: z.string().exactOptional(),
  joined: z.literal(true).exactOptional(),
  generation: z.int().exactOptional(),
} satisfies FieldsOf<Grant>);

const account = z.strictObject({
  id: accountIdSchema,
  tenant: tenantIdSchema,
  person: personIdSchema,
  upn: z.string(),
  displayName: z.string(),
  objectId: z.string().exactOptional(),
  creationSent: z.boolean(),
  credential,
  grants: z.array(grant),
  deletion: z.strictObject({ at: z.date(), answered: z.boolean() }).exactOptional(),
  owed: expirationActionSchema.exactOptional(),
  lastUsedAt: z.date().exactOptional(),
} satisfies FieldsOf<StoredAccount>);

const accountDocument = z.strictObject({
  _id: accountIdSchema,
  account,
  sealed: z.strictObject({ generation: z.int(), value: z.string() }).exactOptional(),
  fence: z.int(),
  lease: z
    .strictObject({ until: z.date(), holder: z.string(), abandoned: z.boolean() } satisfies FieldsOf<AccountLease>)
    .exactOptional(),
} satisfies FieldsOf<AccountDocument>);

export const readAccount = readerOf<AccountDocument>('accounts', accountDocument);

/** The account without its sealed password, and that password. */
export const splitAccount = (account: Account): Pick<AccountDocument, 'account' | 'sealed'> => {
  const { credential } = account;
  if (credential.use !== 'lent') return { account: { ...account, credential } };
  const { sealed, ...stored } = credential;
  return {
    account: { ...account, credential: stored },
    ...(sealed === undefined ? {} : { sealed: { generation: credential.generation, value: sealed } }),
  };
};

export const joinAccount = ({ account, sealed }: Pick<AccountDocument, 'account' | 'sealed'>): Account => ({
  ...account,
  credential: joinCredential(account.credential, sealed),
});

const joinCredential = (stored: StoredCredential, sealed: AccountDocument['sealed']): Credential =>
  stored.use === 'lent' && sealed?.generation === stored.generation ? { ...stored, sealed: sealed.value } : stored;
