/** Users who were there before: who of them may be lent to somebody, and by which rules. */
import type { ExistingUser } from '../engine/access.js';
import { isAbout } from '../engine/decide.js';
import type { Book } from '../engine/decide.js';
import type { DirectoryFault, Fault } from '../engine/faults.js';
import { lends } from '../engine/patterns.js';
import type { Person } from '../engine/person.js';
import { reaches } from '../engine/rule.js';
import type { AllowRule } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { isUntouchable } from '../engine/untouchable.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { bookFor } from './book.js';
import type { FlowDeps } from './deps.js';

type LendDeps = Pick<FlowDeps, 'config' | 'settings' | 'search' | 'keptUsers'>;

/** Rules of more users than this are served by searching for them. */
const MOST_NAMED = 30;
const MOST_LISTED = 100;

/** The rules by which this person may borrow users there. */
export const lendingRules = ({ rules, memberOf }: Book, person: Person, tenant: Tenant): readonly AllowRule[] =>
  rules.flatMap((rule) =>
    rule.effect === 'allow' &&
    (rule.what.users ?? []).length > 0 &&
    reaches(rule, tenant) &&
    isAbout(rule, person, memberOf)
      ? [rule]
      : [],
  );

export interface Lendable {
  readonly users: readonly ExistingUser[];
  /** Why not all of them could be looked up. */
  readonly fault?: DirectoryFault;
}

/** The users whom rules let this person borrow there, by name; of very many, the first. */
export const lendableUsers = async (deps: LendDeps, person: Person, tenant: Tenant): Promise<Lendable> => {
  const rules = lendingRules(await bookFor(deps, person, tenant), person, tenant);
  const selectors = rules.flatMap(({ what }) => what.users ?? []);
  const ids = new Set(selectors.flatMap((one) => (one.kind === 'one' ? [one.id] : [])));
  const beginnings = new Set(
    selectors.flatMap((one) => (one.kind === 'pattern' ? [one.pattern.slice(0, one.pattern.indexOf('*'))] : [])),
  );
  const [named, searched] = await Promise.all([
    Promise.all([...ids].slice(0, MOST_NAMED).map((id) => deps.search.user(tenant, id))),
    Promise.all([...beginnings].map((words) => deps.search.users(tenant, words))),
  ]);
  const users = [
    ...named.flatMap((one) => (one.ok && one.value !== undefined ? [one.value] : [])),
    ...searched.flatMap((some) => (some.ok ? some.value : [])),
  ];
  const fault = [...named, ...searched].flatMap((one) => (one.ok ? [] : [one.error]))[0];
  return {
    users: (await lent(deps, rules, tenant, users)).slice(0, MOST_LISTED),
    ...(fault === undefined ? {} : { fault }),
  };
};

/** Those of these users whom the rules name and Latchkey does not keep itself, each once, by name. */
const lent = async (
  deps: LendDeps,
  rules: readonly AllowRule[],
  tenant: Tenant,
  users: readonly ExistingUser[],
): Promise<readonly ExistingUser[]> => {
  const distinct = [...new Map(users.map((user) => [user.id, user])).values()];
  const named = distinct.filter((user) => rules.some(({ what }) => lends(what, user)));
  const kept = await deps.keptUsers.among(tenant.id, named);
  return named
    .filter((user) => !isUntouchable(user, kept))
    .toSorted((one, other) => one.name.localeCompare(other.name));
};

/** The user whom somebody means, as the directory knows them, whatever rules say. */
export const userMeant = async (
  deps: Pick<FlowDeps, 'search'>,
  tenant: Tenant,
  typed: string,
): Promise<Result<ExistingUser, Fault>> => {
  const found = await usersMeant(deps, tenant, typed);
  return found.ok ? theOne(tenant, typed, found.value) : found;
};

/** The one whom somebody means among those whom rules let them borrow: others do not exist for them. */
export const lendableUser = async (
  deps: LendDeps,
  person: Person,
  tenant: Tenant,
  typed: string,
): Promise<Result<ExistingUser, Fault>> => {
  const rules = lendingRules(await bookFor(deps, person, tenant), person, tenant);
  const found = rules.length === 0 ? ok([]) : await usersMeant(deps, tenant, typed);
  return found.ok ? theOne(tenant, typed, await lent(deps, rules, tenant, found.value)) : found;
};

/** What can only be one user: a user principal name, or an object id. */
const IS_KEY = /@|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

const usersMeant = async (
  { search }: Pick<FlowDeps, 'search'>,
  tenant: Tenant,
  typed: string,
): Promise<Result<readonly ExistingUser[], DirectoryFault>> => {
  if (!IS_KEY.test(typed)) return search.users(tenant, typed);
  const one = await search.user(tenant, typed.toLowerCase());
  if (!one.ok) return one;
  return ok(one.value === undefined ? [] : [one.value]);
};

/** A name that is said in full means whom it names, though others begin with it. */
const theOne = (tenant: Tenant, asked: string, users: readonly ExistingUser[]): Result<ExistingUser, Fault> => {
  const wanted = asked.toLowerCase();
  const exact = users.filter(({ name, upn }) => [name, upn].some((known) => known.toLowerCase() === wanted));
  const [user, ...others] = exact.length === 1 ? exact : users;
  if (user === undefined) return err({ code: 'user.unknown', tenant: tenant.name, asked });
  if (others.length === 0) return ok(user);
  return err({ code: 'user.ambiguous', asked, candidates: users.map(({ name, upn }) => `${name} (${upn})`) });
};
