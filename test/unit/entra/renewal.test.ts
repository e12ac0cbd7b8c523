import type { Client } from '@microsoft/microsoft-graph-client';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSession } from '../../../src/entra/session.js';
import { redacted } from '../../../src/lib/redacted.js';
import {
  closeNetwork,
  GRAPH,
  graphError,
  KNOWN_USER,
  LOGIN,
  reopenNetwork,
  stageDirectory,
  TENANT,
  USER,
  USER_ID,
} from '../../fakes/graph.js';

/** A token that Graph stops accepting before its time must not be held on to; nor may a refusal be asked again for ever. */

const PASSWORD = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3');
const REFUSED = graphError('InvalidAuthenticationToken');
const create = { do: 'create', enabled: true, generation: 1 } as const;
const disable = { do: 'set', enabled: false } as const;

beforeEach(closeNetwork);
afterEach(reopenNetwork);

/** A login authority that never gives the same token twice; how many it gave. */
const countTokens = (): (() => number) => {
  let given = 0;
  nock(LOGIN)
    .persist()
    .post(/\/oauth2\/v2\.0\/token/)
    .reply(() => {
      given += 1;
      return [200, { token_type: 'Bearer', expires_in: 3600, access_token: `token-${given}` }];
    });
  return () => given;
};

interface Asked {
  readonly token: string;
  readonly call: string;
  readonly items: readonly { readonly id: string }[];
}

type Answer = readonly [status: number, body?: unknown];

/** A Graph that answers as `decide` says, and the calls that it saw. */
const serve = (decide: (asked: Asked) => Answer): readonly Asked[] => {
  const seen: Asked[] = [];
  for (const method of ['get', 'post'] as const) {
    const graph = nock(GRAPH).persist();
    graph[method](/^\/v1\.0\//).reply(function answer(uri, body) {
      const token = String(this.req.headers['authorization']).replace('Bearer ', '');
      const items = typeof body === 'object' && Array.isArray(body['requests']) ? body['requests'] : [];
      const asked = { token, call: `${method} ${uri.split('?')[0]}`, items };
      seen.push(asked);
      const [status, content] = decide(asked);
      return [status, content as nock.Body];
    });
  }
  return seen;
};

const accepting =
  (accepted: readonly string[], answer: (asked: Asked) => Answer) =>
  (asked: Asked): Answer =>
    accepted.includes(asked.token) ? answer(asked) : [401, REFUSED];

const tokensOf = (seen: readonly Asked[]): readonly string[] => seen.map(({ token }) => token);

const noRoles = (): Answer => [200, { value: [] }];

const batchOf =
  (answer: (id: string) => object) =>
  ({ items }: Asked): Answer => [200, { responses: items.map(({ id }) => ({ id, ...answer(id) })) }];

describe('a refused token', () => {
  it('is replaced at once, and the new one kept', async () => {
    const given = countTokens();
    const seen = serve(accepting(['token-2'], noRoles));
    const { directory, pauses } = stageDirectory();
    expect(await directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(await directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2', 'token-2']);
    expect([given(), pauses]).toEqual([2, []]);
  });

  it('is replaced for a batch of reads', async () => {
    countTokens();
    const gone = batchOf(() => ({ status: 404, body: graphError('Request_ResourceNotFound') }));
    const seen = serve(accepting(['token-2'], gone));
    expect(await stageDirectory().directory.observe(TENANT, KNOWN_USER)).toEqual({
      ok: true,
      value: { exists: false },
    });
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2']);
  });

  it('is replaced for a write, which did nothing', async () => {
    countTokens();
    const seen = serve(accepting(['token-2'], () => [201, { id: USER_ID }]));
    const outcomes = await stageDirectory().directory.apply(TENANT, USER, [create], PASSWORD);
    expect(outcomes).toEqual([{ kind: 'done', objectId: USER_ID }]);
    expect(seen.map(({ call }) => call)).toEqual(['post /v1.0/users', 'post /v1.0/users']);
  });

  it('is replaced for a batch of writes that was refused as a whole', async () => {
    countTokens();
    const seen = serve(
      accepting(
        ['token-2'],
        batchOf(() => ({ status: 204 })),
      ),
    );
    expect(await stageDirectory().directory.apply(TENANT, KNOWN_USER, [disable], PASSWORD)).toEqual([{ kind: 'done' }]);
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2']);
  });

  it('is replaced once an operation, however many calls it makes, and the refusal is sure', async () => {
    const given = countTokens();
    const seen = serve(() => [401, REFUSED]);
    const { directory } = stageDirectory();
    expect(await directory.roles(TENANT)).toMatchObject({ ok: false, error: { code: 'directory.credential' } });
    expect([given(), seen.length]).toEqual([2, 2]);
    const steps = [create, disable, { do: 'revoke-sessions' }] as const;
    const outcomes = await directory.apply(TENANT, KNOWN_USER, steps, PASSWORD);
    expect(outcomes.map((outcome) => outcome.kind === 'failed' && outcome.unclear)).toEqual([false, false, false]);
    expect(given()).toBe(3);
  });

  it('is replaced again by the next operation that meets a refusal', async () => {
    const accepted = ['token-2'];
    countTokens();
    const seen = serve(accepting(accepted, noRoles));
    const { directory } = stageDirectory();
    await directory.roles(TENANT);
    accepted.splice(0, 1, 'token-3');
    expect(await directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2', 'token-2', 'token-3']);
  });

  it('is replaced once for all calls that met the refusal', () => {
    const clients: Client[] = [];
    const session = createSession(() => {
      const client = {} as Client;
      clients.push(client);
      return { client, tokens: { current: async () => 'token' } };
    });
    const refused = session.client();
    session.renew(refused);
    session.renew(refused);
    expect(clients).toHaveLength(2);
    expect(session.client()).toBe(clients[1]);
  });
});

describe('a token that a service behind a batch refused', () => {
  const partly =
    (refused: string) =>
    ({ token, items }: Asked): Answer =>
      batchOf((id) => {
        if (token === 'token-1' && id === refused) return { status: 401, body: REFUSED };
        return { status: 404, body: graphError('Request_ResourceNotFound') };
      })({ token, items, call: '' });

  it('is replaced, and reads are asked again', async () => {
    countTokens();
    const seen = serve(partly('user'));
    expect(await stageDirectory().directory.observe(TENANT, KNOWN_USER)).toEqual({
      ok: true,
      value: { exists: false },
    });
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2']);
  });

  it('is replaced for the next call, and no write is sent again', async () => {
    countTokens();
    const seen = serve(batchOf((id) => (id === '0' ? { status: 204 } : { status: 401, body: REFUSED })));
    const { directory } = stageDirectory();
    const steps = [disable, { do: 'revoke-sessions' }] as const;
    expect(await directory.apply(TENANT, KNOWN_USER, steps, PASSWORD)).toMatchObject([
      { kind: 'done' },
      { kind: 'failed', unclear: false, fault: { code: 'directory.credential' } },
    ]);
    expect(seen.map(({ items }) => items.map(({ id }) => id))).toEqual([['0', '1']]);
    await directory.apply(TENANT, KNOWN_USER, [disable], PASSWORD);
    expect(tokensOf(seen)).toEqual(['token-1', 'token-2']);
  });
});
