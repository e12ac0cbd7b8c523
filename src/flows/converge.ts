import { wantsReissue } from '../engine/desired.js';
import { takenOver } from '../engine/granted.js';
import { tenantOf } from '../engine/ids.js';
import type { AccountId } from '../engine/ids.js';
import { NO_POWERS } from '../engine/powers.js';
import { CONCERNED, isLive } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import { addMs } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { act } from './act.js';
import { conclude, firstFault } from './conclude.js';
import type { Round } from './conclude.js';
import type { FlowDeps } from './deps.js';
import { Lease, LEASE_MS, LeaseLost } from './lease.js';
import { groundIn, lookEarly } from './outlook.js';
import { faultOf, isShut, pauseFor } from './pause.js';
import type { LoadedRequest } from './ports.js';
import type { Ground, Outlook } from './ports/saved.js';

/** A request that came while a round was running is served by the next; more than a few in a row wait for the sweeper. */
const MOST_ROUNDS = 4;

/**
 * Brings one account to what its requests add up to: observe, plan, write ahead, act, and where something ended,
 * observe again. Provision, expire, revoke, re-issue and recovery after a crash are all this.
 */
export const converge = async (deps: FlowDeps, id: AccountId, outlook?: Outlook): Promise<void> => {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const now = deps.clock.now();
    const [ground, early] =
      round === 0 && outlook !== undefined
        ? [outlook.ground, lookEarly(deps, id, outlook)]
        : [groundIn(deps, tenantOf(id)), undefined];
    // Whoever gets the lease meets what failed.
    ground.catch(() => undefined);
    const leased = await deps.accounts.lease(id, now, addMs(now, LEASE_MS));
    if (leased === undefined) return;
    const held = new Lease(deps, leased.fence, leased.account);
    try {
      if (leased.abandoned) await held.write({ ...takenOver(leased.account, now), writtenAt: now });
      // An early look counts only if nobody had the lease since: they may just have closed what it shows as live.
      const loaded = (await early?.under(leased)) ?? (await deps.requests.byAccount(id, CONCERNED));
      if (!(await runRound(deps, held, await ground, loaded))) return;
    } catch (thrown) {
      if (thrown instanceof LeaseLost) return;
      throw thrown;
    } finally {
      await deps.accounts.release(id, leased.fence);
    }
  }
};

/** One pass; `true`: something changed meanwhile that another pass must serve. */
const runRound = async (
  deps: FlowDeps,
  held: Lease,
  { tenant, checkup, pause }: Ground,
  loaded: readonly LoadedRequest[],
): Promise<boolean> => {
  const requests = loaded.map(({ request }) => request);
  if (!requests.some(isOpen) && held.account.owed === undefined) return false;
  if (tenant === undefined) {
    await conclude(deps, { loaded, fault: { code: 'directory.consent', detail: 'the tenant is not connected' } });
    return false;
  }
  // What was never sent there ends without the directory, too.
  if (isShut(pause) && (held.account.creationSent || requests.some(isLive))) {
    await conclude(deps, { loaded, fault: faultOf(pause), paused: true });
    return false;
  }
  const place = { tenant, powers: checkup?.powers ?? NO_POWERS };
  const round = await attempt(deps, held, place, loaded);
  // A password takes the place of a pass that the tenant's policy does not have.
  if (isPassRefused(round)) return true;
  // Until the next look at the tenant, roles are given there as in any other.
  if (checkup !== undefined && isUnlicensed(round)) {
    await deps.checkups.save({ ...checkup, powers: { ...checkup.powers, schedules: false } }, checkup.at);
    return true;
  }
  const paused = await pauseFor(deps, tenant, firstFault(round));
  await conclude(deps, { loaded, ...round, paused });
  const served = new Set(requests.map(situation));
  const after = await deps.requests.byAccount(held.account.id, CONCERNED);
  return after.some(({ request }) => needsPass(request) && !served.has(situation(request)));
};

const isPassRefused = ({ outcomes = [] }: Pick<Round, 'outcomes'>): boolean =>
  outcomes.some((outcome) => outcome.kind === 'failed' && outcome.fault.code === 'directory.no-pass');

/** Whether the tenant has not, or no longer, the licence for roles that Entra itself ends. */
const isUnlicensed = ({ steps = [], outcomes = [] }: Pick<Round, 'steps' | 'outcomes'>): boolean =>
  outcomes.some((outcome, index) => {
    const step = steps[index];
    const isTimed = step?.do === 'assign' && step.until !== undefined;
    return isTimed && outcome.kind === 'failed' && outcome.fault.code === 'directory.licence';
  });

const situation = ({ id, state, reveal, endsAt }: AccessRequest): string =>
  `${id} ${state} ${reveal} ${endsAt?.getTime() ?? ''}`;

const isOpen = ({ state }: AccessRequest): boolean => state !== 'approved';

const needsPass = (request: AccessRequest): boolean =>
  isOpen(request) && (request.state !== 'active' || wantsReissue(request) || request.retryAt !== undefined);

/** A pass that breaks off is one that fell short: tried again with backoff, shown, and alarmed when an end is overdue. */
const attempt: typeof act = async (deps, held, place, loaded) => {
  try {
    return await act(deps, held, place, loaded);
  } catch (thrown) {
    if (thrown instanceof LeaseLost) throw thrown;
    deps.log.error({ account: held.account.id, ...describeError(thrown) }, 'a pass broke off');
    return { fault: { code: 'directory.internal', detail: 'the pass broke off' } };
  }
};
