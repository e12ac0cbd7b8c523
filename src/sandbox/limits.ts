import type { Clock } from '../lib/clock.js';
import { SECOND } from '../lib/clock.js';
import { costOf, type LimitKind } from './request-cost.js';

/**
 * Microsoft's throttling limits, for whoever switches them on. Counted over a window that slides: no stretch of its
 * length, wherever it begins, holds more than the limit.
 */

export interface Limit {
  readonly most: number;
  readonly seconds: number;
}

export interface LimitedRequest {
  readonly tenantId: string;
  readonly appId: string;
  /** How many users the tenant has: larger tenants may be asked more. */
  readonly size: () => number;
  readonly method: string;
  /** Below `/v1.0`, with the query. */
  readonly path: string;
}

export interface LimitUse {
  readonly tenant: string;
  /** null: of all apps together. */
  readonly app: string | null;
  readonly limit: LimitKind;
  /** The most that one window held. */
  readonly peak: number;
  /** How many requests were refused. */
  readonly hits: number;
}

export interface Refused {
  readonly limit: LimitKind;
  /** Undefined where Microsoft says no time. */
  readonly retryAfterSeconds: number | undefined;
}

export interface LimitBook {
  /** For one tenant, or (null) for all those that have none of their own. */
  set(tenantId: string | null, limits: LimitChoice): void;
  list(): readonly { readonly tenant: string | null; readonly limits: LimitChoice }[];
  use(): readonly LimitUse[];
  clear(): void;
  /** Counts a request, or refuses it: what is refused costs nothing. */
  take(request: LimitedRequest): Refused | undefined;
}

/** What is not said is Microsoft's figure. */
export type LimitChoice = { readonly [Kind in LimitKind]?: Limit | null | undefined };

const bySize = (size: number): Limit => ({ most: size < 50 ? 3_500 : size <= 500 ? 5_000 : 8_000, seconds: 10 });

const MICROSOFTS: Readonly<Record<Exclude<LimitKind, 'resourceUnits'>, Limit>> = {
  writes: { most: 3_000, seconds: 150 },
  authenticationMethods: { most: 5, seconds: 10 },
  conditionalAccess: { most: 1, seconds: 1 },
  auditLogs: { most: 5, seconds: 10 },
};

interface Counter {
  readonly tenant: string;
  readonly app: string | null;
  readonly limit: LimitKind;
  taken: { readonly at: number; readonly cost: number }[];
  held: number;
  peak: number;
  hits: number;
}

/** Drops what has left the window; gives the moment from which `cost` more fits. */
const freeAt = (counter: Counter, { most, seconds }: Limit, cost: number, now: number): number => {
  const begin = now - seconds * SECOND;
  while (counter.taken[0] !== undefined && counter.taken[0].at <= begin)
    counter.held -= counter.taken.shift()?.cost ?? 0;
  let missing = counter.held + cost - most;
  let at = now;
  for (const each of counter.taken) {
    if (missing <= 0) break;
    missing -= each.cost;
    at = each.at + seconds * SECOND;
  }
  return at;
};

export const createLimitBook = (clock: Clock): LimitBook => {
  const choices = new Map<string | null, LimitChoice>();
  const counters = new Map<string, Counter>();

  const limitOf = (kind: LimitKind, choice: LimitChoice, size: () => number): Limit | null => {
    const chosen = choice[kind];
    if (chosen !== undefined) return chosen;
    return kind === 'resourceUnits' ? bySize(size()) : MICROSOFTS[kind];
  };

  const counterOf = (limit: LimitKind, { tenantId, appId }: LimitedRequest): Counter => {
    const app = limit === 'conditionalAccess' ? null : appId;
    const key = `${tenantId} ${app ?? ''} ${limit}`;
    const counter = counters.get(key) ?? { tenant: tenantId, app, limit, taken: [], held: 0, peak: 0, hits: 0 };
    counters.set(key, counter);
    return counter;
  };

  return {
    set: (tenantId, limits) => choices.set(tenantId, limits),
    list: () => [...choices].map(([tenant, limits]) => ({ tenant, limits })),
    use: () => [...counters.values()].map(({ tenant, app, limit, peak, hits }) => ({ tenant, app, limit, peak, hits })),
    clear: () => {
      choices.clear();
      counters.clear();
    },
    take: (request) => {
      const choice = choices.get(request.tenantId) ?? choices.get(null);
      if (choice === undefined) return undefined;
      const now = clock.now().getTime();
      const costs = costOf(request.method, request.path).map(({ limit, cost }) => {
        const bound = limitOf(limit, choice, request.size);
        const counter = counterOf(limit, request);
        return { limit, cost, counter, freeAt: bound === null ? now : freeAt(counter, bound, cost, now) };
      });
      const full = costs.find((each) => each.freeAt > now);
      if (full !== undefined) {
        full.counter.hits += 1;
        const wait = Math.ceil((full.freeAt - now) / SECOND);
        return { limit: full.limit, retryAfterSeconds: full.limit === 'conditionalAccess' ? undefined : wait };
      }
      for (const { cost, counter } of costs) {
        counter.taken.push({ at: now, cost });
        counter.held += cost;
        counter.peak = Math.max(counter.peak, counter.held);
      }
      return undefined;
    },
  };
};
