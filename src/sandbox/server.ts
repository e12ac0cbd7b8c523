import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { describeError, type Log } from '../lib/log.js';
import type { Certificate } from './certificate.js';
import { answerControl } from './control.js';
import { amidFaults } from './fault-stage.js';
import { guid } from './guid.js';
import { answerGraph, refusalAnswer } from './graph.js';
import type { GraphAnswer } from './graph-call.js';
import { answerLogin, tenantOfLogin } from './login.js';
import { GraphRefusal, notImplemented } from './refusal.js';
import { CUT, GRAPH_JSON, header, json, type Incoming, type Outcome, type Reply } from './reply.js';
import type { LogEntry } from './request-log.js';
import { authenticate, type Authentication } from './tokens.js';
import type { World } from './world.js';

/** The HTTPS front: reads a request, takes it to Graph, the login authority or the control plane, writes the answer. */

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface ListenOptions {
  readonly port?: number;
  readonly host?: string;
  readonly log: Log;
}

// Longer than any client keeps an idle connection, so that it is never the server who hangs up on a request in flight.
const KEEP_ALIVE_MS = 120_000;

/** Starts to serve `world`; rejects when the port cannot be had. */
export const listen = (world: World, { cert, key }: Certificate, options: ListenOptions): Promise<Listening> => {
  const { port = 0, host = '127.0.0.1', log } = options;
  const server = createServer({ cert, key, keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void handle(world, log, request, response);
  });
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve({ port: (server.address() as AddressInfo).port, close }));
  });
};

const handle = async (world: World, log: Log, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method = 'GET', url = '/', headers } = request;
  try {
    write(response, await serve(world, { method, url, headers, text: await readText(request) }));
  } catch (thrown) {
    log.error({ ...describeError(thrown), method, url }, 'the sandbox failed to answer');
    const broken = json(500, { error: { code: 'Sandbox_Broken', message: describeError(thrown).error } });
    if (!response.headersSent) write(response, broken);
  }
};

const serve = (world: World, request: Incoming): Promise<Outcome> => {
  if (request.url.startsWith('/_sandbox/')) {
    const { status, body } = answerControl(world, request);
    return Promise.resolve(json(status, body));
  }
  return /^\/(v1\.0|beta)\//.test(request.url) ? serveGraph(world, request) : serveLogin(world, request);
};

const serveGraph = (world: World, request: Incoming): Promise<Outcome> => {
  const { method, url: path } = request;
  const entry = world.requests.open({ service: 'graph', method, path });
  const caller = authenticate(world, header(request, 'authorization'));
  entry.tenant = caller.kind === 'known' ? caller.tenant.id : null;
  const target = { service: 'graph', method, path, tenant: entry.tenant, scope: 'request' } as const;
  return amidFaults(world, entry, target, () => replyOfGraph(world, request, entry, caller));
};

const serveLogin = (world: World, request: Incoming): Promise<Outcome> => {
  const { method, url } = request;
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const entry = world.requests.open({ service: 'login', method, path });
  entry.tenant = tenantOfLogin(world, path)?.id ?? null;
  const target = { service: 'login', method, path, tenant: entry.tenant, scope: 'request' } as const;
  const query = new URLSearchParams(search);
  const form = new URLSearchParams(request.text);
  const origin = `https://${header(request, 'host') ?? 'localhost'}`;
  return amidFaults(world, entry, target, () => answerLogin(world, { method, path, query, form, origin }));
};

const replyOfGraph = (world: World, request: Incoming, entry: LogEntry, caller: Authentication): Reply => {
  const clientRequestId = header(request, 'client-request-id');
  const answer = answerOfGraph(world, request, caller, clientRequestId);
  if (answer.items !== undefined) entry.items = answer.items;
  const id = guid(world.random);
  const headers = { 'request-id': id, 'client-request-id': clientRequestId ?? id, ...answer.headers };
  return json(answer.status, answer.body, GRAPH_JSON, headers);
};

const answerOfGraph = (
  world: World,
  request: Incoming,
  caller: Authentication,
  clientRequestId: string | undefined,
): GraphAnswer => {
  try {
    if (caller.kind === 'refused') throw caller.refusal;
    if (!request.url.startsWith('/v1.0/')) {
      world.requests.countUnknown(`${request.method} ${request.url.split('?')[0]}`);
      throw notImplemented('any version but v1.0');
    }
    return answerGraph(world, {
      method: request.method,
      path: request.url.slice('/v1.0'.length),
      body: parseBody(request),
      caller: caller.token,
      tenant: caller.tenant,
      clientRequestId,
      insideBatch: false,
      isEventual: header(request, 'consistencylevel')?.toLowerCase() === 'eventual',
    });
  } catch (thrown) {
    if (thrown instanceof GraphRefusal) return refusalAnswer(world, thrown, clientRequestId);
    throw thrown;
  }
};

const parseBody = (request: Incoming): unknown => {
  if (request.method === 'GET' || request.text === '') return undefined;
  const unreadable = new GraphRefusal(
    400,
    'BadRequest',
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
  if (header(request, 'content-type')?.startsWith('application/json') !== true) throw unreadable;
  try {
    return JSON.parse(request.text);
  } catch {
    throw unreadable;
  }
};

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
