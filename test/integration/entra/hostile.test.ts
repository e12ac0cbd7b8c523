import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import { rolePage, standingAnswer } from '../../../src/entra/answers.js';
import type { Graph } from '../../../src/entra/call.js';
import type { Patience } from '../../../src/entra/patience.js';
import { readBody, readRows, readTogether } from '../../../src/entra/read.js';
import { err } from '../../../src/lib/result.js';
import type { Result } from '../../../src/lib/result.js';
import { replyJson, replyWith, startHostileGraph } from '../../fakes/hostile-graph.js';
import type { HostileGraph, Reply } from '../../fakes/hostile-graph.js';

/** Whatever answers in Graph's place, nobody comes to believe that access is there, or gone, because of it. */

const TENANT = '11111111-0000-4000-8000-000000000001';
const USER = 'bbbbbbbb-0000-4000-8000-00000000000b';

let graph: HostileGraph;

beforeAll(async () => {
  graph = await startHostileGraph({ deadlineMs: 5_000 });
});
afterAll(() => graph.close());

type Read = (graph: Graph, patience: Patience) => Promise<Result<unknown, DirectoryFault>>;

const readList: Read = async (to, patience) => {
  const first = await to.send({ method: 'GET', path: '/roleManagement/directory/roleDefinitions' }, patience);
  return first.ok ? readRows(to, rolePage, first.value, patience) : err(first.error.fault);
};

const readOne: Read = async (to, patience) => {
  const got = await to.send({ method: 'GET', path: `/users/${USER}` }, patience);
  return got.ok ? readBody(standingAnswer, got.value) : err(got.error.fault);
};

const readBatch: Read = (to, patience) => readTogether(to, { one: '/users/1', two: '/users/2' }, patience);

const faultOf = async (read: Read, reply: Reply): Promise<string | undefined> => {
  graph.answer(reply);
  const got = await graph.reach.inTenant(TENANT, read);
  return got.ok ? undefined : got.error.code;
};

const HTML = replyWith(200, '<html><body>Sign in to the proxy</body></html>', { 'content-type': 'text/html' });
const nested = `{"value":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
const huge = Buffer.alloc(9 * 1024 * 1024, ' ');

const ANYWHERE: readonly (readonly [string, Reply, string])[] = [
  ['a page of a proxy', HTML, 'directory.malformed'],
  ['a page of a gateway', replyWith(502, '<html></html>', { 'content-type': 'text/html' }), 'directory.unavailable'],
  ['nothing', replyWith(200, ''), 'directory.malformed'],
  ['half an answer', replyWith(200, '{"value":[{"id":'), 'directory.malformed'],
  ['null', replyWith(200, 'null'), 'directory.malformed'],
  ['a list of numbers', replyWith(200, '{"value":[1,2]}'), 'directory.malformed'],
  [
    'a wrong type',
    replyJson(200, { id: USER, accountEnabled: 'true', value: {}, responses: {} }),
    'directory.malformed',
  ],
  ['no content', (_request, response) => void response.writeHead(204).end(), 'directory.malformed'],
  ['something created', replyJson(201, { id: USER, accountEnabled: true, value: [] }), 'directory.malformed'],
  ['another address', replyWith(302, '', { location: 'https://localhost:1/' }), 'directory.malformed'],
  ['deep nesting', replyWith(200, nested), 'directory.malformed'],
  [
    '9 MB of it',
    replyWith(200, Buffer.concat([Buffer.from('{"value":[]'), huge, Buffer.from('}')])),
    'directory.malformed',
  ],
  [
    'a little that unpacks to 200 MB',
    replyWith(200, gzipSync(Buffer.concat([Buffer.from('{"value":[]'), Buffer.alloc(200 * 1024 * 1024, ' ')])), {
      'content-encoding': 'gzip',
    }),
    'directory.malformed',
  ],
];

describe.each([
  ['a list', readList],
  ['one thing', readOne],
  ['a batch', readBatch],
])('reading %s', (_what, read) => {
  it.each(ANYWHERE)('ends in a fault on %s', async (_case, reply, fault) => {
    expect(await faultOf(read, reply)).toBe(fault);
  });

  it('gives up at the deadline where a body never ends', async () => {
    const drip: Reply = (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    };
    const slow = await startHostileGraph({ deadlineMs: 150 });
    slow.answer(drip);
    expect(await slow.reach.inTenant(TENANT, read)).toMatchObject({ error: { code: 'directory.unavailable' } });
    await slow.close();
  });
});

describe('a link to the next page', () => {
  const page = (link: unknown): Reply => replyJson(200, { value: [], '@odata.nextLink': link });
  const { host } = new URL('https://graph.test');

  it.each([
    ['another host', () => `https://${host}/v1.0/x`],
    ['a host that begins like ours', () => `${graph.url}.evil.test/v1.0/x`],
    [
      'a user name that looks like our host',
      () => `${graph.url.replace('https://', 'https://localhost@')}.evil/v1.0/x`,
    ],
    ['our host with a user name', () => `${graph.url.replace('https://', 'https://me@')}/v1.0/x`],
    ['http', () => `${graph.url.replace('https:', 'http:')}/v1.0/x`],
    ['another port', () => 'https://localhost:1/v1.0/x'],
    ['another version', () => `${graph.url}/beta/x`],
    ['a way out of the version', () => `${graph.url}/v1.0/../beta/x`],
    ['an encoded way out', () => `${graph.url}/v1.0/%2e%2e/beta/x`],
    // The SDK would ask the host that it finds inside the path.
    ['an address inside the path', () => `${graph.url}/v1.0/https://evil.test/v1.0/x`],
    ['an address inside the query', () => `${graph.url}/v1.0/x?y=https://evil.test/v1.0/x`],
    ['no address', () => '/v1.0/x'],
    ['a number', () => 7],
  ])('to %s is not followed', async (_what, link) => {
    expect(await faultOf(readList, page(link()))).toBe('directory.malformed');
    expect(graph.asked()).toHaveLength(1);
  });

  it('within our Graph is followed', async () => {
    const seen: (string | undefined)[] = [];
    graph.answer((request, response, body) => {
      seen.push(request.url);
      const link = { '@odata.nextLink': `${graph.url}/v1.0/x?$skiptoken=a%20b` };
      replyJson(200, { value: [], ...(seen.length === 1 ? link : {}) })(request, response, body);
    });
    expect(await graph.reach.inTenant(TENANT, readList)).toEqual({ ok: true, value: [] });
    expect(seen[1]).toBe('/v1.0/x?$skiptoken=a%20b');
  });

  it('that leads round in a circle, or on for ever, comes to an end', async () => {
    expect(await faultOf(readList, page(`${graph.url}/v1.0/x`))).toBe('directory.malformed');
    expect(graph.asked()).toHaveLength(2);
    let count = 0;
    const endless: Reply = (request, response, body) =>
      page(`${graph.url}/v1.0/x?$skiptoken=${(count += 1)}`)(request, response, body);
    expect(await faultOf(readList, endless)).toBe('directory.malformed');
    expect(count).toBeLessThan(60);
  });

  it('is of no use where one page holds a hundred thousand rows', async () => {
    const rows = Array.from({ length: 100_000 }, () => ({ id: USER, displayName: 'x' }));
    expect(await faultOf(readList, replyJson(200, { value: rows }))).toBe('directory.malformed');
  });
});

