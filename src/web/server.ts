import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import type { PageListener } from './pages.js';

/** The one HTTP door: chat platforms come in by it, and whoever watches over the process. */

export interface WebParts {
  readonly slack?: RequestListener;
  readonly teams?: RequestListener;
  /** Everything below `/page/`. */
  readonly pages?: PageListener;
  /** Where the login authority sends browsers back to. */
  readonly consent?: RequestListener;
  /** Whether the database answers. */
  readonly ready: () => Promise<boolean>;
  readonly log: Log;
}

export interface Web {
  /** Resolves with the port once it listens. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connection and waits for answers under way. */
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export const createWeb = ({ slack, teams, pages, consent, ready, log }: WebParts): Web => {
  const routes = new Map<string, Handler>(Object.entries(ownDoors(ready)));
  if (slack !== undefined) routes.set('POST /slack/events', slack);
  if (teams !== undefined) routes.set('POST /api/messages', teams);
  if (consent !== undefined) {
    routes.set('GET /entra/consent/callback', consent);
    routes.set('HEAD /entra/consent/callback', consent);
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    // A page's address holds a secret, so what becomes of it is the pages' own to log.
    if (pages !== undefined && path.startsWith('/page/')) return void pages(request, response);
    const handler = routes.get(`${request.method} ${path}`);
    if (handler === undefined) return refuse(response, routes, path);
    Promise.resolve(handler(request, response)).catch((thrown: unknown) => {
      log.error({ path, ...describeError(thrown) }, 'an HTTP request failed');
      if (!response.headersSent) say(response, 500, 'Something went wrong.');
    });
  });
  // Longer than any answer takes, short enough that slow clients do not pile up.
  server.requestTimeout = 30_000;
  return { listen: (port, host) => listen(server, port, host), close: () => close(server) };
};

const ownDoors = (ready: () => Promise<boolean>): Readonly<Record<string, Handler>> => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    'GET /healthz': (_, response) => say(response, 200, 'ok'),
    'GET /readyz': async (_, response) => {
      const isReady = await ready();
      say(response, isReady ? 200 : 503, isReady ? 'ready' : 'The database does not answer.');
    },
    'GET /metrics': async (_, response) => {
      response.setHeader('content-type', registry.contentType);
      response.end(await registry.metrics());
    },
  };
};

const refuse = (response: ServerResponse, routes: ReadonlyMap<string, Handler>, path: string): void => {
  const known = [...routes.keys()].some((route) => route.endsWith(` ${path}`));
  say(response, known ? 405 : 404, known ? 'Not with this method.' : 'Nothing here.');
};

const say = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
};

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeIdleConnections();
  });
