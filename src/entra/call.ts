import { ResponseType } from '@microsoft/microsoft-graph-client';
import type { Client } from '@microsoft/microsoft-graph-client';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { batchAnswer } from './answers.js';
import { failureOf, malformed, writeFailure } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import type { Patience } from './patience.js';
import type { Session } from './session.js';

/** One HTTP request to Graph. `path` begins with `/`, below the version, and is encoded. */
export interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** One request inside a batch; tried only after the one it names has succeeded. */
export interface BatchItem extends GraphRequest {
  readonly id: string;
  readonly after?: string;
}

/** A request by itself. */
export type SingleRequest = GraphRequest & { readonly method: 'GET' | 'POST' };

/** By the id of the item. */
export type BatchAnswers = ReadonlyMap<string, GraphAnswer>;

/** A tenant's Graph: requests in, answers of whatever status out. */
export interface Graph {
  readonly baseUrl: string;
  send(request: SingleRequest, patience: Patience): Promise<Result<GraphAnswer, CallFailure>>;
  /** At most 20 items. An item that Graph passed over is missing. */
  batch(items: readonly BatchItem[], patience: Patience): Promise<Result<BatchAnswers, CallFailure>>;
}

interface GraphOptions {
  readonly session: Session;
  readonly baseUrl: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export const LARGEST_BATCH = 20;

const TROUBLE = [429, 502, 503, 504];

/** Whether the same request may be sent again after this answer. On 429 Graph did nothing; otherwise only reads may. */
export const mayRepeat = (answer: GraphAnswer, isRead: boolean): boolean =>
  answer.status === 429 || (isRead && TROUBLE.includes(answer.status));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Milliseconds that a Retry-After header asks for: seconds or a date. */
const readRetryAfter = (header: string | null | undefined, now: Date): number | undefined => {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const ms = Number.isFinite(Number(header)) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
};

const answer = (status: number, body: unknown, retryAfterMs?: number, requestId?: string | null): GraphAnswer => ({
  status,
  body,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  ...(requestId === undefined || requestId === null ? {} : { requestId }),
});

const headerOf = (headers: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

const JSON_TYPE = { 'Content-Type': 'application/json' };

const renderItem = ({ id, method, path, body, after }: BatchItem): object => ({
  id,
  method,
  url: path,
  ...(body === undefined ? {} : { headers: JSON_TYPE, body }),
  ...(after === undefined ? {} : { dependsOn: [after] }),
});

const exchange = async (
  { deadlineMs, clock }: GraphOptions,
  client: Client,
  request: SingleRequest,
): Promise<GraphAnswer> => {
  const call = client
    .api(request.path)
    .responseType(ResponseType.RAW)
    .option('signal', AbortSignal.timeout(deadlineMs));
  const response = (await (request.method === 'GET' ? call.get() : call.post(request.body))) as Response;
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), clock.now());
  return answer(response.status, parseJson(await response.text()), retryAfterMs, response.headers.get('request-id'));
};

/** Sends once. Nothing of a body is logged, in either direction: passwords travel there. */
const sendOnce = async (
  options: GraphOptions,
  client: Client,
  request: SingleRequest,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const { clock, log } = options;
  const { method, path } = request;
  const startedAt = clock.now().getTime();
  const ms = (): number => clock.now().getTime() - startedAt;
  try {
    const got = await exchange(options, client, request);
    log.debug({ method, path, status: got.status, requestId: got.requestId, ms: ms() }, 'graph answered');
    return ok(got);
  } catch (thrown) {
    const failure = failureOf(thrown);
    log.warn({ method, path, fault: failure.fault, ms: ms() }, 'graph did not answer');
    return err(failure);
  }
};

const TOO_LATE: CallFailure = {
  fault: { code: 'directory.unavailable', detail: 'no time left to ask Graph' },
  unclear: false,
};

const UNAUTHORIZED = 401;