describe('a batch', () => {
  const body = { id: USER };
  const answers = (responses: unknown): Reply => replyJson(200, { responses });

  it.each([
    ['leaves an item out', [{ id: 'one', status: 200, body }]],
    [
      'answers twice to one item',
      [
        { id: 'one', status: 404 },
        { id: 'one', status: 200, body },
      ],
    ],
    [
      'answers what was never asked',
      [
        { id: 'one', status: 200, body },
        { id: 'three', status: 200, body },
      ],
    ],
    ['gives a status as text', ['one', 'two'].map((id) => ({ id, status: '404' }))],
    ['gives a status that is none', ['one', 'two'].map((id) => ({ id, status: 4040 }))],
    ['gives a number as id', [1, 2].map((id) => ({ id, status: 404 }))],
    ['has more answers than items', Array.from({ length: 50_000 }, () => ({ id: 'one', status: 404 }))],
    ['has headers that are none', ['one', 'two'].map((id) => ({ id, status: 404, headers: { 'Retry-After': 7 } }))],
  ])('that %s is malformed', async (_what, responses) => {
    expect(await faultOf(readBatch, answers(responses))).toBe('directory.malformed');
  });

  it('of writes is unclear then: Graph may have done them', async () => {
    graph.answer(answers([{ id: 'two', status: 204 }]));
    const written = await graph.reach.inTenant(TENANT, async (to, patience) => {
      const got = await to.batch([{ id: 'one', method: 'DELETE', path: `/users/${USER}` }], patience);
      return { ok: true, value: got };
    });
    expect(written).toMatchObject({
      value: { ok: false, error: { unclear: true, fault: { code: 'directory.malformed' } } },
    });
  });
});

describe('connections', () => {
  it('are used again, whatever the answers were', async () => {
    const own = await startHostileGraph();
    for (const reply of [
      HTML,
      replyWith(429, 'slow down'),
      replyWith(403, '<html>'.repeat(10_000)),
      replyJson(200, { value: [] }),
    ]) {
      for (let times = 0; times < 4; times += 1) {
        own.answer(reply);
        await own.reach.inTenant(TENANT, readList);
      }
    }
    // One for Graph, and those of the sign-in.
    expect(await own.connections()).toBeLessThanOrEqual(3);
    await own.close();
  });
});

describe('a wait that is asked for', () => {
  it.each(['1e308', '99999999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])('of %s is an hour at most', async (header) => {
    const own = await startHostileGraph();
    own.answer(replyWith(429, '{}', { 'retry-after': header }));
    const got = await own.reach.inTenant(TENANT, readList);
    expect(got).toMatchObject({ error: { code: 'directory.throttled', retryAfterMs: 3_600_000 } });
    await own.close();
  });
});
