import nock from 'nock';
import { createEntra } from '../../src/entra/entra.js';
import { createReach } from '../../src/entra/reach.js';
import type { DirectoryOptions, EntraConfig, Reach } from '../../src/entra/reach.js';
import type { Directory, DirectoryUser } from '../../src/flows/ports.js';
import { accountId } from '../../src/engine/ids.js';
import { addMs } from '../../src/lib/clock.js';
import type { Clock } from '../../src/lib/clock.js';
import type { Log } from '../../src/lib/log.js';
import type { Random } from '../../src/lib/random.js';
import { redacted } from '../../src/lib/redacted.js';
import { aTenant, NOON } from './fixtures.js';

/** A Graph and a login authority that answer exactly what a test lays out, in that order, and nothing besides. */

export const GRAPH = 'https://graph.microsoft.com';
export const LOGIN = 'https://login.microsoftonline.com';

export const CLIENT_ID = '99999999-0000-4000-8000-000000000009';
export const CLIENT_SECRET = 'the-secret-of-the-app';
export const TAG = 'extension_99999999000040008000000000000009_latchkey';
export const TOKEN = 'a-token-that-nobody-may-see';

export const TENANT = aTenant();
export const USER_ID = 'bbbbbbbb-0000-4000-8000-00000000000b';

export const USER: DirectoryUser = {
  account: accountId('contoso/P-DANA'),
  upn: 'jit-dana.fox@contoso.example',
  displayName: 'JIT: Dana Fox',
};

export const KNOWN_USER: DirectoryUser = { ...USER, objectId: USER_ID };

export interface GraphCall {
  readonly method: string;
  /** With its query, decoded. */
  readonly path: string;
  readonly body: unknown;
}

/** An item of a `$batch` as it was sent. */
export interface SentItem {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly dependsOn?: readonly string[];
}

export interface ItemAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Headers = Readonly<Record<string, string>>;

export interface FakeGraph {
  readonly calls: readonly GraphCall[];
  /** The items of the batches so far. */
  batches(): readonly (readonly SentItem[])[];
  get(status: number, body: unknown, headers?: Headers): void;
  post(status: number, body: unknown, headers?: Headers): void;
  /** One batch. What `answers` gives for an item becomes its answer; nothing: the item is passed over. */
  batch(answers: (item: SentItem) => ItemAnswer | undefined): void;
  /** A connection that breaks before any answer. */
  cut(method: 'get' | 'post', code?: string): void;
  /** A call that is answered later than anybody waits. */
  hang(method: 'get' | 'post'): void;
}

const next = (method: 'get' | 'post'): nock.Interceptor => {
  const graph = nock(GRAPH);
  return graph[method](/^\/v1\.0\//);
};

export const fakeGraph = (): FakeGraph => {
  const calls: GraphCall[] = [];
  const note = (method: string, uri: string, body: unknown): void => {
    calls.push({ method, path: decodeURIComponent(uri), body: body === '' ? undefined : body });
  };
  const answer =
    (method: 'get' | 'post') =>
    (status: number, body: unknown, headers: Headers = {}): void => {
      next(method).reply((uri, sent) => {
        note(method.toUpperCase(), uri, sent);
        return [status, body as nock.Body, headers];
      });
    };

  return {
    calls,
    batches: () =>
      calls
        .filter(({ path }) => path === '/v1.0/$batch')
        .map(({ body }) => (body as { requests: SentItem[] }).requests),
    get: answer('get'),
    post: answer('post'),
    batch: (answers) => {
      nock(GRAPH)
        .post('/v1.0/$batch')
        .reply((uri, sent) => {
          note('POST', uri, sent);
          const { requests } = sent as { requests: SentItem[] };
          const responses = requests.flatMap((item) => {
            const each = answers(item);
            return each === undefined ? [] : [{ id: item.id, ...each }];
          });
          // Graph promises no order.
          return [200, { responses: responses.toReversed() }];
        });
    },
    cut: (method, code = 'ECONNRESET') => {
      next(method).replyWithError(Object.assign(new Error('the connection broke'), { code }));
    },
    hang: (method) => {
      next(method).delay(60_000).reply(200, {});
    },
  };
};

/** Any number of tokens. */
export const grantTokens = (): void => {
  nock(LOGIN)
    .persist()
    .post(/\/oauth2\/v2\.0\/token/)
    .reply(200, { token_type: 'Bearer', expires_in: 3600, access_token: TOKEN });
};

/** A refusal in Graph's shape. */
export const graphError = (code: string, message = 'No.', details: readonly object[] = []): object => ({
  error: { code, message, details, innerError: { 'request-id': 'aaaa-1111', date: '2026-03-02T12:00:00' } },
});

export interface Stage {
  readonly directory: Directory;
  /** The way to Graph, for whatever else reads there. */
  readonly reach: Reach;
  readonly clock: Clock;
  /** Every pause that was taken, in milliseconds. */
  readonly pauses: readonly number[];
  /** Lets time go by. */
  readonly pass: (ms: number) => void;
  /** Everything that was logged, as text. */
  readonly logged: () => string;
}

const CHANCE: Random = { bytes: (length) => Buffer.alloc(length), below: () => 0 };

/** A directory on its own clock, which only its pauses and the test move. */
export const stageDirectory = (config: Partial<EntraConfig> = {}): Stage => {
  const pauses: number[] = [];
  const lines: string[] = [];
  let now = NOON;
  const pass = (ms: number): void => {
    now = addMs(now, ms);
  };
  const write = (fields: object, message: string): void => void lines.push(`${JSON.stringify(fields)} ${message}`);
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  const clock: Clock = { now: () => now };
  const options: DirectoryOptions = {
    config: {
      clientId: CLIENT_ID,
      credential: { kind: 'secret', secret: redacted(CLIENT_SECRET) },
      cloud: 'global',
      ...config,
    },
    clock,
    random: CHANCE,
    log,
    sleep: async (ms) => {
      pauses.push(ms);
      pass(ms);
    },
  };
  return {
    directory: createEntra(options).directory,
    reach: createReach(options),
    clock,
    pauses,
    pass,
    logged: () => lines.join('\n'),
  };
};

/** Nothing leaves the machine, and nothing laid out is left over. */
export const closeNetwork = (): void => {
  nock.cleanAll();
  nock.disableNetConnect();
};

export const reopenNetwork = (): void => {
  nock.abortPendingRequests();
  nock.cleanAll();
  nock.enableNetConnect();
};

/** What was laid out and never asked for, tokens apart. */
export const unasked = (): readonly string[] => nock.pendingMocks().filter((mock) => mock.includes(GRAPH));
