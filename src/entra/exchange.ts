import { ResponseType } from '@microsoft/microsoft-graph-client';
import type { Client, GraphRequest as GraphCall } from '@microsoft/microsoft-graph-client';
import { HOUR } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import type { GraphAnswer } from './errors.js';

/** One request over HTTP, and its answer as far as it can be read. */

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

interface ExchangeOptions {
  readonly deadlineMs: number;
  readonly clock: Clock;
}

/** No page of Graph's comes near it. Counted after decompression, so that a small answer cannot become a huge one. */
const LARGEST_BODY = 8 * 1024 * 1024;

/** The deadline covers the body as well. Throws what the client throws. */
export const exchange = async (
  client: Client,
  request: Request,
  { deadlineMs, clock }: ExchangeOptions,
): Promise<GraphAnswer> => {
  const call = client
    .api(request.path)
    .responseType(ResponseType.RAW)
    .option('signal', AbortSignal.timeout(deadlineMs));
  const response = (await perform(call, request)) as Response;
  const now = clock.now();
  return asAnswer(response.status, parseJson(await readText(response)), {
    retryAfterMs: readRetryAfter(response.headers.get('retry-after'), now),
    requestId: response.headers.get('request-id'),
    skewMs: readSkew(response.headers.get('date'), now),
  });
};

const perform = (call: GraphCall, { method, body }: Request): Promise<unknown> => {
  switch (method) {
    case 'GET':
      return call.get();
    case 'POST':
      return call.post(body);
    case 'PATCH':
      return call.patch(body);
    case 'DELETE':
      return call.delete();
    default:
      return method satisfies never;
  }
};

/** The whole of a body, or nothing of one that is too large: its connection is closed instead. */
const readText = async (response: Response): Promise<string> => {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > LARGEST_BODY) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

interface Heading {
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | null | undefined;
  readonly skewMs?: number | undefined;
}

export const asAnswer = (status: number, body: unknown, { retryAfterMs, requestId, skewMs }: Heading): GraphAnswer => ({
  status,
  body,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  ...(requestId === undefined || requestId === null ? {} : { requestId }),
  ...(skewMs === undefined ? {} : { skewMs }),
});

/** Whoever asks for more is not believed: access has to end however long a proxy wants to be left alone. */
const LONGEST_RETRY_MS = HOUR;

/** Milliseconds that a Retry-After header asks for: seconds or a date. */
export const readRetryAfter = (header: string | null | undefined, now: Date): number | undefined => {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const ms = Number.isNaN(Number(header)) ? Date.parse(header) - now.getTime() : Number(header) * 1_000;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_MS);
};

const readSkew = (header: string | null, now: Date): number | undefined => {
  const ms = header === null ? Number.NaN : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : ms;
};
