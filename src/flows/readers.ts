import type { RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { SECOND } from '../lib/clock.js';
import type { FlowDeps } from './deps.js';
import { readersOf } from './places.js';
import type { PlacesDeps, Readers } from './places.js';

/** Looks up who reads of a request. */
export type FindReaders = (request: AccessRequest) => Promise<Readers>;

const RECENT_MS = 2 * SECOND;

interface Looked {
  readonly request: AccessRequest;
  readonly readers: Readers;
  readonly at: number;
}

/**
 * Access comes about, and ends, in several steps within a second: whoever read of one reads of the next. Where people are
 * still asked, they are looked up each time.
 */
export const createFindReaders = (deps: PlacesDeps & Pick<FlowDeps, 'clock'>): FindReaders => {
  const recent = new Map<RequestId, Looked>();
  const isRecent = ({ at }: Looked): boolean => Math.abs(deps.clock.now().getTime() - at) < RECENT_MS;
  return async (request) => {
    for (const [id, looked] of recent) if (!isRecent(looked)) recent.delete(id);
    const before = recent.get(request.id);
    if (before !== undefined && request.state !== 'pending' && isSameAudience(before.request, request)) {
      return before.readers;
    }
    const at = deps.clock.now().getTime();
    const readers = await readersOf(deps, request);
    recent.set(request.id, { request, readers, at });
    return readers;
  };
};

/** Whether both concern the same people and places. */
export const isSameAudience = (one: AccessRequest, { asked, requester, quorums }: AccessRequest): boolean =>
  one.requester === requester &&
  one.quorums.length === quorums.length &&
  one.asked.length === asked.length &&
  asked.every(({ id }, index) => one.asked[index]?.id === id);
