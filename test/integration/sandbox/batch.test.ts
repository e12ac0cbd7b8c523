import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ASSIGNMENTS, assignment, newUser, PASSWORD, ROLE_IDS, startRig, type Answer, type Rig } from './rig.js';

let rig: Rig;
let user: string;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  user = String((await rig.graph('POST', '/users', newUser('jit'))).body.id);
});
afterAll(() => rig.close());

type Item = Readonly<Record<string, unknown>>;

const batch = (...requests: readonly Item[]): Promise<Answer> => rig.graph('POST', '/$batch', { requests });

const get = (id: string, url: string, more: Item = {}): Item => ({ id, method: 'GET', url, ...more });

const write = (id: string, method: string, url: string, body: unknown, more: Item = {}): Item => ({
  id,
  method,
  url,
  body,
  headers: { 'Content-Type': 'application/json' },
  ...more,
});

const statuses = ({ body }: Answer): Record<string, number> =>
  Object.fromEntries(body.responses.map((each: { id: string; status: number }) => [each.id, each.status]));

describe('a batch', () => {
  it('answers each item for itself, in an order of its own', async () => {
    const answer = await batch(
      write('role', 'POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk)),
      get('nobody', '/users/nobody@contoso.com'),
      write('disable', 'PATCH', '/users/megan@contoso.com', { accountEnabled: false }),
      get('relative', 'users/megan@contoso.com'),
    );
    expect(answer.status).toBe(200);
    expect(statuses(answer)).toEqual({ role: 201, nobody: 404, disable: 204, relative: 200 });
    expect(answer.body.responses.map((each: { id: string }) => each.id)).not.toEqual([
      'role',
      'nobody',
      'disable',
      'relative',
    ]);
    const missing = answer.body.responses.find((each: { id: string }) => each.id === 'nobody');
    expect(missing.body.error.code).toBe('Request_ResourceNotFound');
  });

  it('runs an item only after those it depends on, however they are listed', async () => {
    const { body } = await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.securityReader));
    const answer = await batch(
      write('disable', 'PATCH', `/users/${user}`, { accountEnabled: false }, { dependsOn: ['strip'] }),
      { id: 'strip', method: 'DELETE', url: `${ASSIGNMENTS}/${body.id}` },
    );
    expect(statuses(answer)).toEqual({ disable: 204, strip: 204 });
  });

  it('fails whatever depends on a failure, all the way down', async () => {
    const answer = await batch(
      write('first', 'POST', '/users', newUser('jit')),
      write('second', 'PATCH', '/users/megan@contoso.com', { accountEnabled: false }, { dependsOn: ['FIRST'] }),
      get('third', '/users/megan@contoso.com', { dependsOn: ['second'] }),
      get('apart', '/users/megan@contoso.com?$select=accountEnabled'),
    );
    expect(statuses(answer)).toEqual({ first: 400, second: 424, third: 424, apart: 200 });
    expect(answer.body.responses.find((each: { id: string }) => each.id === 'apart').body.accountEnabled).toBe(true);
  });

  it.each<[string, readonly Item[]]>([
    ['no items', []],
    ['21 items', Array.from({ length: 21 }, (_, index) => get(String(index), '/organization'))],
    ['the same id twice', [get('a', '/organization'), get('A', '/domains')]],
    ['a dependency on nobody', [get('a', '/organization', { dependsOn: ['b'] })]],
    ['a circle', [get('a', '/organization', { dependsOn: ['b'] }), get('b', '/organization', { dependsOn: ['a'] })]],
    ['an item without id', [{ method: 'GET', url: '/organization' }]],
    ['an unknown property', [get('a', '/organization', { priority: 1 })]],
    ['an unknown method', [{ id: 'a', method: 'STEAL', url: '/organization' }]],
    ['an absolute address', [get('a', 'https://graph.microsoft.com/v1.0/organization')]],
    ['a write without Content-Type', [{ id: 'a', method: 'PATCH', url: '/users/x', body: { accountEnabled: false } }]],
    ['a write without body', [{ id: 'a', method: 'POST', url: '/users/x/revokeSignInSessions' }]],
  ])('is refused as a whole for %s', async (_, requests) => {
    const answer = await batch(...requests);
    expect(answer.status).toBe(400);
    expect((await rig.graph('GET', '/users/megan@contoso.com?$select=accountEnabled')).body.accountEnabled).toBe(true);
  });

  it('refuses an item that is itself a batch, an unknown path and a wrong method', async () => {
    const answer = await batch(write('nested', 'POST', '/$batch', { requests: [] }), get('unknown', '/planets'), {
      id: 'method',
      method: 'DELETE',
      url: '/organization',
    });
    expect(statuses(answer)).toEqual({ nested: 400, unknown: 501, method: 405 });
    expect((await rig.graph('GET', '/$batch')).status).toBe(405);
  });

  it('takes twenty items in one round trip, which the log shows with what it held', async () => {
    rig.sandbox.world.requests.clear();
    const answer = await batch(...Array.from({ length: 20 }, (_, index) => get(String(index), '/organization')));
    expect(Object.values(statuses(answer))).toEqual(Array.from({ length: 20 }, () => 200));
    const { body } = await rig.control('GET', 'requests');
    expect(body.requests).toHaveLength(1);
    expect(body.requests[0]).toMatchObject({ method: 'POST', path: '/v1.0/$batch', status: 200 });
    expect(body.requests[0].items).toHaveLength(20);
    expect(body.requests[0].items[0]).toEqual({ id: '0', method: 'GET', url: '/organization', status: 200 });
  });

  it('fails an item after its write took effect, and only where there was a write to lose', async () => {
    const lost = { kind: 'server-error', status: 504, afterWrite: true } as const;
    await rig.fault({ ...lost, match: { method: 'DELETE', path: '/users/', scope: 'item' }, times: 1 });
    const refused = await batch({ id: 'nobody', method: 'DELETE', url: '/users/nobody@contoso.com' });
    expect(statuses(refused)).toEqual({ nobody: 404 });
    const answer = await batch(
      { id: 'gone', method: 'DELETE', url: `/users/${user}` },
      get('after', '/organization', { dependsOn: ['gone'] }),
    );
    expect(statuses(answer)).toEqual({ gone: 504, after: 424 });
    expect((await rig.graph('GET', `/users/${user}`)).status).toBe(404);
  });

  it('spoils single items: throttled, or failing, the rest unharmed', async () => {
    await rig.fault({
      kind: 'throttle',
      match: { path: 'roleAssignments', scope: 'item' },
      times: 1,
      retryAfterSeconds: 7,
    });
    await rig.fault({ kind: 'server-error', status: 503, match: { method: 'PATCH' }, times: 1 });
    const items = [
      write('role', 'POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk)),
      write('enable', 'PATCH', `/users/${user}`, { accountEnabled: false }),
      get('read', `/users/${user}`),
    ];
    const first = await batch(...items);
    expect(statuses(first)).toEqual({ role: 429, enable: 503, read: 200 });
    expect(first.body.responses.find((each: { id: string }) => each.id === 'role').headers['Retry-After']).toBe('7');
    const upn = { upn: 'jit@contoso.com', password: PASSWORD };
    expect((await rig.control('POST', 'sign-in', upn)).body).toMatchObject({ ok: true, roles: [] });
    expect(statuses(await batch(...items))).toEqual({ role: 201, enable: 204, read: 200 });
  });
});
