import type { ViewId } from '../../engine/ids.js';
import { applyToLook, lookTakes } from '../../engine/look.js';
import { ok } from '../../lib/result.js';
import { changeLook } from './change-look.js';
import { escalateLook } from './judge-look.js';
import type { JudgeLookDeps } from './judge-look.js';

const MOST_AT_ONCE = 200;

/** Whatever time makes of the looks whose time has come; `tell`: has everybody told of one. */
export const tendLooks = async (deps: JudgeLookDeps, tell: (id: ViewId) => Promise<void>): Promise<void> => {
  for (const id of await deps.views.due(deps.clock.now(), MOST_AT_ONCE)) {
    await tendLook(deps, id);
    await tell(id);
  }
};

/** What was shown is changed at that moment as well: that was put down when it was shown. */
const tendLook = async (deps: JudgeLookDeps, id: ViewId): Promise<void> => {
  await changeLook(deps, id, (view) => escalateLook(deps, view));
  await changeLook(deps, id, (view) =>
    lookTakes(view.state, 'run-out') ? applyToLook(view, { type: 'run-out' }, deps.clock.now()) : ok(view),
  );
};
