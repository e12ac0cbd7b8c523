import type { Client } from '@microsoft/microsoft-graph-client';
import type { DirectoryFault } from '../engine/faults.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { readBatchAnswer } from './batch-answer.js';
import type { Budget, Strain } from './budget.js';
import { costOf, costOfAll } from './cost.js';
import type { Cost } from './cost.js';
import { failureOf, signInFault } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import { exchange } from './exchange.js';
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

/** By the id of the item. */
export type BatchAnswers = ReadonlyMap<string, GraphAnswer>;

/** A tenant's Graph: requests in, answers of whatever status out. */
export interface Graph {
  /** The app that speaks here. */
  readonly clientId: string;
  /** Where this Graph is reached, without a version. */
  readonly baseUrl: string;
  /** The tenant's cloud's own Graph, without a version: in bodies, objects are named by their address there. */
  readonly graphAddress: string;
  /** Whether there is a token, or one can be had. */
  ready(): Promise<Result<undefined, DirectoryFault>>;
  /** A read is repeated where that may help; of a write only what Graph has refused for being too many. */
  send(request: GraphRequest, patience: Patience): Promise<Result<GraphAnswer, CallFailure>>;
  /** At most 20 items. An item that Graph passed over is missing. */
  batch(items: readonly BatchItem[], patience: Patience): Promise<Result<BatchAnswers, CallFailure>>;
  /** Whether requests like these would not wait for their turn now, as far as the narrowest of their limits goes. */
  isFree(requests: readonly GraphRequest[]): boolean;
  /** How near this app is to the limits in this tenant. */
  strain(): Strain;
}

interface GraphOptions {
  readonly session: Session;
  readonly budget: Budget;
  readonly clientId: string;
  readonly baseUrl: string;
  readonly graphAddress: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export const LARGEST_BATCH = 20;

const TOO_MANY = 429;

const TROUBLE = [TOO_MANY, 502, 503, 504];

/** Whether the same request may be sent again after this answer. On 429 Graph did nothing; otherwise only reads may. */
export const mayRepeat = (answer: GraphAnswer, isRead: boolean): boolean =>
  answer.status === TOO_MANY || (isRead && TROUBLE.includes(answer.status));

const JSON_TYPE = { 'Content-Type': 'application/json' };

const renderItem = ({ id, method, path, body, after }: BatchItem): object => ({
  id,
  method,
  url: path,
  ...(body === undefined ? {} : { headers: JSON_TYPE, body }),
  ...(after === undefined ? {} : { dependsOn: [after] }),
});

/** A request, and what it uses up. */
interface Outgoing {
  readonly request: GraphRequest;
  readonly cost: Cost;
  readonly isRead: boolean;
}

/** Sends once. Nothing of a body is logged, in either direction: passwords travel there. */
const sendNow = async (
  { clock, log, deadlineMs }: GraphOptions,
  client: Client,
  request: GraphRequest,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const { method, path } = request;
  const startedAt = clock.now().getTime();
  const ms = (): number => clock.now().getTime() - startedAt;
  try {
    const got = await exchange(client, request, { deadlineMs, clock });
    log.debug({ method, path, status: got.status, requestId: got.requestId, ms: ms() }, 'graph answered');
    return ok(got);
  } catch (thrown) {
    const failure = failureOf(thrown);
    log.warn({ method, path, fault: failure.fault, ms: ms() }, 'graph did not answer');
    return err(failure);
  }
};

/** Sends when it is its turn. */
const sendOnce = async (
  options: GraphOptions,
  client: Client,
  { request, cost }: Outgoing,
  patience: Patience,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const got = await options.budget.spend(cost, patience, () => sendNow(options, client, request));
  if (!got.ok) return err({ fault: got.error, unclear: false });
  if (got.value.ok && got.value.value.status === TOO_MANY) {
    options.budget.hold(cost, got.value.value.retryAfterMs ?? 0);
  }
  return got.value;
};

const TOO_LATE: CallFailure = {
  fault: { code: 'directory.unavailable', detail: 'no time left to ask Graph' },
  unclear: false,
};

const UNAUTHORIZED = 401;

/** Sends with the token at hand, and once more with a new one if Graph refused it: whoever it refuses it does nothing for. */
const sendSignedIn = async (
  options: GraphOptions,
  outgoing: Outgoing,
  patience: Patience,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const client = options.session.client();
  const got = await sendOnce(options, client, outgoing, patience);
  if (!got.ok || got.value.status !== UNAUTHORIZED || !patience.takeRenewal()) return got;
  options.session.renew(client);
  return patience.isSpent() ? got : sendOnce(options, options.session.client(), outgoing, patience);
};

/** Repeats what may be repeated. A failure of a read is never unclear: it changed nothing. */
const sendPatiently = async (
  options: GraphOptions,
  outgoing: Outgoing,
  patience: Patience,
): Promise<Result<GraphAnswer, CallFailure>> => {
  const { isRead } = outgoing;
  if (patience.isSpent()) return err(TOO_LATE);
  for (let attempt = 1; ; attempt += 1) {
    const got = await sendSignedIn(options, outgoing, patience);
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

/** One tenant's Graph, through its client. */
export const createGraph = (options: GraphOptions): Graph => {
  const { clientId, baseUrl, graphAddress, session, budget, clock } = options;

  const send = async (outgoing: Outgoing, patience: Patience): Promise<Result<GraphAnswer, CallFailure>> => {
    const got = await sendPatiently(options, outgoing, patience);
    return got.ok || !outgoing.isRead ? got : err(asRead(got.error));
  };

  const sendBatch = async (
    items: readonly BatchItem[],
    isRead: boolean,
    patience: Patience,
  ): Promise<Result<BatchAnswers, CallFailure>> => {
    const request = { method: 'POST', path: '/$batch', body: { requests: items.map(renderItem) } } as const;
    const got = await send({ request, cost: costOfAll(items), isRead }, patience);
    if (!got.ok) return got;
    const answers = readBatchAnswer(got.value, new Set(items.map(({ id }) => id)), clock.now());
    if (answers.ok) noteRefusals(items, answers.value);
    return answers.ok || !isRead ? answers : err(asRead(answers.error));
  };

  const noteRefusals = (items: readonly BatchItem[], answers: BatchAnswers): void => {
    for (const item of items) {
      const answer = answers.get(item.id);
      if (answer?.status === TOO_MANY) budget.hold(costOf(item), answer.retryAfterMs ?? 0);
    }
  };

  return {
    clientId,
    baseUrl,
    graphAddress,
    ready: () =>
      session.signIn().then(
        () => ok(undefined),
        (thrown: unknown) => err(signInFault(thrown)),
      ),
    send: (request, patience) => send({ request, cost: costOf(request), isRead: request.method === 'GET' }, patience),
    batch: async (items, patience) => {
      const isRead = items.every((item) => item.method === 'GET');
      const answers = await sendBatch(items, isRead, patience);
      if (!answers.ok || !holdsRefusedToken(answers.value) || !patience.takeRenewal()) return answers;
      // Some services behind a batch look at the token themselves. What the other items wrote is not written again.
      session.renew(session.client());
      return isRead ? sendBatch(items, isRead, patience) : answers;
    },
    isFree: (requests) => budget.isFree(costOfAll(requests)),
    strain: () => budget.strain(),
  };
};
