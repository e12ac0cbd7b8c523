/** Takes users that other tools made for just-in-time access as the dedicated accounts of the people they are for. */
import { shutCredential } from '../engine/account.js';
import type { Account, HeldRole } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import { accountId, dedicatedAccountId } from '../engine/ids.js';
import type { AccountId } from '../engine/ids.js';
import { accountUpn, userNameFor } from '../engine/naming.js';
import { idsOf, isDeactivated } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayTouch, owned, recordChange } from './change.js';
import type { Admin } from './change.js';
import { converge } from './converge.js';
import type { FlowDeps } from './deps.js';
import type { NamedUser, TaggedUser } from './ports/survey.js';

/** Why a user is left alone. */
export type Unfit = 'guest' | 'synced' | 'tagged' | 'ours' | 'own' | 'nobody' | 'ambiguous' | 'has-one' | 'unread';

export interface Candidate {
  readonly user: NamedUser;
  readonly roles: readonly HeldRole[];
  readonly groups: number;
  /** Of the password that a tag for this very account speaks of. */
  readonly generation?: number;
  readonly person?: Person;
  readonly why?: Unfit;
}

export interface Wish {
  readonly tenant: Tenant;
  /** A user principal name, or the beginning of one with a `*` behind it. */
  readonly pattern: string;
  /** Whose they are said to be, instead of guessing it. */
  readonly person?: Person;
  /** Among whom an owner is looked for. */
  readonly people: readonly Person[];
}

/** No more at a time: each is shown, and looked at by itself. */
export const MOST_ADOPTED = 25;

/** Who would be taken, for whom, and who would not. Changes nothing. */
export const findAdoptable = async (
  deps: FlowDeps,
  admin: Admin,
  wish: Wish,
): Promise<Result<readonly Candidate[], Fault>> => {
  const { tenant, pattern } = wish;
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const [prefix = '', ...rest] = pattern.toLowerCase().split('*');
  const named = await deps.survey.named(tenant, prefix);
  if (!named.ok) return named;
  const users = named.value.filter(({ upn }) => fits(upn.toLowerCase(), prefix, rest)).slice(0, MOST_ADOPTED);
  const tagged = users.some((user) => user.tagged) ? await deps.survey.survey(tenant, []) : undefined;
  if (tagged?.ok === false) return err(tagged.error);
  const candidates: Candidate[] = [];
  for (const user of users) candidates.push(await judge(deps, admin, wish, user, tagged?.value.tagged ?? []));
  return ok(candidates);
};

