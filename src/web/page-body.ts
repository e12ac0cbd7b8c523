import type { IncomingMessage } from 'node:http';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

/** Why a request is not even looked into. */
export interface BadRequest {
  readonly status: 400 | 403 | 413 | 415;
  readonly problem: string;
}

/** Why one of our own pages cannot have sent this; `undefined`: no other site could make a browser send it. */
export const whyForeign = ({ headers }: IncomingMessage, origin: string): BadRequest | undefined => {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== origin || (site !== undefined && site !== 'same-origin')) {
    return { status: 403, problem: 'Only the page itself may do that. Open your link again.' };
  }
  return /^application\/json(?:;|$)/iu.test(headers['content-type'] ?? '')
    ? undefined
    : { status: 415, problem: 'Only JSON is understood here.' };
};

/** The JSON that a page has sent. */
export const readPageBody = async (
  request: IncomingMessage,
  mostBytes: number,
): Promise<Result<unknown, BadRequest>> => {
  const text = await readText(request, mostBytes);
  return text === undefined ? err({ status: 413, problem: 'That is too much to take in.' }) : parsed(text);
};

const readText = async (request: IncomingMessage, mostBytes: number): Promise<string | undefined> => {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  // Not destroyed when left early: the refusal still has to go out by the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > mostBytes) return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parsed = (text: string): Result<unknown, BadRequest> => {
  try {
    return ok(JSON.parse(text));
  } catch {
    return err({ status: 400, problem: 'That is not JSON.' });
  }
};
