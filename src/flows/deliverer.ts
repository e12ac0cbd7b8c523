import type { RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { addMs, MINUTE, SECOND } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import type { DeliveryRight, Effect, LedgerEntry, RequestStore, StoredRequest } from './ports.js';
import type { ToDeliver } from './ports/saved.js';

/** Whoever performs effects in this process: while it has the right to those of a request, no other process performs them. */
export interface Deliverer {
  /** Saves a request and takes the right to perform its effects; `undefined`: nothing was saved, see the store. */
  saveToDeliver(next: AccessRequest, version: number, effects: readonly Effect[]): Promise<ToDeliver | undefined>;
  /** Takes the right unless `saved` shows that it was taken; `undefined`: another has it, or there is nothing to do. */
  take(id: RequestId, saved?: ToDeliver): Promise<StoredRequest | undefined>;
  /** Puts on record what was performed, and gives the right back. The answer: whether there are effects left. */
  giveBack(
    id: RequestId,
    done: readonly string[],
    ledger: readonly LedgerEntry[],
    retryAt: Date | undefined,
  ): Promise<boolean>;
}

/** Longer than it takes to tell everybody of a request. */
const RIGHT_MS = MINUTE;

/** A right that was taken so long ago leaves time enough. */
const FRESH_MS = 5 * SECOND;

interface DelivererDeps {
  readonly clock: Clock;
  readonly requests: Pick<RequestStore, 'saveToDeliver' | 'claimDelivery' | 'finishDelivery'>;
  /** Names this process. */
  readonly token: string;
}

/** Whoever uses it performs the effects of one request in one delivery at a time: its own right never stands in its way. */
export const createDeliverer = ({ clock, requests, token }: DelivererDeps): Deliverer => {
  const pending = createPending();
  const right = (): DeliveryRight => {
    const now = clock.now();
    return { token, now, until: addMs(now, RIGHT_MS) };
  };
  return {
    saveToDeliver: async (next, version, effects) => {
      const taken = right();
      const isOutdated = pending.add(next.id);
      let stored: StoredRequest | undefined;
      try {
        stored = await requests.saveToDeliver(next, version, effects, taken);
      } finally {
        // Nothing will be given back that would let it be forgotten.
        if (stored === undefined) pending.outdate(next.id);
      }
      return stored && { stored, until: taken.until, isOutdated };
    },
    take: async (id, saved) => {
      const taken = right();
      const isFresh = saved !== undefined && taken.until.getTime() - saved.until.getTime() <= FRESH_MS;
      return isFresh && !saved.isOutdated() ? saved.stored : await requests.claimDelivery(id, taken);
    },
    giveBack: async (id, done, ledger, retryAt) => {
      try {
        return await requests.finishDelivery(id, token, done, ledger, retryAt);
      } finally {
        pending.outdate(id);
      }
    },
  };
};

/** A save that was sent before a delivery was over may have answered with effects that were performed in it. */
const createPending = () => {
  const pending = new Map<RequestId, { isOutdated: boolean }>();
  return {
    add: (id: RequestId): (() => boolean) => {
      const one = pending.get(id) ?? { isOutdated: false };
      pending.set(id, one);
      return () => one.isOutdated;
    },
    outdate: (id: RequestId): void => {
      const one = pending.get(id);
      if (one !== undefined) one.isOutdated = true;
      pending.delete(id);
    },
  };
};
