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

/** What a word of such a table stands for; words that every object happens to know, `constructor`, are none. */
export const meantBy = <T>(words: Readonly<Record<string, T>>, typed: string): T | undefined => {
  const word = typed.trim().toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
};

/** `mine`, `fresh`, `existing`, `existing:UPN`; nothing said is nothing. */
export const readAccount = (typed: string | undefined): Result<AccountKind | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  const kind = meantBy(ACCOUNT_WORDS, typed.replace(/:.*$/su, ''));
  if (kind !== undefined) return ok(kind);
  return err({ code: 'admin.invalid', field: '--account', problem: 'say mine, fresh or existing:UPN' });
};

/** Whose account it shall be, of `existing:UPN` and `existing:NAME`. */
export const userIn = (typed: string | undefined): string | undefined => {
  const words = /^[^:]*:(.*)$/su.exec(typed ?? '')?.[1]?.trim() ?? '';
  return words === '' ? undefined : words;
};

export const readAtEnd = (typed: string | undefined): Result<ExpirationAction | undefined, Fault> => {
  if (typed === undefined) return ok(undefined);
  const action = meantBy(END_WORDS, typed);
  if (action !== undefined) return ok(action);
  return err({ code: 'admin.invalid', field: '--at-end', problem: 'say keep, disable or delete' });
};
