import type { BreakGlassView } from '../../engine/break-glass-view.js';
import { runsOutAt } from '../../engine/look.js';
import type { FlowDeps } from '../deps.js';

type RotationDeps = Pick<FlowDeps, 'clock' | 'breakGlass' | 'log'>;

/** Has what was shown changed at the end of the look, at the latest: put down before anything is shown. */
export const rotateAfter = (deps: RotationDeps, view: BreakGlassView): Promise<void> =>
  rotateAt(deps, view, runsOutAt(view) ?? deps.clock.now());

/** Has it changed at once: the look is over. */
export const rotateNow = (deps: RotationDeps, view: BreakGlassView): Promise<void> =>
  rotateAt(deps, view, deps.clock.now());

const rotateAt = async (
  { breakGlass, log }: RotationDeps,
  { id, accounts }: BreakGlassView,
  at: Date,
): Promise<void> => {
  for (const account of accounts) {
    if (await breakGlass.rotateBy(account, at, 'revealed')) continue;
    log.warn({ look: id, account }, 'what a look showed is not changed: the rotation of that account is stopped');
  }
};
