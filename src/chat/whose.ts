/** Whose account it shall be, beyond one's own: a user to be made, or one who is there. */
import type { AccountKind, ExistingUser, FreshUser } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import { freshUser } from '../engine/fresh-user.js';
import { userNameFor } from '../engine/naming.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { cleaned } from './asking.js';
import type { RequestOptions } from './command.js';
import { userIn } from './manner.js';

/** What is known of a request when it is asked whose account it is for. */
interface Wanted {
  readonly tenant: Tenant;
  readonly account: AccountKind;
  readonly template?: Template;
  readonly ticket?: string;
}

export interface Whose {
  readonly user?: ExistingUser;
  readonly fresh?: FreshUser;
}

type FreshWords = Pick<RequestOptions, 'first' | 'last' | 'userName' | 'userDomain'>;

const FRESH_WORDS = { first: '--first', last: '--last', userName: '--user-name', userDomain: '--user-domain' } as const;

/** What was said of it, looked up with `find`; nothing, where nothing was. */
export const readWhose = async (
  find: (typed: string) => Promise<Result<ExistingUser, Fault>>,
  wanted: Wanted,
  options: FreshWords & Pick<RequestOptions, 'account'>,
): Promise<Result<Whose, Fault>> => {
  if (wanted.account === 'fresh') return readFresh(wanted, options);
  const surplus = Object.entries(FRESH_WORDS).find(([name]) => options[name as keyof FreshWords] !== undefined);
  if (surplus !== undefined) {
    return err({ code: 'admin.invalid', field: surplus[1], problem: 'that is for a new account: add --account fresh' });
  }
  const typed = wanted.account === 'existing' ? cleaned(userIn(options.account) ?? '') : '';
  if (typed === '') return ok({});
  const user = await find(typed);
  return user.ok ? ok({ user: user.value }) : user;
};

const readFresh = (
  { tenant, template, ticket }: Wanted,
  { first = '', last = '', userName, userDomain }: FreshWords,
): Result<Whose, Fault> => {
  const names = { firstName: cleaned(first), lastName: cleaned(last) };
  if (names.firstName === '' && names.lastName === '') return ok({});
  // Whoever types a whole user principal name means its domain, too.
  const [local = '', typedDomain] = cleaned(userName ?? '').split(/@(.*)/su);
  const made = userNameFor(`${names.firstName} ${names.lastName}`, template?.namePattern, ticket);
  const chosen = local === '' ? made : local;
  const fresh = freshUser({
    ...names,
    ...(chosen === '' ? {} : { userName: chosen }),
    domain: cleaned(userDomain ?? typedDomain ?? '') || tenant.domain,
  });
  return fresh.ok ? ok({ fresh: fresh.value }) : fresh;
};

/** Whether enough is said of the account to ask at once. */
export const saysWhose = (account: AccountKind, options: FreshWords & Pick<RequestOptions, 'account'>): boolean => {
  if (account === 'existing') return userIn(options.account) !== undefined;
  return account !== 'fresh' || (options.first !== undefined && options.last !== undefined);
};
