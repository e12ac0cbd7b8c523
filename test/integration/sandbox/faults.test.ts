import { performance } from 'node:perf_hooks';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CONTOSO, FABRIKAM } from '../../../src/sandbox/seed.js';
import { ASSIGNMENTS, assignment, newUser, PASSWORD, ROLE_IDS, startRig, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const get = (path: string): Promise<number> => rig.graph('GET', path).then(({ status }) => status);
const create = async (name: string): Promise<string> =>
  String((await rig.graph('POST', '/users', newUser(name))).body.id);
const query = (text: string): string => encodeURIComponent(text);

describe('replication delay', () => {
  it('hides what was just written from reads, and from nothing else', async () => {
    await rig.fault({ kind: 'replication-delay', ms: 5_000 });
    const id = await create('jit');
    expect(await get(`/users/${id}`)).toBe(404);
    expect(await get('/users/jit@contoso.com')).toBe(404);
    expect((await rig.graph('POST', '/users', newUser('jit'))).status).toBe(400);
    expect((await rig.graph('PATCH', `/users/${id}`, { displayName: 'Other' })).status).toBe(204);
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(id, ROLE_IDS.helpdesk))).status).toBe(201);
    const roles = `${ASSIGNMENTS}?$filter=${query(`principalId eq '${id}'`)}`;
    expect((await rig.graph('GET', roles)).body.value).toEqual([]);
    expect(
      (await rig.control('POST', 'sign-in', { upn: 'jit@contoso.com', password: PASSWORD })).body.roles,
    ).toHaveLength(1);

    rig.advance(5_000);
    expect((await rig.graph('GET', `/users/${id}`)).body.displayName).toBe('Other');
    expect((await rig.graph('GET', roles)).body.value).toHaveLength(1);
  });

  it('goes on showing what was just taken away', async () => {
    const id = await create('jit');
    await rig.graph('POST', `/groups/${await salesId()}/members/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/users/${id}`,
    });
    rig.advance(10_000);
    await rig.fault({ kind: 'replication-delay', ms: 5_000 });
    await rig.graph('DELETE', `/groups/${await salesId()}/members/${id}/$ref`);
    await rig.graph('DELETE', `/users/${id}`);
    expect(await get(`/users/${id}`)).toBe(200);
    expect((await rig.graph('GET', `/users/${id}/memberOf/microsoft.graph.group`)).body.value).toHaveLength(1);
    rig.advance(5_000);
    expect(await get(`/users/${id}`)).toBe(404);
  });

  it('can keep writes from finding a new user too', async () => {
    await rig.fault({ kind: 'replication-delay', ms: 5_000, writesToo: true });
    const id = await create('jit');
    expect((await rig.graph('PATCH', `/users/${id}`, { displayName: 'Other' })).status).toBe(404);
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(id, ROLE_IDS.helpdesk))).status).toBe(404);
    rig.advance(5_000);
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(id, ROLE_IDS.helpdesk))).status).toBe(201);
  });

  it('reaches into batches', async () => {
    await rig.fault({ kind: 'replication-delay', ms: 5_000 });
    const id = await create('jit');
    const { body } = await rig.graph('POST', '/$batch', {
      requests: [{ id: 'a', method: 'GET', url: `/users/${id}` }],
    });
    expect(body.responses[0].status).toBe(404);
  });

  const salesId = async (): Promise<string> =>
    String((await rig.graph('GET', `/groups?$filter=${query("displayName eq 'Sales'")}`)).body.value[0]?.id);
});

