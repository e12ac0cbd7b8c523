import type { IncomingHttpHeaders } from 'node:http';

/** What goes in and out of the HTTPS front, whatever stands behind it. */

export interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly text: string;
}

/** No answer at all: the connection is cut. */
export const CUT = 'cut';

export type Outcome = Reply | typeof CUT;

const PLAIN_JSON = 'application/json; charset=utf-8';
export const GRAPH_JSON =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export const json = (
  status: number,
  body: unknown,
  contentType: string = PLAIN_JSON,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ status, headers, contentType, text: body === undefined ? '' : JSON.stringify(body) });

/** A request header that has one value. */
export const header = ({ headers }: Incoming, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};
