import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import type { ViewId } from '../../engine/ids.js';
import { err } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { recordLook } from './look-audit.js';

export type ChangeLookDeps = Pick<FlowDeps, 'views' | 'audit' | 'nudgeLook'>;

/** A loser of this many races in a row meets a fault rather than a loop. */
const MOST_RACES = 20;

/** What is to become of the look as it was just loaded; asked again when somebody else changed it meanwhile. */
export type ChooseLook = (
  view: BreakGlassView,
) => Promise<Result<BreakGlassView, Fault>> | Result<BreakGlassView, Fault>;

/** Loads, decides, saves by compare-and-swap, puts on record, and has everybody told. The same look again saves nothing. */
export const changeLook = async (
  deps: ChangeLookDeps,
  id: ViewId,
  choose: ChooseLook,
): Promise<Result<BreakGlassView, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const stored = await deps.views.load(id);
    if (stored === undefined) return err({ code: 'view.unknown', asked: id });
    const chosen = await choose(stored.view);
    if (!chosen.ok || chosen.value === stored.view) return chosen;
    if (!(await deps.views.save(chosen.value, stored.version))) continue;
    await recordLook(deps, chosen.value);
    deps.nudgeLook(id);
    return chosen;
  }
  return err({ code: 'busy' });
};
