import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { effectsOf } from './effects.js';
import type { Doer } from './effects.js';
import type { StoredRequest } from './ports.js';

export type TransitionDeps = Pick<FlowDeps, 'clock' | 'requests' | 'nudge'>;

/** A loser of this many races in a row meets a fault rather than a loop. */
const MOST_RACES = 20;

/** What is to happen to the request as it was just loaded; asked again when somebody else changed it meanwhile. */
export type Choose = (
  request: AccessRequest,
  stored: StoredRequest,
) => Promise<Result<AccessRequest, Fault>> | Result<AccessRequest, Fault>;

/**
 * Loads, decides, saves by compare-and-swap. Effects are recorded in the same write and performed afterwards. A choice
 * that changes nothing saves nothing. `justLoaded` spares the first look to whoever has had one.
 */
export const transition = async (
  deps: TransitionDeps,
  id: RequestId,
  doer: Doer,
  choose: Choose,
  justLoaded?: StoredRequest,
): Promise<Result<AccessRequest, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const stored = race === 0 && justLoaded !== undefined ? justLoaded : await deps.requests.load(id);
    if (stored === undefined) return err({ code: 'request.unknown', asked: id });
    const chosen = await choose(stored.request, stored);
    if (!chosen.ok || chosen.value === stored.request) return chosen;
    const effects = effectsOf(stored.request, chosen.value, doer, deps.clock.now());
    if (await deps.requests.save(chosen.value, stored.version, effects)) {
      deps.nudge(chosen.value);
      return ok(chosen.value);
    }
  }
  return err({ code: 'busy' });
};
