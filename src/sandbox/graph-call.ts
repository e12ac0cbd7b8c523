import type { FaultTarget } from './faults.js';
import type { AccessToken, Tenant } from './model.js';
import type { AnyOf } from './permissions.js';
import type { LoggedItem } from './request-log.js';
import type { World } from './world.js';

/** One request as a handler sees it: caller known, path matched, body parsed. */
export interface GraphCall {
  readonly world: World;
  readonly tenant: Tenant;
  readonly caller: AccessToken;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly now: Date;
  /** The path with its query, below `/v1.0`. */
  readonly path: string;
  /** What faults of single operations are matched with. */
  readonly target: FaultTarget;
  /** `ConsistencyLevel: eventual` was asked for: the door to $search and $count. */
  readonly isEventual: boolean;
  /** The moment as of which reads are answered; undefined: now. */
  readonly readAt: number | undefined;
  /** The same for finding what a write is aimed at. */
  readonly aimAt: number | undefined;
}

export interface GraphAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What a batch held, for the request log. */
  readonly items?: readonly LoggedItem[];
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** Below `/v1.0`; `{name}` stands for one segment, `thing(key)/{name}` for `thing(key='…')`. */
  readonly path: string;
  /** All of these are needed; within each, any one. */
  readonly needs: readonly AnyOf[];
  readonly handle: (call: GraphCall) => GraphAnswer;
}

export const okay = (body: unknown): GraphAnswer => ({ status: 200, body });
export const created = (body: unknown): GraphAnswer => ({ status: 201, body });
export const noContent: GraphAnswer = { status: 204 };

/** The value of a parameter that the route's own path promises. */
export const param = (call: GraphCall, name: string): string => {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
};

const METADATA = 'https://graph.microsoft.com/v1.0/$metadata';

export const withContext = (
  fragment: string,
  row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  '@odata.context': `${METADATA}#${fragment}`,
  ...row,
});
