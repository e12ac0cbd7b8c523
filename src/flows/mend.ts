/** One account that looks as if somebody had changed its user: looked at again under its lease, and put right by a pass. */
import { shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import { driftOf, isOurs, isProvable } from '../engine/drift.js';
import type { Drift, Sighting } from '../engine/drift.js';
import type { Ways } from '../engine/desired.js';
import { restsAs } from '../engine/ending.js';
import { takenOver } from '../engine/granted.js';
import { CONCERNED, isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { applyEvent } from '../engine/transitions.js';
import { addMs } from '../lib/clock.js';
import { randomId } from '../lib/random.js';
import { ok } from '../lib/result.js';
import { userOf } from './user.js';
import { converge } from './converge.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { Finding, Remedy } from './findings.js';
import { Lease, LEASE_MS, LeaseLost } from './lease.js';
import { transition } from './transition.js';

/** Where an account is, and by what ways access is given there. */
export interface Site {
  readonly tenant: Tenant;
  readonly ways: Ways;
}

type Drifted = Extract<Finding, { kind: 'drift' }>;

/**
 * What of the first look stands before a second one, and what came of putting it right. Nobody's access is decided on
 * here: an account at rest is made to owe its end once more, a live one is made due, and what is done about it is the
 * ordinary pass's, which judges anew what the account should be.
 */
export const mend = async (
  deps: FlowDeps,
  site: Site,
  id: Account['id'],
  upn: string | undefined,
): Promise<readonly Drifted[]> => {
  const found = await examine(deps, site, id, upn);
  if (found === undefined) return [];
  const { account, live, drifts } = found;
  for (const request of live.filter(() => drifts.some((drift) => isOurs(account, drift) && drift.kind !== 'renamed'))) {
    await makeDue(deps, account, drifts, request);
  }
  // Also where nothing is due any more: a request that began meanwhile was turned away by our lease.
  await converge(deps, id);
  return await Promise.all(
    drifts.map(async (drift) => ({
      kind: 'drift',
      account: id,
      upn: account.upn,
      live: live.length > 0,
      ...(account.person === undefined ? {} : { person: account.person }),
      drift,
      remedy: await remedyOf(deps, account, drift, live),
    })),
  );
};

interface Found {
  /** As it was before anything was done about it. */
  readonly account: Account;
  readonly live: readonly AccessRequest[];
  readonly drifts: readonly Drift[];
}

/** Nothing: somebody is at it, or nothing is wrong with it after all. */
const examine = async (
  deps: FlowDeps,
  site: Site,
  id: Account['id'],
  upn: string | undefined,
): Promise<Found | undefined> => {
  const now = deps.clock.now();
  const leased = await deps.accounts.lease(id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return undefined;
  const held = new Lease(deps, leased.fence, leased.account);
  try {
    if (leased.abandoned) {
      await held.write({ ...takenOver(leased.account, now), writtenAt: now });
      return undefined;
    }
    return await examineHeld(deps, site, held, upn);
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return undefined;
    throw thrown;
  } finally {
    await deps.accounts.release(id, leased.fence);
  }
};

const examineHeld = async (
  deps: FlowDeps,
  site: Site,
  held: Lease,
  upn: string | undefined,
): Promise<Found | undefined> => {
  const { account } = held;
  const sighting = await lookAgain(deps, site.tenant, account, upn);
  if (sighting === undefined) return undefined;
  const requests = (await deps.requests.byAccount(account.id, CONCERNED)).map(({ request }) => request);
  const drifts = driftOf(account, requests, sighting, site.ways);
  const live = requests.filter(isLive);
  if (drifts.length > 0) await recordDrift(deps, site.tenant, account, drifts);
  else if (!isProvable(account, requests, sighting)) return undefined;
  // Whoever renames our user does not take it from us: it goes by its new name from now on.
  for (const drift of drifts) if (drift.kind === 'renamed') await held.rename(drift.to);
  const marked = live.length > 0 ? held.account : atRest(held.account, requests, drifts);
  if (marked !== held.account) await held.write(marked);
  return { account, live, drifts };
};

const lookAgain = async (
  deps: FlowDeps,
  tenant: Tenant,
  account: Account,
  upn: string | undefined,
): Promise<Sighting | undefined> => {
  const { id, grants } = account;
  const at = deps.clock.now();
  const isTimed = grants.some(({ until }) => until !== undefined);
  const observed = await deps.directory.observe(tenant, userOf(account), isTimed ? { schedules: 'needed' } : {});
  if (observed.ok) return { observed: observed.value, at, ...(upn === undefined ? {} : { upn }) };
  deps.log.warn({ account: id, code: observed.error.code }, 'an account could not be looked at a second time');
  return undefined;
};

/** Before anything is done about it. */
const recordDrift = async (
  deps: FlowDeps,
  tenant: Tenant,
  account: Account,
  drifts: readonly Drift[],
): Promise<void> => {
  const { organization } = tenant;
  await deps.audit.append(`drift/${randomId(deps.random)}`, {
    what: 'account.drifted',
    at: deps.clock.now(),
    by: LATCHKEY.by,
    tenant: tenant.id,
    ...(organization === undefined ? {} : { organization }),
    ...(account.person === undefined ? {} : { about: [account.person] }),
    facts: { account: account.upn, found: drifts.map(wordOf) },
  });
};

const wordOf = (drift: Drift): string => {
  if (drift.kind === 'renamed') return `renamed to ${drift.to}`;
  const things = [...('roles' in drift ? drift.roles : []), ...('groups' in drift ? drift.groups : [])];
  return things.length === 0 ? drift.kind : `${drift.kind}: ${things.join(', ')}`;
};

const has = (drifts: readonly Drift[], ...kinds: readonly Drift['kind'][]): boolean =>
  drifts.some(({ kind }) => kinds.includes(kind));

/** What the account is to be put back to. One that somebody opened gets another password, and its sessions end. */
const atRest = (account: Account, requests: readonly AccessRequest[], drifts: readonly Drift[]): Account => {
  if (account.kind === 'existing') return { ...account, owed: 'keep' };
  if (has(drifts, 'deleted')) return unmade(account);
  if (!drifts.some((drift) => isOurs(account, drift) && drift.kind !== 'renamed')) return account;
  const isOpen = has(drifts, 'open', 'password', 'untagged');
  const { generation } = account.credential;
  return {
    ...account,
    owed: restsAs(account, requests),
    ...(isOpen ? { credential: shutCredential(generation + 1) } : {}),
  };
};

/** Somebody deleted it, and nobody needs it: the next request makes it anew. */
const unmade = (account: Account): Account => {
  const { objectId: _gone, pass: _old, owed: _paid, ...known } = account;
  return { ...known, creationSent: false, credential: shutCredential(account.credential.generation), grants: [] };
};

/** A pass that went with its user can only be issued anew; whatever else is missing, a pass gives back. */
const makeDue = async (
  deps: FlowDeps,
  { kind, credential }: Account,
  drifts: readonly Drift[],
  { id }: AccessRequest,
): Promise<void> => {
  const isPassLost = kind !== 'existing' && credential.use === 'blind' && has(drifts, 'deleted');
  const type = isPassLost ? 'reissue' : 'revisit';
  // Its turn comes right here; should this process die before, the sweeper finds it due.
  await transition({ ...deps, nudge: () => undefined }, id, LATCHKEY, (current) =>
    current.state === 'active' ? applyEvent(current, { type }, deps.clock.now()) : ok(current),
  );
};

const remedyOf = async (
  deps: FlowDeps,
  before: Account,
  drift: Drift,
  live: readonly AccessRequest[],
): Promise<Remedy> => {
  if (drift.kind === 'renamed' || (drift.kind === 'deleted' && live.length === 0)) return { kind: 'noted' };
  if (!isOurs(before, drift)) return { kind: 'theirs' };
  if (live.length === 0) {
    const account = await deps.accounts.load(before.id);
    return account?.owed === undefined ? { kind: 'repaired' } : { kind: 'under-way' };
  }
  const stored = await Promise.all(live.map(({ id }) => deps.requests.load(id)));
  const troubled = stored.find((one) => one?.request.retryAt !== undefined && one.request.state === 'active');
  if (troubled === undefined) return { kind: 'repaired' };
  const { trouble } = troubled.request;
  return { kind: 'under-way', ...(trouble === undefined ? {} : { clause: trouble.clause }) };
};