describe('refusals that are not Graph’s own', () => {
  it('strikes the one call that it is meant for, and says how many it still lets pass', async () => {
    await rig.fault({ kind: 'server-error', skip: 2, times: 1, match: { method: 'GET', path: '/users' } });
    expect((await rig.graph('GET', '/groups')).status).toBe(200);
    expect((await rig.graph('GET', '/users')).status).toBe(200);
    expect((await rig.control('GET', 'faults')).body.faults).toMatchObject([{ skip: 1, times: 1 }]);
    const rest = [await get('/users'), await get('/users'), await get('/users')];
    expect(rest).toEqual([200, 503, 200]);
  });

  it('throttles with Retry-After, as often as told', async () => {
    await rig.fault({ kind: 'throttle', times: 2, retryAfterSeconds: 3 });
    const first = await rig.graph('GET', '/users');
    expect([first.status, first.headers['retry-after'], first.body.error.code]).toEqual([429, '3', 'TooManyRequests']);
    expect([await get('/users'), await get('/users')]).toEqual([429, 200]);
  });

  it('throttles without Retry-After where a service does so', async () => {
    await rig.fault({ kind: 'throttle', times: 1, retryAfterSeconds: null });
    expect((await rig.graph('GET', '/users')).headers).not.toHaveProperty('retry-after');
  });

  it.each([500, 502, 503, 504] as const)('fails with %i before the write', async (status) => {
    await rig.fault({ kind: 'server-error', status, times: 1 });
    expect((await rig.graph('POST', '/users', newUser('jit'))).status).toBe(status);
    expect(await get('/users/jit@contoso.com')).toBe(404);
  });

  it('fails with 504 although the write took effect', async () => {
    await rig.fault({ kind: 'server-error', status: 504, afterWrite: true, times: 1 });
    expect((await rig.graph('POST', '/users', newUser('jit'))).status).toBe(504);
    expect(await get('/users/jit@contoso.com')).toBe(200);
  });

  it('answers with the page of a proxy', async () => {
    await rig.fault({ kind: 'html', times: 1 });
    const answer = await rig.graph('GET', '/users');
    expect([answer.status, answer.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
    expect(answer.text).toContain('<html>');
  });
});

describe('connections that break', () => {
  it('after the write: the caller learns nothing, the directory has changed', async () => {
    await rig.fault({ kind: 'drop-after-write', times: 1 });
    await expect(rig.graph('POST', '/users', newUser('jit'))).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await get('/users/jit@contoso.com')).toBe(200);
    const { body } = await rig.control('GET', 'requests');
    expect(body.requests[0]).toMatchObject({ method: 'POST', status: 0, faults: ['drop-after-write'] });
  });

  it('after a whole batch took effect', async () => {
    await rig.fault({ kind: 'drop-after-write', match: { path: 'batch$' }, times: 1 });
    const item = {
      id: 'a',
      method: 'POST',
      url: '/users',
      body: newUser('jit'),
      headers: { 'Content-Type': 'application/json' },
    };
    await expect(rig.graph('POST', '/$batch', { requests: [item] })).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await get('/users/jit@contoso.com')).toBe(200);
  });

  it('before the write: nothing has changed', async () => {
    await rig.fault({ kind: 'drop-before-write', times: 1 });
    await expect(rig.graph('POST', '/users', newUser('jit'))).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await get('/users/jit@contoso.com')).toBe(404);
  });

  it('leaves reads and refused writes alone', async () => {
    await rig.fault({ kind: 'drop-after-write', times: 1 });
    expect(await get('/users')).toBe(200);
    expect((await rig.graph('POST', '/users', {})).status).toBe(400);
    await expect(rig.graph('POST', '/users', newUser('jit'))).rejects.toThrow(/socket hang up|ECONNRESET/);
  });
});

describe('slowness', () => {
  it('answers late, having written at once', async () => {
    await rig.fault({ kind: 'slow', ms: 1_000, match: { method: 'POST' }, times: 1 });
    const started = performance.now();
    let answered = false;
    const answer = rig.graph('POST', '/users', newUser('jit')).finally(() => {
      answered = true;
    });
    await expect.poll(() => get('/users/jit@contoso.com'), { interval: 10 }).toBe(200);
    expect(answered).toBe(false);
    await answer;
    expect(performance.now() - started).toBeGreaterThanOrEqual(995);
  });

  it('as a latency holds back every answer of Graph and of the login authority', async () => {
    await rig.control('POST', 'latency', { ms: 120 });
    const started = performance.now();
    await rig.token();
    await get('/users');
    expect(performance.now() - started).toBeGreaterThanOrEqual(235);
  });
});

describe('aiming a fault', () => {
  it('by method, path, tenant and service', async () => {
    await rig.fault({
      kind: 'server-error',
      status: 500,
      match: { method: 'delete', path: '/users/', tenant: CONTOSO.id },
    });
    const fabrikam = { token: await rig.token(FABRIKAM.id) };
    expect(await get('/users')).toBe(200);
    expect((await rig.graph('DELETE', '/users/robin@fabrikam.com', undefined, fabrikam)).status).toBe(204);
    expect((await rig.graph('DELETE', '/users/megan@contoso.com')).status).toBe(500);
    await rig.fault({ kind: 'server-error', match: { service: 'login' } });
    expect((await rig.login('GET', '/contoso.com/v2.0/.well-known/openid-configuration')).status).toBe(503);
  });

  it('is listed with what is left of it, and taken back', async () => {
    await rig.fault({ kind: 'throttle', times: 2 });
    const { body: kept } = await rig.control('POST', 'faults', { kind: 'slow', ms: 5 });
    await get('/users');
    const { body } = await rig.control('GET', 'faults');
    expect(body.faults).toMatchObject([{ kind: 'throttle', times: 1 }, { kind: 'slow' }]);
    expect((await rig.control('DELETE', `faults/${kept.id}`)).status).toBe(200);
    expect((await rig.control('DELETE', `faults/${kept.id}`)).status).toBe(404);
    await rig.control('DELETE', 'faults');
    expect((await rig.control('GET', 'faults')).body.faults).toEqual([]);
    expect(await get('/users')).toBe(200);
  });

  it('refuses a fault that makes no sense', async () => {
    expect((await rig.control('POST', 'faults', { kind: 'gremlins' })).status).toBe(400);
    expect((await rig.control('POST', 'faults', { kind: 'slow' })).status).toBe(400);
    expect((await rig.control('POST', 'faults', { kind: 'html', match: { path: '(' } })).status).toBe(400);
  });
});
