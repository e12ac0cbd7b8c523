import type { FaultTarget } from './faults.js';
import { okay, type GraphAnswer } from './graph-call.js';
import { amidItemFaults } from './item-faults.js';
import type { Tenant } from './model.js';
import { isRecord, readBody, type Body, type Shape } from './properties.js';
import { GraphRefusal } from './refusal.js';
import type { World } from './world.js';

/** `$batch`: up to twenty requests in one, each with its own answer, some only after others succeeded. */

const LARGEST_BATCH = 20;
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const METHODS_WITH_BODY = ['POST', 'PATCH', 'PUT'];

interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly isEventual: boolean;
  readonly dependsOn: readonly string[];
}

export interface ItemRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly isEventual: boolean;
}

const batchShape: Shape = { requests: { type: 'objects', required: true } };

const itemShape: Shape = {
  id: { type: 'string', required: true },
  method: { type: 'string', required: true },
  url: { type: 'string', required: true },
  headers: { type: 'object' },
  body: { type: 'object' },
  dependsOn: { type: 'strings' },
};

const malformed = (message: string): GraphRefusal => new GraphRefusal(400, 'BadRequest', message);

// Ids are compared without regard to case.
const keyOf = (id: string): string => id.toLowerCase();

const headerOf = (headers: unknown, wanted: string): unknown =>
  isRecord(headers) ? Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1] : undefined;

const hasContentType = (headers: unknown): boolean => headerOf(headers, 'content-type') !== undefined;

const isEventual = (headers: unknown): boolean =>
  String(headerOf(headers, 'consistencylevel')).toLowerCase() === 'eventual';

const readItem = (raw: Body): Item => {
  const { id, method, url, headers, body, dependsOn } = readBody(raw, itemShape, 'batch request') as Body &
    Item & { headers?: unknown };
  const verb = method.toUpperCase();
  if (!METHODS.includes(verb)) throw malformed(`Invalid method of request id : ${id}.`);
  if (/^https?:/i.test(url)) throw malformed(`The url of request id : ${id} is not relative.`);
  // One such item sinks the whole batch, even where the operation itself takes no body.
  if (METHODS_WITH_BODY.includes(verb) && (body === undefined || !hasContentType(headers)))
    throw malformed(`Write request id : ${id} does not contain Content-Type header or body.`);
  return {
    id,
    method: verb,
    url: url.startsWith('/') ? url : `/${url}`,
    body,
    isEventual: isEventual(headers),
    dependsOn: dependsOn ?? [],
  };
};

const readItems = (body: unknown): readonly Item[] => {
  const { requests } = readBody(body, batchShape, 'batch') as { requests: Body[] };
  if (requests.length === 0) throw malformed('The batch holds no requests.');
  if (requests.length > LARGEST_BATCH)
    throw malformed(`Number of batch request steps exceeds the maximum value of ${LARGEST_BATCH}.`);
  const items = requests.map(readItem);
  const ids = new Set(items.map((item) => keyOf(item.id)));
  if (ids.size < items.length) throw malformed('The ids of the requests in a batch must be unique.');
  for (const { id, dependsOn } of items) {
    if (dependsOn.some((other) => !ids.has(keyOf(other))))
      throw malformed(`Request id : ${id} depends on an id that is not in the batch.`);
  }
  return items;
};

/** Every item after those it depends on, otherwise as given. */
const inOrder = (items: readonly Item[]): readonly Item[] => {
  const waiting = [...items];
  const placed = new Set<string>();
  const ordered: Item[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex((item) => item.dependsOn.every((id) => placed.has(keyOf(id))));
    const [item] = ready < 0 ? [] : waiting.splice(ready, 1);
    if (item === undefined) throw malformed('The requests of the batch depend on each other in a circle.');
    placed.add(keyOf(item.id));
    ordered.push(item);
  }
  return ordered;
};

const FAILED_DEPENDENCY: GraphAnswer = {
  status: 424,
  body: { error: { code: 'FailedDependency', message: 'A request that this one depends on failed.' } },
};

const targetOf = (tenant: Tenant, { method, url }: Item): FaultTarget => ({
  service: 'graph',
  method,
  path: `/v1.0${url}`,
  tenant: tenant.id,
  scope: 'item',
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

const render = (id: string, { status, headers, body }: GraphAnswer): Body => ({
  id,
  status,
  headers: { ...(body === undefined ? {} : JSON_TYPE), 'Cache-Control': 'no-cache', ...headers },
  ...(body === undefined ? {} : { body }),
});

/** Runs the items one after the other through `answer`. */
export const runBatch = (
  world: World,
  { body, tenant }: { readonly body: unknown; readonly tenant: Tenant },
  answer: (item: ItemRequest) => GraphAnswer,
): GraphAnswer => {
  const answers = new Map<string, GraphAnswer>();
  const failed = (id: string): boolean => (answers.get(keyOf(id))?.status ?? 0) >= 400;
  const items = inOrder(readItems(body));

  const perform = (item: Item): GraphAnswer =>
    amidItemFaults(world, targetOf(tenant, item), () =>
      answer({ method: item.method, path: item.url, body: item.body, isEventual: item.isEventual }),
    );

  for (const item of items) {
    answers.set(keyOf(item.id), item.dependsOn.some(failed) ? FAILED_DEPENDENCY : perform(item));
  }

  const answerTo = (item: Item): GraphAnswer => answers.get(keyOf(item.id)) ?? FAILED_DEPENDENCY;
  return {
    // Graph promises no order. Backwards finds out who relies on one.
    ...okay({ responses: items.map((item) => render(item.id, answerTo(item))).toReversed() }),
    items: items.map((item) => ({ id: item.id, method: item.method, url: item.url, status: answerTo(item).status })),
  };
};
