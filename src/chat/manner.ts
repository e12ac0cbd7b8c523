/** On which account, and what becomes of it, as people say it. */
import type { AccountKind, ExpirationAction } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

export const ACCOUNT_WORDS: Readonly<Record<string, AccountKind>> = {
  mine: 'dedicated',
  dedicated: 'dedicated',
  fresh: 'fresh',
  new: 'fresh',
  existing: 'existing',
};

export const END_WORDS: Readonly<Record<string, ExpirationAction>> = {
  keep: 'keep',
  disable: 'disable',
  delete: 'delete',
};

/** `mine`, `fresh`, `existing`, `existing:UPN`; nothing said is nothing. */
export const readAccount = (typed: string | undefined): Result<AccountKind | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  const kind = ACCOUNT_WORDS[typed.trim().toLowerCase().replace(/:.*$/su, '')];
  if (kind !== undefined) return ok(kind);
  return err({ code: 'admin.invalid', field: '--account', problem: 'say mine, fresh or existing:UPN' });
};

export const readAtEnd = (typed: string | undefined): Result<ExpirationAction | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  const action = END_WORDS[typed.trim().toLowerCase()];
  if (action !== undefined) return ok(action);
  return err({ code: 'admin.invalid', field: '--at-end', problem: 'say keep, disable or delete' });
};
