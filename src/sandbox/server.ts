import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { describeError, type Log } from '../lib/log.js';
import type { Certificate } from './certificate.js';
import { answerControl } from './control.js';
import { faultBody, PROXY_PAGE } from './fault-answers.js';
import type { Fault, FaultTarget } from './faults.js';
import { answerGraph, refusalAnswer } from './graph.js';
import { guid } from './guid.js';
import { answerLogin, tenantOfLogin } from './login.js';
import { GraphRefusal } from './refusal.js';
import type { LogEntry } from './request-log.js';
import { authenticate, type Authentication } from './tokens.js';
import type { World } from './world.js';

/** The HTTPS front: reads a request, lets faults happen, hands it to login, Graph or the control plane, writes the answer. */

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly text: string;
}

interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const CUT = 'cut';
type Outcome = Reply | typeof CUT;

const GRAPH_JSON = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

const json = (
  status: number,
  body: unknown,
  contentType = JSON_TYPE,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers,
  contentType,
  text: body === undefined ? '' : JSON.stringify(body),
});

const LARGEST_BODY = 4 * 1024 * 1024;

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parseBody = ({ method, headers, text }: Incoming): unknown => {
  if (method === 'GET' || text === '') return undefined;
  const unreadable = new GraphRefusal(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
  if (headers['content-type']?.startsWith('application/json') !== true) throw unreadable;
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable;
  }
};

const outcomeOfFault = (fault: Fault): Outcome => {
  switch (fault.kind) {
    case 'throttle':
    case 'server-error': {
      const { status, body, headers } = faultBody(fault);
      return json(status, body, GRAPH_JSON, headers);
    }
    case 'html':
      return { status: fault.status, contentType: 'text/html; charset=utf-8', text: PROXY_PAGE };
    default:
      return CUT;
  }
};

/** Everything that can go wrong around one answer. */
const amongFaults = async (
  world: World,
  entry: LogEntry,
  target: FaultTarget,
  perform: () => Reply,
): Promise<Outcome> => {
  const note = (fault: Fault): void => {
    entry.faults = [...entry.faults, fault.kind];
  };
  const attempt = (): Outcome => {
    const early = world.faults.take(
      target,
      ['drop-before-write', 'throttle', 'server-error', 'html'],
      (fault) => fault.kind !== 'server-error' || !fault.afterWrite,
    );
    if (early !== undefined) {
      note(early);
      return outcomeOfFault(early);
    }
    const reply = perform();
    if (reply.status >= 400) return reply;
    const late = world.faults.take(
      target,
      ['drop-after-write', 'server-error'],
      (fault) => fault.kind !== 'server-error' || fault.afterWrite,
    );
    if (late === undefined) return reply;
    note(late);
    return outcomeOfFault(late);
  };

  const slow = world.faults.take(target, ['slow']);
  if (slow !== undefined) note(slow);
  const outcome = attempt();
  const waitMs = world.latencyMs + (slow?.ms ?? 0);
  if (waitMs > 0) await delay(waitMs);
  return outcome;
};

const header = (request: Incoming, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const performGraph = (world: World, request: Incoming, entry: LogEntry, caller: Authentication): Reply => {
  const clientRequestId = header(request, 'client-request-id');
  const finish = (answer: ReturnType<typeof answerGraph>): Reply => {
    if (answer.items !== undefined) entry.items = answer.items;
    const id = guid(world.random);
    return json(answer.status, answer.body, GRAPH_JSON, {
      'request-id': id,
      'client-request-id': clientRequestId ?? id,
      ...answer.headers,
    });
  };
  const refused = (refusal: GraphRefusal): Reply => finish(refusalAnswer(world, refusal, clientRequestId));

  if (caller.kind === 'refused') return refused(caller.refusal);
  if (!request.url.startsWith('/v1.0/')) {
    world.requests.countUnknown(`${request.method} ${request.url.split('?')[0]}`);
    return refused(new GraphRefusal(501, 'Sandbox_NotImplemented', 'The local Entra ID speaks Graph v1.0 alone.'));
  }
  const { token, tenant } = caller;
  try {
    const body = parseBody(request);
    const path = request.url.slice('/v1.0'.length);
    return finish(
      answerGraph(world, {
        method: request.method,
        path,
        body,
        caller: token,
        tenant,
        clientRequestId,
        insideBatch: false,
      }),
    );
  } catch (thrown) {
    if (thrown instanceof GraphRefusal) return refused(thrown);
    throw thrown;
  }
};

const serveGraph = (world: World, request: Incoming): Promise<Outcome> => {
  const { method, url: path } = request;
  const entry = world.requests.open({ service: 'graph', method, path });
  const caller = authenticate(world, header(request, 'authorization'));
  entry.tenant = caller.kind === 'known' ? caller.tenant.id : null;
  const target: FaultTarget = { service: 'graph', method, path, tenant: entry.tenant, scope: 'request' };
  return recorded(
    entry,
    amongFaults(world, entry, target, () => performGraph(world, request, entry, caller)),
  );
};

const serveLogin = (world: World, request: Incoming): Promise<Outcome> => {
  const { method, url } = request;
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const entry = world.requests.open({ service: 'login', method, path });
  entry.tenant = tenantOfLogin(world, path)?.id ?? null;
  const target: FaultTarget = { service: 'login', method, path, tenant: entry.tenant, scope: 'request' };
  const perform = (): Reply => {
    const { status, body } = answerLogin(world, {
      method,
      path,
      query: new URLSearchParams(search),
      form: new URLSearchParams(request.text),
      origin: `https://${header(request, 'host') ?? 'localhost'}`,
    });
    return json(status, body);
  };
  return recorded(entry, amongFaults(world, entry, target, perform));
};

const recorded = async (entry: LogEntry, outcome: Promise<Outcome>): Promise<Outcome> => {
  const settled = await outcome;
  entry.status = settled === CUT ? 0 : settled.status;
  return settled;
};

const serve = (world: World, request: Incoming): Promise<Outcome> => {
  if (request.url.startsWith('/_sandbox/')) {
    const { status, body } = answerControl(world, request);
    return Promise.resolve(json(status, body));
  }
  return /^\/(v1\.0|beta)\//.test(request.url) ? serveGraph(world, request) : serveLogin(world, request);
};

const write = (response: ServerResponse, outcome: Outcome): void => {
  if (outcome === CUT) {
    response.socket?.destroy();
    return;
  }
  const { status, headers, contentType, text } = outcome;
  response.writeHead(status, {
    ...headers,
    ...(text === '' ? {} : { 'content-type': contentType }),
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
  });
  response.end(text);
};

const handle = async (world: World, log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = 'GET', url = '/', headers } = request;
  try {
    write(response, await serve(world, { method, url, headers, text: await readText(request) }));
  } catch (thrown) {
    log.error({ ...describeError(thrown), method, url }, 'the sandbox failed to answer');
    if (!response.headersSent)
      write(response, json(500, { error: { code: 'Sandbox_Broken', message: describeError(thrown).error } }));
  }
};

// Longer than any client keeps an idle connection, so that it is never the server who hangs up on a request in flight.
const KEEP_ALIVE_MS = 120_000;

export const listen = (
  world: World,
  { cert, key }: Certificate,
  { port = 0, host = '127.0.0.1', log }: { readonly port?: number; readonly host?: string; readonly log: Log },
): Promise<Listening> => {
  const server = createServer({ cert, key, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void handle(world, log, request, response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
};
