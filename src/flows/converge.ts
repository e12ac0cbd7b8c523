import { credentialNeeded, desired, takenOver, wantsReissue, withAnswers } from '../engine/account.js';
import type { Account, Grant } from '../engine/account.js';
import { confirmsRest, rested } from '../engine/confirmation.js';
import type { Reading } from '../engine/confirmation.js';
import { isAwaited, owedBy } from '../engine/ending.js';
import type { DirectoryFault } from '../engine/faults.js';
import type { AccountId } from '../engine/ids.js';
import { plan } from '../engine/plan.js';
import type { Step } from '../engine/plan.js';
import { isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Redacted } from '../lib/redacted.js';
import { conclude, reportProgress } from './conclude.js';
import type { Round } from './conclude.js';
import { newCredential, passwordFor } from './credential.js';
import type { Decided } from './credential.js';
import type { FlowDeps } from './deps.js';
import { writeAhead, writeBack } from './grants.js';
import type { StepOutcome } from './ports.js';

/** Longer than any one directory call with its retries; each write to the account's document prolongs it. */
const LEASE_MS = MINUTE;

/** A request that came while a round was running is served by the next; more than a few in a row wait for the sweeper. */
const MOST_ROUNDS = 4;

/**
 * Brings one account to what its requests add up to: observe, plan, write ahead, act, and where something ended,
 * observe again. Provision, expire, revoke, re-issue and recovery after a crash are all this.
 */
export const converge = async (deps: FlowDeps, id: AccountId): Promise<void> => {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const now = deps.clock.now();
    const leased = await deps.accounts.lease(id, now, addMs(now, LEASE_MS));
    if (leased === undefined) return;
    const held = new Lease(deps, leased.fence, leased.account);
    try {
      if (leased.abandoned) await held.write(takenOver(leased.account, now));
      if (!(await runRound(deps, held))) return;
    } catch (thrown) {
      if (thrown instanceof LeaseLost) return;
      throw thrown;
    } finally {
      await deps.accounts.release(id, leased.fence);
    }
  }
};

/** Another process took the account over; whatever we were about to do is theirs now. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The account under our lease: what we last wrote is what it is. */
class Lease {
  readonly #deps: FlowDeps;
  readonly #fence: number;
  #account: Account;

  constructor(deps: FlowDeps, fence: number, account: Account) {
    this.#deps = deps;
    this.#fence = fence;
    this.#account = account;
  }

  get account(): Account {
    return this.#account;
  }

