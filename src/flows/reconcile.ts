/** Sets what a tenant's directory holds of ours against what is on record, and has put right what is ours to put right. */
import type { Account } from '../engine/account.js';
import type { Ways } from '../engine/desired.js';
import { driftOf, isProvable, isStray } from '../engine/drift.js';
import type { Sighting } from '../engine/drift.js';
import { isPassing } from '../engine/faults.js';
import type { AccountId, DirectoryGroupId, RoleId } from '../engine/ids.js';
import { NO_POWERS } from '../engine/powers.js';
import type { AccessRequest } from '../engine/request.js';
import { CONCERNED, isLive } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { describeError } from '../lib/log.js';
import { userOf } from './user.js';
import { owned } from './change.js';
import { converge } from './converge.js';
import type { FlowDeps } from './deps.js';
import type { Finding, Names, Outcome, Report } from './findings.js';
import { mend } from './mend.js';
import type { Site } from './mend.js';
import type { Checkup, Pause } from './ports/checkups.js';
import type { Survey, TaggedUser } from './ports/survey.js';
import { troubleClause } from './trouble.js';

export const reconcile = async (deps: FlowDeps, tenant: Tenant, records?: Records): Promise<Report> => {
  const { id, name, organization } = tenant;
  const outcome = await lookAt(deps, tenant, records ?? (await recordsOf(deps, tenant)));
  return { tenant: { id, name, ...owned(organization) }, outcome };
};

/** What is on record of a tenant. Old by the time it is used: whatever it makes look wrong is looked at again by itself. */
export interface Records {
  readonly pause: Pause | undefined;
  readonly checkup: Checkup | undefined;
  readonly accounts: readonly Account[];
  /** Those that concern an account. */
  readonly requests: readonly AccessRequest[];
}

const recordsOf = async (deps: FlowDeps, tenant: Tenant): Promise<Records> => {
  const [pause, checkup, accounts, requests] = await Promise.all([
    deps.checkups.pauseOf(tenant.id),
    deps.checkups.of(tenant.id),
    accountsIn(deps, tenant),
    deps.requests.list({ tenant: tenant.id, states: CONCERNED }, MOST_REQUESTS),
  ]);
  return { pause, checkup, accounts, requests };
};

/** The same of many tenants in as few questions; `undefined`: there is too much of it. */
export const recordsOfAll = async (
  deps: FlowDeps,
  tenants: readonly Tenant[],
): Promise<((tenant: Tenant) => Records) | undefined> => {
  const ids = tenants.map(({ id }) => id);
  const [pauses, checkups, accounts, requests] = await Promise.all([
    deps.checkups.pauses(),
    deps.checkups.ofTenants(ids),
    deps.accounts.ofTenants(ids, MOST_ACCOUNTS),
    deps.requests.list({ tenants: ids, states: CONCERNED }, MOST_REQUESTS),
  ]);
  if (accounts === undefined || requests.length === MOST_REQUESTS) return undefined;
  return ({ id }) => ({
    pause: pauses.find(({ tenant }) => tenant === id),
    checkup: checkups.find(({ tenant }) => tenant === id),
    accounts: accounts.filter(({ tenant }) => tenant === id),
    requests: requests.filter(({ tenant }) => tenant === id),
  });
};

/** Those of many tenants are read together up to here: so many are held in memory at a time. */
const MOST_ACCOUNTS = 2_000;

const lookAt = async (
  deps: FlowDeps,
  tenant: Tenant,
  { pause, checkup, accounts, requests }: Records,
): Promise<Outcome> => {
  if (pause !== undefined) return { kind: 'paused', clause: pause.clause, since: pause.since };
  const surveyed = await deps.survey.survey(tenant, accounts.filter(isThere).map(userOf));
  if (!surveyed.ok) {
    const { error } = surveyed;
    deps.log.warn({ tenant: tenant.id, code: error.code, detail: error.detail }, 'a tenant could not be looked at');
    return { kind: 'unread', clause: troubleClause(error), passing: isPassing(error) };
  }
  const { accessPass } = tenant;
  const ways: Ways = {
    now: surveyed.value.at,
    powers: checkup?.powers ?? NO_POWERS,
    ...(accessPass === undefined ? {} : { accessPass }),
  };
  const findings = [
    ...(await driftsIn(deps, { tenant, ways }, accounts, requests, surveyed.value)),
    ...(await straysIn(deps, surveyed.value)),
  ];
  const names = findings.some(namesSomething) ? await namesFor(deps, tenant, requests) : new Map();
  return { kind: 'looked', accounts: accounts.length, findings, names };
};