/** Sends with the token at hand, and once more with a new one if Graph refused it: whoever it refuses it does nothing for. */
const sendSignedIn = async (
  options: GraphOptions,
  request: SingleRequest,
  patience: Patience,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const client = options.session.client();
  const got = await sendOnce(options, client, request);
  if (!got.ok || got.value.status !== UNAUTHORIZED || !patience.takeRenewal()) return got;
  options.session.renew(client);
  return patience.isSpent() ? got : sendOnce(options, options.session.client(), request);
};

/** Repeats what may be repeated. A failure of a read is never unclear: it changed nothing. */
const sendPatiently = async (
  options: GraphOptions,
  request: SingleRequest,
  isRead: boolean,
  patience: Patience,
): Promise<Result<GraphAnswer, CallFailure>> => {
  if (patience.isSpent()) return err(TOO_LATE);
  for (let attempt = 1; ; attempt += 1) {
    const got = await sendSignedIn(options, request, patience);
    if (got.ok ? !mayRepeat(got.value, isRead) : !(isRead && isLost(got.error))) return got;
    const askedMs = got.ok ? got.value.retryAfterMs : undefined;
    if (!(await patience.pause(attempt, askedMs))) return got;
  }
};

const isLost = ({ fault }: CallFailure): boolean =>
  fault.code === 'directory.unclear' || fault.code === 'directory.unavailable';

const asRead = (failure: CallFailure): CallFailure => ({
  fault:
    failure.fault.code === 'directory.unclear' ? { ...failure.fault, code: 'directory.unavailable' } : failure.fault,
  unclear: false,
});

const holdsRefusedToken = (answers: BatchAnswers): boolean =>
  [...answers.values()].some(({ status }) => status === UNAUTHORIZED);

const readBatchAnswer = (got: GraphAnswer, now: Date): Result<BatchAnswers, CallFailure> => {
  if (got.status !== 200) return err(writeFailure(got, 'codes-only'));
  const parsed = batchAnswer.safeParse(got.body);
  if (!parsed.success) return err({ fault: malformed('the answer to a batch is no batch of answers'), unclear: true });
  const answers = parsed.data.responses.map(({ id, status, headers, body }) => {
    const retryAfterMs = readRetryAfter(headerOf(headers, 'retry-after'), now);
    return [id, answer(status, body, retryAfterMs, headerOf(headers, 'request-id'))] as const;
  });
  return ok(new Map(answers));
};

/** One tenant's Graph, through its client. */
export const createGraph = (options: GraphOptions): Graph => {
  const send = async (
    request: SingleRequest,
    isRead: boolean,
    patience: Patience,
  ): Promise<Result<GraphAnswer, CallFailure>> => {
    const got = await sendPatiently(options, request, isRead, patience);
    return got.ok || !isRead ? got : err(asRead(got.error));
  };

  const sendBatch = async (
    items: readonly BatchItem[],
    isRead: boolean,
    patience: Patience,
  ): Promise<Result<BatchAnswers, CallFailure>> => {
    const body = { requests: items.map(renderItem) };
    const got = await send({ method: 'POST', path: '/$batch', body }, isRead, patience);
    if (!got.ok) return got;
    const answers = readBatchAnswer(got.value, options.clock.now());
    return answers.ok || !isRead ? answers : err(asRead(answers.error));
  };

  return {
    baseUrl: options.baseUrl,
    send: (request, patience) => send(request, request.method === 'GET', patience),
    batch: async (items, patience) => {
      const isRead = items.every((item) => item.method === 'GET');
      const answers = await sendBatch(items, isRead, patience);
      if (!answers.ok || !holdsRefusedToken(answers.value) || !patience.takeRenewal()) return answers;
      // Some services behind a batch look at the token themselves. What the other items wrote is not written again.
      options.session.renew(options.session.client());
      return isRead ? sendBatch(items, isRead, patience) : answers;
    },
  };
};
