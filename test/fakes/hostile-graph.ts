import { once } from 'node:events';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject } from 'vitest';
import type { EntraConfig } from '../../src/entra/reach.js';
import { createReach } from '../../src/entra/reach.js';
import type { Reach } from '../../src/entra/reach.js';
import { addMs, systemClock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { redacted } from '../../src/lib/redacted.js';
import { loadCertificate } from '../../src/sandbox/certificate.js';

/** A login authority that works and a Graph that answers whatever a test wants, over real HTTPS. */
export interface HostileGraph {
  readonly url: string;
  readonly reach: Reach;
  /** What every call to Graph is answered with from now on. */
  readonly answer: (reply: Reply) => void;
  /** Paths that were asked of Graph since the last answer was set. */
  readonly asked: () => readonly string[];
  readonly connections: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export type Reply = (request: IncomingMessage, response: ServerResponse, body: unknown) => void;

export const replyWith =
  (status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Reply =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

export const replyJson = (status: number, body: unknown): Reply => replyWith(status, JSON.stringify(body));

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text.startsWith('{') ? (JSON.parse(text) as unknown) : undefined;
};

const login = (url: string, request: IncomingMessage, response: ServerResponse): void => {
  const tenant = `${url}/${request.url?.split('/')[1] ?? ''}`;
  const body = request.url?.includes('openid-configuration')
    ? {
        issuer: `${tenant}/v2.0`,
        authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
        token_endpoint: `${tenant}/oauth2/v2.0/token`,
        jwks_uri: `${url}/keys`,
      }
    : { token_type: 'Bearer', expires_in: 3600, access_token: 'a-token' };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export const startHostileGraph = async (config: Partial<EntraConfig> = {}): Promise<HostileGraph> => {
  let reply: Reply = replyJson(200, { value: [] });
  let asked: string[] = [];
  const { key, cert } = await loadCertificate(inject('sandboxFolder'));
  const server = createServer({ key, cert }, (request, response) => {
    const path = request.url ?? '';
    const serve = async (): Promise<void> => {
      const body = await readBody(request);
      if (!path.startsWith('/v1.0/')) return login(url, request, response);
      asked.push(path);
      reply(request, response, body);
    };
    void serve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  let now = systemClock.now();
  const reach = createReach({
    config: {
      clientId: '99999999-0000-4000-8000-000000000009',
      credential: { kind: 'secret', secret: redacted('s') },
      cloud: 'global',
      authorityHost: url,
      graphBaseUrl: url,
      ...config,
    },
    clock: { now: () => now },
    random: systemRandom,
    log: silentLog,
    sleep: async (ms) => {
      now = addMs(now, ms);
    },
  });
  return {
    url,
    reach,
    answer: (next) => {
      reply = next;
      asked = [];
    },
    asked: () => asked,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
