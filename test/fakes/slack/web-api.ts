import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createEmulator } from 'emulate';
import { freePort } from '../../../demo/processes.js';
import { createSlackDirectory } from './directory.js';
import type { SlackDirectory } from './directory.js';
import { faultsOfMessage, faultsOfView } from './limits.js';

export type Json = { readonly [key: string]: unknown };

/** One call to the Web API, or one use of a response URL (`method: 'response_url'`). */
export interface ApiCall {
  readonly method: string;
  readonly body: Json;
  readonly answer: Json;
}

export interface Mishap {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Json;
}

/** Slack's Web API: emulate, behind a door that records, holds Slack's limits and can be told to fail. */
export interface WebApi {
  readonly url: string;
  readonly calls: readonly ApiCall[];
  /** What real Slack would have refused. */
  readonly faults: readonly string[];
  /** The next call of `method` goes wrong: an answer of its own, or a connection that drops after Slack has acted. */
  failNext(method: string, mishap: Mishap | 'drop'): void;
  /** Calls Slack as the tests' own app. */
  call(method: string, body: Json): Promise<Json>;
  responseUrl(): string;
  /** What emulate does not know of people: user groups, and whose account is closed. */
  readonly directory: SlackDirectory;
  close(): Promise<void>;
}

export const startWebApi = async (seed: Json, adminToken: string): Promise<WebApi> => {
  const port = await freePort(0);
  const emulator = await createEmulator({ service: 'slack', port, seed: { slack: seed } });
  const calls: ApiCall[] = [];
  const faults: string[] = [];
  const mishaps = new Map<string, Mishap | 'drop'>();
  let responses = 0;
  const directory = createSlackDirectory();

  const forward = async (method: string, body: string, headers: Record<string, string>): Promise<Json> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/${method}`, { method: 'POST', headers, body });
    return (await response.json()) as Json;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, kind, method = ''] = (request.url ?? '').split('/');
    const raw = await text(request);
    const name = kind === 'response' ? 'response_url' : method;
    const body = kind === 'response' ? (JSON.parse(raw) as Json) : parameters(raw);
    const mishap = mishaps.get(name);
    mishaps.delete(name);
    if (mishap !== undefined && mishap !== 'drop') {
      calls.push({ method: name, body, answer: mishap.body ?? {} });
      response.writeHead(mishap.status, mishap.headers).end(JSON.stringify(mishap.body ?? {}));
      return;
    }
    const found = faultsOfCall(name, body);
    faults.push(...found.map((fault) => `${name}: ${fault}`));
    const said =
      found.length > 0
        ? { ok: false, error: 'invalid_blocks' }
        : kind === 'response'
          ? { ok: true }
          : (directory.answer(method, body, scopesOf(seed, request)) ??
            directory.amend(method, body, await forward(method, raw, passedOn(request))));
    calls.push({ method: name, body, answer: said });
    if (mishap === 'drop') response.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(withZone(name, said)));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: `${url}/api/`,
    calls,
    faults,
    directory,
    failNext: (method, mishap) => void mishaps.set(method, mishap),
    call: (method, body) =>
      forward(method, JSON.stringify(body), {
        'content-type': 'application/json',
        authorization: `Bearer ${adminToken}`,
      }),
    responseUrl: () => `${url}/response/${(responses += 1)}`,
    close: async () => {
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), emulator.close()]);
    },
  };
};

const passedOn = ({ headers }: IncomingMessage): Record<string, string> => ({
  'content-type': headers['content-type'] ?? '',
  authorization: headers.authorization ?? '',
});

/** What the token of a request may do, by the seed. */
const scopesOf = (seed: Json, { headers }: IncomingMessage): readonly string[] => {
  const token = headers.authorization?.replace(/^Bearer /u, '');
  const tokens = (seed['tokens'] ?? []) as readonly { readonly token: string; readonly scopes: readonly string[] }[];
  return tokens.find((known) => known.token === token)?.scopes ?? [];
};

const STRUCTURED = new Set(['blocks', 'view']);

/** The SDK sends forms whose structured fields are JSON. */
const parameters = (raw: string): Json =>
  Object.fromEntries(
    [...new URLSearchParams(raw)].map(([key, value]) => [
      key,
      STRUCTURED.has(key) ? (JSON.parse(value) as unknown) : value,
    ]),
  );

const faultsOfCall = (method: string, body: Json): readonly string[] => {
  if (['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'response_url'].includes(method))
    return faultsOfMessage(body);
  return method.startsWith('views.') ? faultsOfView((body['view'] ?? {}) as Json) : [];
};

// emulate's users have no time zone; Slack's do.
const withZone = (method: string, answer: Json): Json =>
  method === 'users.info' && answer['ok'] === true
    ? { ...answer, user: { ...(answer['user'] as Json), tz: 'Europe/Berlin' } }
    : answer;