/** So many requests are open in one tenant at most: beyond, an account is looked at by itself. */
const MOST_REQUESTS = 2_000;

const PAGE = 500;

const accountsIn = async (deps: Pick<FlowDeps, 'accounts'>, { id }: Tenant): Promise<readonly Account[]> => {
  const all: Account[] = [];
  let page: readonly Account[];
  do {
    page = await deps.accounts.byTenant(id, all.at(-1)?.id, PAGE);
    all.push(...page);
  } while (page.length === PAGE);
  return all;
};

/** Of the others nothing of ours can be in the directory. */
const isThere = ({ kind, creationSent, before, grants }: Account): boolean =>
  kind === 'existing' ? grants.length > 0 || (before !== undefined && before.restedAt === undefined) : creationSent;

/** One after the other: where much is wrong at once, the tenant's directory is not pressed. */
const driftsIn = async (
  deps: FlowDeps,
  site: Site,
  accounts: readonly Account[],
  requests: readonly AccessRequest[],
  survey: Survey,
): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const account of accounts.filter((one) => isSuspect(one, requests, survey, site.ways))) {
    try {
      findings.push(...(await mend(deps, site, account.id, survey.upns.get(account.id))));
    } catch (thrown) {
      deps.log.error({ account: account.id, ...describeError(thrown) }, 'an account could not be put right');
    }
  }
  return findings;
};

const isSuspect = (account: Account, requests: readonly AccessRequest[], survey: Survey, ways: Ways): boolean => {
  const observed = survey.observed.get(account.id);
  if (observed === undefined) return false;
  const upn = survey.upns.get(account.id);
  const sighting: Sighting = { observed, at: survey.at, ...(upn === undefined ? {} : { upn }) };
  if (driftOf(account, requests, sighting, ways).length > 0 || isProvable(account, requests, sighting)) return true;
  // When Entra ends a role, only a look at this user alone tells.
  const isTimed = account.grants.some(({ until }) => until !== undefined);
  return isTimed && requests.some((request) => request.account === account.id && isLive(request));
};

const straysIn = async (deps: Pick<FlowDeps, 'accounts'>, survey: Survey): Promise<readonly Finding[]> => {
  const known = new Map<AccountId, Account | undefined>();
  const isUnknown = async (user: TaggedUser): Promise<boolean> => {
    if (!known.has(user.account)) known.set(user.account, await deps.accounts.load(user.account));
    return isStray(user, known.get(user.account), survey.at);
  };
  const strays: Finding[] = [];
  for (const user of survey.tagged) {
    const { upn, enabled, objectId } = user;
    if (await isUnknown(user)) strays.push({ kind: 'stray', upn, enabled, objectId });
  }
  return strays;
};

const namesSomething = (finding: Finding): boolean => finding.kind === 'drift' && 'roles' in finding.drift;

/** So many requests that are over are asked for the names of groups. */
const MOST_PAST = 200;

/** The directory knows all of its roles by name; of groups those that somebody asks or asked for are known. */
const namesFor = async (
  deps: Pick<FlowDeps, 'directory' | 'requests'>,
  tenant: Tenant,
  requests: readonly AccessRequest[],
): Promise<Names> => {
  const [roles, past] = await Promise.all([
    deps.directory.roles(tenant),
    deps.requests.list({ tenant: tenant.id, states: ['closed'] }, MOST_PAST),
  ]);
  const listed: readonly (readonly [RoleId | DirectoryGroupId, string])[] = roles.ok
    ? roles.value.map(({ id, name }) => [id, name])
    : [];
  const groups = [...[...past, ...requests].flatMap((request) => request.groups), ...(tenant.groups ?? [])];
  return new Map([...listed, ...groups.map(({ id, name }) => [id, name] as const)]);
};

/** Accounts that owe an end which nobody tends: what a process that died over it has left. */
export const settleOwed = async (deps: FlowDeps): Promise<void> => {
  for (const id of await deps.accounts.owing(deps.clock.now(), PAGE)) {
    // Of the others somebody takes care: what they need an account for has its own time.
    if ((await deps.requests.byAccount(id, CONCERNED)).length > 0) continue;
    await converge(deps, id);
  }
};
