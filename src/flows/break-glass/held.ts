import type { BreakGlassAccount } from '../../engine/break-glass.js';
import { addMs } from '../../lib/clock.js';
import type { FlowDeps } from '../deps.js';
import { LEASE_MS, LeaseLost } from '../lease.js';
import type { LeasedBreakGlass } from '../ports/break-glass.js';

type HeldDeps = Pick<FlowDeps, 'clock' | 'breakGlass'>;

/** A break-glass account under our lease: what we last wrote is what it is. Both writes throw `LeaseLost`. */
export interface HeldBreakGlass {
  readonly account: () => BreakGlassAccount;
  readonly fence: number;
  write(account: BreakGlassAccount): Promise<void>;
  /** The last write, after which anybody may have it. */
  finish(account: BreakGlassAccount): Promise<void>;
}

const hold = ({ clock, breakGlass }: HeldDeps, { account: leased, fence }: LeasedBreakGlass): HeldBreakGlass => {
  let account = leased;
  const writeUntil = async (next: BreakGlassAccount, until: Date | undefined): Promise<void> => {
    if (!(await breakGlass.update(next, fence, until))) throw new LeaseLost(next.id);
    account = next;
  };
  return {
    account: () => account,
    fence,
    write: (next) => writeUntil(next, addMs(clock.now(), LEASE_MS)),
    finish: (next) => writeUntil(next, undefined),
  };
};

/** Does something with an account while nobody else may; `undefined`: somebody else is at it, took it over, or it is gone. */
export const whileHeld = async <T>(
  deps: HeldDeps,
  id: BreakGlassAccount['id'],
  act: (held: HeldBreakGlass) => Promise<T>,
): Promise<T | undefined> => {
  const now = deps.clock.now();
  const leased = await deps.breakGlass.lease(id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return undefined;
  try {
    return await act(hold(deps, leased));
  } catch (thrown) {
    if (thrown instanceof LeaseLost) return undefined;
    await deps.breakGlass.release(id, leased.fence);
    throw thrown;
  }
};