/** What stands between the stars comes in this order. */
const fits = (upn: string, prefix: string, rest: readonly string[]): boolean => {
  if (!upn.startsWith(prefix)) return false;
  if (rest.length === 0) return upn === prefix;
  let at = prefix.length;
  for (const part of rest) {
    const found = upn.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return (
    rest.at(-1) === '' || upn.endsWith(rest.at(-1) ?? '') || upn.slice(0, upn.indexOf('@')).endsWith(rest.at(-1) ?? '')
  );
};

const judge = async (
  deps: FlowDeps,
  admin: Admin,
  wish: Wish,
  user: NamedUser,
  tagged: readonly TaggedUser[],
): Promise<Candidate> => {
  const { tenant } = wish;
  const unfit = (why: Unfit, more: Partial<Candidate> = {}): Candidate => ({
    user,
    roles: [],
    groups: 0,
    ...more,
    why,
  });
  if (user.origin !== 'cloud') return unfit(user.origin);
  if (isOwn(admin.person, user)) return unfit('own');
  const kept = await deps.keptUsers.among(tenant.id, [{ id: directoryId(user), upn: user.upn }]);
  if (kept.length > 0) return unfit('ours');
  if (user.tagged && !(await isStrayOfOurs(deps, user, tagged))) return unfit('tagged');
  const owner = ownerOf(wish, user);
  if (owner === undefined || owner === 'several') return unfit(owner === undefined ? 'nobody' : 'ambiguous');
  if (await hasOne(deps, tenant, owner)) return unfit('has-one', { person: owner });
  const seen = await deps.directory.observe(tenant, asUser(dedicatedAccountId(tenant.id, owner.id), user));
  if (!seen.ok || !seen.value.exists) return unfit('unread', { person: owner });
  const { assignments: roles, groups, generation } = seen.value;
  const found = { user, roles, groups: groups.length, person: owner };
  return generation === undefined ? found : { ...found, generation };
};

const directoryId = ({ objectId }: NamedUser) => objectId as Parameters<FlowDeps['keptUsers']['among']>[1][0]['id'];

const asUser = (account: AccountId, { upn, displayName, objectId }: NamedUser) => ({
  account,
  upn,
  displayName,
  objectId,
});

const localPart = (name: string): string => name.slice(0, Math.max(0, name.indexOf('@'))).toLowerCase();

/** Whoever says it must not lock themselves out. */
const isOwn = (person: Person, { upn }: NamedUser): boolean =>
  person.identities.some(({ email }) => email?.toLowerCase() === upn.toLowerCase());

/** A tag of this installation that names no account we know: left over from records that are lost, or forged. */
const isStrayOfOurs = async (
  { accounts }: Pick<FlowDeps, 'accounts'>,
  { objectId }: NamedUser,
  tagged: readonly TaggedUser[],
): Promise<boolean> => {
  const tag = tagged.find((one) => one.objectId === objectId);
  if (tag === undefined) return false;
  const known = await accounts.load(accountId(tag.account));
  return known?.objectId !== objectId;
};

const ownerOf = ({ tenant, person, people }: Wish, user: NamedUser): Person | 'several' | undefined => {
  if (person !== undefined) return person;
  const found = people.filter((one) => !isDeactivated(one) && isNamedIn(tenant, one, user));
  return found.length > 1 ? 'several' : found[0];
};

/** By the name that we would have given it, by the name in it, or by who it says that it is for. */
const isNamedIn = (tenant: Tenant, { id, name, identities }: Person, { upn, displayName }: NamedUser): boolean => {
  const written = localPart(upn);
  const made = localPart(accountUpn(name, id, tenant.domain, 1, tenant.namePattern));
  if (written === made) return true;
  const names = [
    userNameFor(name),
    ...identities.flatMap(({ email }) => (email === undefined ? [] : [localPart(email)])),
  ];
  const isIn = (one: string): boolean =>
    one.length >= LEAST_TELLING && written.endsWith(one) && !/[a-z0-9]/u.test(written.at(-one.length - 1) ?? '');
  return names.some(isIn) || userNameFor(displayName).endsWith(`.${userNameFor(name)}`);
};

/** A shorter name stands in too many others. */
const LEAST_TELLING = 4;

const hasOne = async ({ accounts }: Pick<FlowDeps, 'accounts'>, tenant: Tenant, person: Person): Promise<boolean> => {
  const known = await Promise.all(idsOf(person).map((id) => accounts.load(dedicatedAccountId(tenant.id, id))));
  return known.some((account) => account !== undefined);
};

export interface Adopted {
  readonly candidate: Candidate;
  /** `waiting`: on record as ours, and not yet shut; it is tried on. */
  readonly outcome: 'shut' | 'waiting' | 'taken';
}

/** Takes each that may be taken: on record first, then stripped, tagged and shut by an ordinary pass. */
export const adopt = async (
  deps: FlowDeps,
  admin: Admin,
  tenant: Tenant,
  candidates: readonly Candidate[],
): Promise<readonly Adopted[]> => {
  const adopted: Adopted[] = [];
  for (const candidate of candidates) {
    const { user, person, why } = candidate;
    if (person === undefined || why !== undefined) continue;
    const account = accountFor(tenant, person, candidate, deps.clock.now());
    await recordChange(deps, admin, {
      what: 'account.adopted',
      tenant: tenant.id,
      ...owned(tenant.organization),
      about: [person.id],
      facts: {
        account: account.upn,
        id: account.id,
        user: user.objectId,
        roles: candidate.roles.map(({ role }) => role),
      },
    });
    adopted.push({ candidate, outcome: await take(deps, account) });
  }
  return adopted;
};

const accountFor = (tenant: Tenant, person: Person, { user, generation = 0 }: Candidate, now: Date): Account => ({
  id: dedicatedAccountId(tenant.id, person.id),
  tenant: tenant.id,
  kind: 'dedicated',
  person: person.id,
  upn: user.upn.toLowerCase(),
  displayName: user.displayName,
  objectId: user.objectId,
  creationSent: true,
  credential: shutCredential(generation + 1),
  grants: [],
  owed: 'disable',
  writtenAt: now,
});

const take = async (deps: FlowDeps, account: Account): Promise<Adopted['outcome']> => {
  if (!(await deps.accounts.ensure(account))) return 'taken';
  const stored = await deps.accounts.load(account.id);
  // Somebody asked for an account there in this very moment, and was first.
  if (stored?.objectId !== account.objectId) return 'taken';
  await converge(deps, account.id);
  return (await deps.accounts.load(account.id))?.owed === undefined ? 'shut' : 'waiting';
};