  async write(account: Account): Promise<void> {
    const until = addMs(this.#deps.clock.now(), LEASE_MS);
    if (!(await this.#deps.accounts.update(account, this.#fence, until))) throw new LeaseLost(account.id);
    this.#account = account;
  }
}

/** Approved ones need nothing done yet, but the account. */
const CONCERNED = ['approved', 'provisioning', 'active', 'closing'] as const;

const concernedRequests = async (deps: FlowDeps, id: AccountId): Promise<readonly AccessRequest[]> =>
  (await deps.requests.byAccount(id, CONCERNED)).map(({ request }) => request);

/** One pass; `true`: something changed meanwhile that another pass must serve. */
const runRound = async (deps: FlowDeps, held: Lease): Promise<boolean> => {
  const [requests, tenant] = await Promise.all([
    concernedRequests(deps, held.account.id),
    deps.config.tenants.byId(held.account.tenant),
  ]);
  if (!requests.some(isOpen) && held.account.owed === undefined) return false;
  if (tenant === undefined) {
    await conclude(deps, { requests, fault: { code: 'directory.consent', detail: 'the tenant is not connected' } });
    return false;
  }
  await conclude(deps, { requests, ...(await attempt(deps, held, tenant, requests)) });
  const served = new Set(requests.map(situation));
  const after = await concernedRequests(deps, held.account.id);
  return after.some((request) => needsPass(request) && !served.has(situation(request)));
};

const situation = ({ id, state, reveal }: AccessRequest): string => `${id} ${state} ${reveal}`;

const isOpen = ({ state }: AccessRequest): boolean => state !== 'approved';

const needsPass = (request: AccessRequest): boolean =>
  isOpen(request) && (request.state !== 'active' || wantsReissue(request));

/** A pass that breaks off is one that fell short: tried again with backoff, shown, and alarmed when an end is overdue. */
const attempt: typeof act = async (deps, held, tenant, requests) => {
  try {
    return await act(deps, held, tenant, requests);
  } catch (thrown) {
    if (thrown instanceof LeaseLost) throw thrown;
    deps.log.error({ account: held.account.id, ...describeError(thrown) }, 'a pass broke off');
    return { fault: { code: 'directory.internal', detail: 'the pass broke off' } };
  }
};

/** Everything that touches the directory. */
const act = async (
  deps: FlowDeps,
  held: Lease,
  tenant: Tenant,
  requests: readonly AccessRequest[],
): Promise<Omit<Round, 'requests'>> => {
  const known = withOwed(held.account, requests);
  const need = credentialNeeded(known, requests);
  // A password is sealed while the directory answers.
  const [first, decided] = await Promise.all([
    read(deps, tenant, known, need),
    need === undefined ? { account: known } : newCredential(deps, known, need, requests),
  ]);
  if ('fault' in first) return first;
  const stepsFor = ({ account }: Decided): readonly Step[] =>
    plan(withAnswers(first.observed, account, first.at), desired(account, requests));
  let { account } = decided;
  let steps = stepsFor(decided);
  let password = await passwordFor(deps, decided, steps);
  if (password === undefined) {
    // The directory lacks a password that was already taken from us: only a new one can be set.
    const renewed = await newCredential(deps, account, 'lent', requests);
    account = renewed.account;
    steps = stepsFor(renewed);
    password = await passwordFor(deps, renewed, steps);
  }
  if (password === undefined) return { fault: { code: 'directory.rejected', detail: 'no password to set' } };
  const { grants } = account;
  if (account !== held.account || steps.length > 0) {
    await held.write(writeAhead(account, first.observed, steps, deps.clock.now()));
  }
  const outcomes = await perform(deps, held, { tenant, steps, password, requests, grants });
  // Asked again of the account as it now is: sessions that were just revoked need no revoking.
  const done = { account: held.account, wanted: desired(held.account, requests), steps, outcomes };
  if (!isEnding(done, requests)) return done;
  // With nothing to do, the read that told us so is the confirming one.
  const reading = steps.length === 0 ? first : await read(deps, tenant, held.account);
  if ('fault' in reading) return { ...done, ...reading };
  await putToRest(held, done, requests, reading);
  return { ...done, reading };
};

/** What an account still owes to requests that will be closed by the time others leave it. */
const withOwed = (account: Account, requests: readonly AccessRequest[]): Account => {
  const outlives = requests.some(isLive) || isAwaited(account, requests);
  const owed = outlives ? owedBy(account, requests) : account.owed;
  return owed === undefined || owed === account.owed ? account : { ...account, owed };
};

type Ended = Required<Pick<Round, 'account' | 'wanted'>>;

const isEnding = ({ account, wanted }: Ended, requests: readonly AccessRequest[]): boolean =>
  requests.some(({ state }) => state === 'closing') || (wanted.user !== 'open' && account.owed !== undefined);

const putToRest = async (
  held: Lease,
  { account, wanted }: Ended,
  requests: readonly AccessRequest[],
  reading: Reading,
): Promise<void> => {
  if (wanted.user === 'open' || !confirmsRest(account, wanted, reading)) return;
  const after = rested(account, requests, wanted, reading);
  if (after !== account) await held.write(after);
};

/** What is to be done, for whom, and what access was on record before. */
interface Work {
  readonly tenant: Tenant;
  readonly steps: readonly Step[];
  readonly password: Redacted<string>;
  readonly requests: readonly AccessRequest[];
  readonly grants: readonly Grant[];
}

/** A creation goes by itself, so that its answer is on record, and shown, before the rest is tried. */
const perform = async (deps: FlowDeps, held: Lease, work: Work): Promise<readonly StepOutcome[]> => {
  const [first, ...rest] = work.steps;
  if (first?.do !== 'create') return send(deps, held, work, work.steps);
  const created = await send(deps, held, work, [first]);
  const [outcome] = created;
  if (outcome?.kind === 'failed') {
    // What was to follow is on record as if it were under way, and will not be sent.
    const unsent = rest.map((): StepOutcome => ({ ...outcome, unclear: false }));
    await held.write(writeBack(held.account, work.grants, rest, unsent, deps.clock.now()));
    return [outcome, ...unsent];
  }
  await reportProgress(deps, work.requests, [first], created);
  return [...created, ...(await send(deps, held, work, rest))];
};

const send = async (
  deps: FlowDeps,
  held: Lease,
  { tenant, password, grants }: Work,
  steps: readonly Step[],
): Promise<readonly StepOutcome[]> => {
  if (steps.length === 0) return [];
  const outcomes = await deps.directory.apply(tenant, userOf(held.account), steps, password);
  await held.write(writeBack(held.account, grants, steps, outcomes, deps.clock.now()));
  return outcomes;
};

/** An account to be shut that was never ours to begin with counts as absent; anybody else's user is left alone. */
const read = async (
  deps: FlowDeps,
  tenant: Tenant,
  account: Account,
  use = account.credential.use,
): Promise<Reading | { readonly fault: DirectoryFault }> => {
  const at = deps.clock.now();
  if (!account.creationSent) return { observed: { exists: false }, at };
  const observed = await deps.directory.observe(tenant, userOf(account));
  if (observed.ok) return { observed: observed.value, at };
  const foreign = observed.error.code === 'directory.name-taken' && account.objectId === undefined;
  return foreign && use !== 'lent' ? { observed: { exists: false }, at } : { fault: observed.error };
};

const userOf = ({ id, upn, displayName, objectId }: Account) => ({
  account: id,
  upn,
  displayName,
  ...(objectId === undefined ? {} : { objectId }),
});
