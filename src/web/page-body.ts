import type { IncomingMessage } from 'node:http';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

/** Why a request is not even looked into. */
export interface BadRequest {
  readonly status: 400 | 403 | 413 | 415;
  readonly problem: string;
}

/** The JSON that one of our own pages has sent: no other site can make a browser send this for it. */
export const readPageBody = async (
  request: IncomingMessage,
  origin: string,
  mostBytes: number,
): Promise<Result<unknown, BadRequest>> => {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  if (headers.origin !== origin || (site !== undefined && site !== 'same-origin')) {
    return err({ status: 403, problem: 'Only the page itself may do that. Open your link again.' });
  }
  if (!/^application\/json(?:;|$)/iu.test(headers['content-type'] ?? '')) {
    return err({ status: 415, problem: 'Only JSON is understood here.' });
  }
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
