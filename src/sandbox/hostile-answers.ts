import type { Fault, FaultOf } from './faults.js';
import { isRecord } from './properties.js';
import type { World } from './world.js';

/** Answers that are well-formed HTTP and JSON, and yet not what Graph would say: what a client must not believe. */

export const HOSTILE = ['wrong-shape', 'status', 'endless-paging', 'foreign-next-link'] as const;

export type HostileFault = FaultOf<(typeof HOSTILE)[number]>;

interface JsonAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** Whether the fault strikes once the real answer is there; otherwise the request goes nowhere. */
export const comesAfterTheWrite = (fault: Fault): boolean => {
  switch (fault.kind) {
    case 'server-error':
    case 'wrong-shape':
    case 'status':
      return fault.afterWrite;
    case 'drop-after-write':
    case 'endless-paging':
    case 'foreign-next-link':
    case 'truncated':
    case 'content-type':
      return true;
    default:
      return false;
  }
};

/** A fault of lists has nothing to take hold of elsewhere. */
export const fits = (fault: Fault, body: unknown): boolean =>
  (fault.kind !== 'endless-paging' && fault.kind !== 'foreign-next-link') ||
  (isRecord(body) && Array.isArray(body.value));

const BODILESS = [204, 304];

/** `path` has the query, and `/v1.0`. */
export const spoil = (world: World, fault: HostileFault, answer: JsonAnswer, path: string): JsonAnswer => {
  switch (fault.kind) {
    case 'wrong-shape':
      return { status: fault.status, body: fault.body };
    case 'status':
      return { status: fault.status, body: BODILESS.includes(fault.status) ? undefined : answer.body };
    case 'endless-paging':
      return { ...answer, body: linking(answer.body, world.graphBaseUrl, path) };
    case 'foreign-next-link':
      return { ...answer, body: linking(answer.body, fault.host, path) };
  }
};

const linking = (body: unknown, host: string, path: string): unknown => ({
  ...(isRecord(body) ? body : {}),
  '@odata.nextLink': `${host}${nextPath(path)}`,
});

/** The same page once more, under an address that was not seen before. */
const nextPath = (path: string): string => {
  const [bare = '', search = ''] = path.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const [offset = '0', round = '0'] = Buffer.from(query.get('$skiptoken') ?? 'MA', 'base64url')
    .toString()
    .split('~');
  query.set('$skiptoken', Buffer.from(`${offset}~${Number(round) + 1}`).toString('base64url'));
  return `${bare}?${query.toString()}`;
};
