import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { TurnContext } from 'botbuilder';
import { describeError, type Log } from '../lib/log.js';
import { err, ok, type Result } from '../lib/result.js';
import { readActivity, type IncomingActivity } from './activity.js';
import { TokenRefused, type TeamsAdapter } from './adapter.js';
import type { TokenCheck } from './channel-token.js';
import type { Refusals } from './refusals.js';
import { SigningKeysUnavailable } from './signing-keys.js';

/** Teams' own activities stay below 100 KB. */
const MOST_BYTES = 256 * 1024;

interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 413;
  readonly reason: string;
}

interface Dependencies {
  readonly adapter: TeamsAdapter;
  readonly turn: (context: TurnContext) => Promise<void>;
  /** `undefined`: no authentication. */
  readonly checkToken: TokenCheck | undefined;
  readonly refusals: Refusals;
  readonly log: Log;
}

const readBody = async (request: IncomingMessage): Promise<Result<string, Refusal>> => {
  const tooLarge = err({ status: 413, reason: 'too large a body' } as const);
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) return tooLarge;
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks).toString('utf8'));
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Reported as what it is, a body without an activity.
    return undefined;
  }
};

const isLoopback = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname.toLowerCase());

const readRequest = async (request: IncomingMessage): Promise<Result<IncomingActivity, Refusal>> => {
  if (request.method !== 'POST') return err({ status: 405, reason: 'not a POST' });
  const body = await readBody(request);
  if (!body.ok) return body;
  const activity = readActivity(parseJson(body.value));
  return activity.ok ? activity : err({ status: 400, reason: `not an activity: ${activity.error}` });
};

const answer = (response: ServerResponse, status: number, body?: unknown): void => {
  if (response.headersSent) return;
  if (status === 405) response.setHeader('allow', 'POST');
  // What is left of a refused body is not read.
  if (status === 413) response.setHeader('connection', 'close');
  if (body !== undefined) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
};

const SAID: Readonly<Record<Refusal['status'], string>> = {
  400: 'The body is not a Bot Framework activity.',
  401: 'The bearer token is missing or not valid for this bot.',
  403: 'Without authentication only services on this machine are answered.',
  405: 'Activities are posted.',
  413: 'The body is too large.',
};

/** The HTTP side: lets an activity through to the bot when it comes from the channel service. */
export const createDoor = ({ adapter, turn, checkToken, refusals, log }: Dependencies): RequestListener => {
  const admit = async (request: IncomingMessage, activity: IncomingActivity): Promise<Result<void, Refusal>> => {
    if (checkToken === undefined) {
      // Nobody vouches for the address that the bot would talk to.
      if (isLoopback(activity.serviceUrl)) return ok(undefined);
      return err({ status: 403, reason: 'a service URL elsewhere, without authentication' });
    }
    const checked = await checkToken(request.headers.authorization, activity);
    return checked.ok ? checked : err({ status: 401, reason: checked.error });
  };

  const refuse = (response: ServerResponse, { status, reason }: Refusal): void => {
    // Clients without credentials probe with HEAD whether anybody is there.
    if (status !== 405) refusals.count(reason);
    answer(response, status, { error: { code: String(status), message: SAID[status] } });
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const activity = await readRequest(request);
    if (!activity.ok) return refuse(response, activity.error);
    const admitted = await admit(request, activity.value);
    if (!admitted.ok) return refuse(response, admitted.error);
    const invoked = await adapter.receive(activity.value, request.headers.authorization, turn);
    answer(response, invoked?.status ?? 200, invoked?.body);
  };

  const fail = (response: ServerResponse, thrown: unknown): void => {
    if (thrown instanceof TokenRefused) return refuse(response, { status: 401, reason: thrown.message });
    const unavailable = thrown instanceof SigningKeysUnavailable;
    if (unavailable) refusals.count(thrown.message);
    else log.error(describeError(thrown), 'an activity from Teams failed');
    answer(response, unavailable ? 503 : 500, {
      error: { code: 'Failed', message: 'It is not your fault; try again.' },
    });
  };

  return (request, response) => {
    serve(request, response).catch((thrown: unknown) => fail(response, thrown));
  };
};
