import type { ExistingUser } from '../engine/access.js';
import type { Account } from '../engine/account.js';
import { confirmsRest, rested } from '../engine/confirmation.js';
import type { Reading } from '../engine/confirmation.js';
import { credentialNeeded, desired, wantsReissue } from '../engine/desired.js';
import type { Ways } from '../engine/desired.js';
import { isAwaited, owedBy } from '../engine/ending.js';
import type { DirectoryFault } from '../engine/faults.js';
import { withAnswers, withSeenEnds } from '../engine/granted.js';
import { gives, plan } from '../engine/plan.js';
import type { Step } from '../engine/plan.js';
import type { Powers } from '../engine/powers.js';
import { isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import type { Round } from './conclude.js';
import { decideCredential, newCredential, passwordFor } from './credential.js';
import type { Decided } from './credential.js';
import type { FlowDeps } from './deps.js';
import { withBefore, writeAhead } from './grants.js';
import type { Lease } from './lease.js';
import { perform } from './perform.js';
import type { Work } from './perform.js';
import type { LoadedRequest, Look } from './ports.js';
import { followName } from './rename.js';
import { userOf } from './user.js';

/** One pass over an account: read, decide, write ahead, act, and where something ended, read again. */

/** Where an account is, and what we may do there. */
interface Place {
  readonly tenant: Tenant;
  readonly powers: Powers;
}

/** Everything that touches the directory. */
export const act = async (
  deps: FlowDeps,
  held: Lease,
  { tenant, powers }: Place,
  loaded: readonly LoadedRequest[],
): Promise<Omit<Round, 'loaded'> & Partial<Pick<Round, 'loaded'>>> => {
  const requests = loaded.map(({ request }) => request);
  const { accessPass } = tenant;
  const ways: Ways = { now: deps.clock.now(), powers, ...(accessPass === undefined ? {} : { accessPass }) };
  const known = withOwed(held.account, requests);
  const need = credentialNeeded(known, requests, ways);
  if (accessPass !== undefined && requests.some(isPassAwaited)) deps.directory.anticipatePass(tenant);
  // A password is sealed while the directory answers.
  const [first, decided] = await Promise.all([
    read(deps, tenant, known, { ways, isLent: requests.some(isLive), ...(need === undefined ? {} : { use: need }) }),
    decideCredential(deps, known, requests, ways),
  ]);
  if ('fault' in first) return first;
  const named = await followName(held, decided.account, first.observed);
  const prepared = await prepare(deps, requests, ways, {
    ...decided,
    account: withSeenEnds(withBefore(named, first.observed, first.at), first.observed),
    reading: first,
  });
  if (prepared === undefined) return { fault: { code: 'directory.rejected', detail: 'no password to set' } };
  const { account, password } = prepared;
  const unlendable = whyNotLent(account, first, requests);
  if (unlendable !== undefined && !requests.some(isClosing)) return { fault: unlendable };
  // Whose access is over loses it all the same.
  const lent = unlendable === undefined ? prepared.steps : prepared.steps.filter((step) => !adds(step));
  const leaves = first.observed.exists && isLeft(account, requests);
  const steps: readonly Step[] = leaves ? [...lent, { do: 'revoke-sessions' }] : lent;
  const { grants } = account;
  if (account !== held.account || steps.length > 0) {
    const now = deps.clock.now();
    const ahead = writeAhead(account, first.observed, steps, now);
    await held.write(steps.length === 0 ? ahead : { ...ahead, writtenAt: now });
  }
  const performed = await perform(deps, held, { tenant, steps, password, loaded, grants });
  if (leaves) await held.write(withSessions(held.account));
  // Asked again of the account as it now is: sessions that were just revoked need no revoking.
  const wanted = desired(held.account, requests, ways);
  const done = { account: held.account, wanted, steps, ...performed, ...(unlendable && { fault: unlendable }) };
  if (!isEnding(done, requests)) return done;
  // With nothing to do, the read that told us so is the confirming one.
  const reading =
    steps.length === 0 ? first : await read(deps, tenant, held.account, { ways, isLent: requests.some(isLive) });
  if ('fault' in reading) return { ...done, ...reading };
  await putToRest(held, done, requests, reading);
  return { ...done, reading };
};

/** Whether somebody waits for an access pass. */
const isPassAwaited = (request: AccessRequest): boolean =>
  request.tap && (request.state === 'provisioning' || wantsReissue(request));

/** Why a user who was there before cannot be borrowed: it is gone, or no longer what was asked for and allowed. */
const whyNotLent = (
  { kind }: Account,
  { observed }: Reading,
  requests: readonly AccessRequest[],
): DirectoryFault | undefined => {
  const live = requests.filter(isLive);
  if (kind !== 'existing' || live.length === 0) return undefined;
  if (!observed.exists) return { code: 'directory.not-found', detail: 'the user to be lent is not in the directory' };
  const isChanged = live.some(({ existing }) => existing !== undefined && existing.origin !== observed.origin);
  if (isChanged) return { code: 'directory.rejected', detail: `the user to be lent is ${observed.origin} now` };
  // Rules may name users by name, and approvers know them by it: who is called otherwise now was not agreed on.
  const isRenamed = live.some(({ state, existing }) => state === 'provisioning' && isOther(existing, observed));
  return isRenamed ? { code: 'directory.rejected', detail: 'the user to be lent has another name now' } : undefined;
};

const isOther = (asked: ExistingUser | undefined, { upn }: Extract<Reading['observed'], { exists: true }>): boolean =>
  asked !== undefined && upn !== undefined && asked.upn.toLowerCase() !== upn.toLowerCase();

/** Whether a step gives anybody anything, sign-in included. */
const adds = (step: Step): boolean => gives(step) || step.do === 'create' || (step.do === 'set' && step.enabled);

/** Whether somebody who signed in as an existing user by an access pass is through while others go on borrowing it. */
const isLeft = ({ kind }: Account, requests: readonly AccessRequest[]): boolean =>
  kind === 'existing' &&
  requests.some(isLive) &&
  requests.some((request) => isClosing(request) && request.tap && request.readyAt !== undefined);

/** Sessions begin anew while it is lent, and are revoked once more at the end. */
const withSessions = (account: Account): Account => ({
  ...account,
  credential: { ...account.credential, sessionsRevoked: false },
});

const isClosing = ({ state }: AccessRequest): boolean => state === 'closing';

/** What is to be done, with the password that it takes; `undefined`: no password is left to set. */
const prepare = async (
  deps: FlowDeps,
  requests: readonly AccessRequest[],
  ways: Ways,
  decided: Decided & { readonly reading: Reading },
): Promise<(Pick<Work, 'steps' | 'password'> & { readonly account: Account }) | undefined> => {
  const { observed, at } = decided.reading;
  const stepsFor = (account: Account): readonly Step[] =>
    plan(withAnswers(observed, account, at), desired(account, requests, ways));
  const { account } = decided;
  const steps = stepsFor(account);
  const password = await passwordFor(deps, decided, steps);
  if (password !== undefined) return { account, steps, password };
  // The directory lacks a password that was already taken from us: only a new one can be set.
  const renewed = await newCredential(deps, account, 'lent', requests);
  const again = stepsFor(renewed.account);
  const fresh = await passwordFor(deps, renewed, again);
  return fresh === undefined ? undefined : { account: renewed.account, steps: again, password: fresh };
};

/** What an account still owes to requests that will be closed by the time others leave it. */
const withOwed = (account: Account, requests: readonly AccessRequest[]): Account => {
  const outlives = requests.some(isLive) || isAwaited(account, requests);
  const owed = outlives ? owedBy(account, requests) : account.owed;
  return owed === undefined || owed === account.owed ? account : { ...account, owed };
};

type Ended = Required<Pick<Round, 'account' | 'wanted'>>;

const isEnding = ({ account, wanted }: Ended, requests: readonly AccessRequest[]): boolean =>
  requests.some(isClosing) || (wanted.user !== 'open' && account.owed !== undefined);

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

/** For what the directory is read. `use`: the credential that the account is about to get, if it gets another. */
interface Purpose {
  readonly ways: Ways;
  readonly isLent: boolean;
  readonly use?: Account['credential']['use'];
}

/** An account to be shut that was never ours to begin with counts as absent; anybody else's user is left alone. */
const read = async (
  deps: FlowDeps,
  tenant: Tenant,
  account: Account,
  { ways, isLent, use = account.credential.use }: Purpose,
): Promise<Reading | { readonly fault: DirectoryFault }> => {
  const at = deps.clock.now();
  if (!account.creationSent) return { observed: { exists: false }, at };
  const observed = await deps.directory.observe(tenant, userOf(account), lookAt(account, { ways, isLent, use }));
  if (observed.ok) return { observed: observed.value, at };
  const foreign = observed.error.code === 'directory.name-taken' && account.objectId === undefined;
  return foreign && use !== 'lent' && use !== 'blind' ? { observed: { exists: false }, at } : { fault: observed.error };
};

/**
 * Passes are looked for where one may be: of ours, or of somebody else's that would open what is opened now. Few of these
 * looks are served at a time, so that none is taken where all that is known of is to be withdrawn.
 */
const lookAt = (
  { grants, credential }: Account,
  { ways: { powers, accessPass }, isLent, use }: Required<Purpose>,
): Look => {
  const isOpened = (use === 'lent' || use === 'blind') && credential.use !== use;
  const passes = grants.some(({ access, pass }) => access.kind === 'pass' && (isLent || pass === undefined))
    ? 'needed'
    : isOpened && accessPass !== undefined && 'wanted';
  const schedules = grants.some(({ until }) => until !== undefined) ? 'needed' : powers.schedules && 'wanted';
  return { ...(passes ? { passes } : {}), ...(schedules ? { schedules } : {}) };
};
