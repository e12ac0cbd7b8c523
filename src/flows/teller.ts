import type { RequestId } from '../engine/ids.js';
import type { HeadStart } from './head-start.js';
import type { SavedRequest } from './ports/saved.js';

/** What there is to tell of. */
export type Told = Pick<SavedRequest, 'request' | 'toDeliver'>;

/**
 * Tells of what requests become, when the work on them leaves time for it. An end is told together with its proof, which
 * mostly comes within a second. Of several things to be told of one request, the last to come tells all of them.
 */
export const createTeller = (
  { reached, over }: Pick<HeadStart<RequestId>, 'reached' | 'over'>,
  deliver: (id: RequestId, saved: Told) => Promise<void>,
): ((saved: Told) => Promise<void>) => {
  const latest = new Map<RequestId, Told>();
  return async (saved) => {
    const { id, state } = saved.request;
    latest.set(id, saved);
    await (state === 'closing' ? over(id) : reached(id));
    if (latest.get(id) !== saved) return;
    latest.delete(id);
    await deliver(id, saved);
  };
};
