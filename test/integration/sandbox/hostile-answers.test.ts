import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newUser, startRig, type Rig } from './rig.js';

// Guarantee: the local Graph can give any answer that a client must not believe, with the write done or not as told.

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const exists = async (name: string): Promise<boolean> =>
  (await rig.graph('GET', `/users/${name}@contoso.com`)).status === 200;

describe('answers that lie', () => {
  it.each([true, false])('give another shape, the write done: %s', async (afterWrite) => {
    await rig.fault({ kind: 'wrong-shape', status: 200, body: ['no', 'object'], afterWrite, times: 1 });
    const answer = await rig.graph('POST', '/users', newUser('jit'));
    expect([answer.status, answer.body]).toEqual([200, ['no', 'object']]);
    expect(await exists('jit')).toBe(afterWrite);
  });

  it.each([true, false])('give 204 where 201 was due, the write done: %s', async (afterWrite) => {
    await rig.fault({ kind: 'status', status: 204, afterWrite, times: 1 });
    const answer = await rig.graph('POST', '/users', newUser('jit'));
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await exists('jit')).toBe(afterWrite);
  });

  it('link every page to another, never twice to the same', async () => {
    await rig.fault({ kind: 'endless-paging' });
    const seen = new Set<string>();
    let path = '/users?$top=2';
    for (let round = 0; round < 5; round += 1) {
      const { status, body } = await rig.graph('GET', path);
      expect([status, body.value.length]).toEqual([200, 2]);
      seen.add(body['@odata.nextLink']);
      path = String(body['@odata.nextLink']).slice(`${rig.sandbox.url}/v1.0`.length);
    }
    expect(seen.size).toBe(5);
  });

  it('link to a page on another host', async () => {
    await rig.fault({ kind: 'foreign-next-link', host: 'https://elsewhere.example' });
    const { body } = await rig.graph('GET', '/users');
    expect(body['@odata.nextLink']).toMatch(/^https:\/\/elsewhere\.example\/v1\.0\/users\?/);
    expect((await rig.graph('GET', '/users/megan@contoso.com')).body).not.toHaveProperty('@odata.nextLink');
  });

  it('end in the middle', async () => {
    await rig.fault({ kind: 'truncated', times: 1 });
    const { headers, text } = await rig.graph('GET', '/users');
    expect(headers['content-type']).toContain('application/json');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('go by another content type', async () => {
    await rig.fault({ kind: 'content-type', contentType: 'text/plain', times: 1 });
    const answer = await rig.graph('GET', '/users');
    expect([answer.headers['content-type'], answer.body]).toEqual(['text/plain', undefined]);
    expect(JSON.parse(answer.text).value).toHaveLength(4);
  });

  it('come for single items of a batch', async () => {
    const match = { scope: 'item', method: 'POST' } as const;
    await rig.fault({ kind: 'status', status: 204, match, times: 1 });
    await rig.fault({ kind: 'foreign-next-link', match: { scope: 'item', method: 'GET' } });
    const headers = { 'Content-Type': 'application/json' };
    const { body } = await rig.graph('POST', '/$batch', {
      requests: [
        { id: 'new', method: 'POST', url: '/users', headers, body: newUser('jit') },
        { id: 'list', method: 'GET', url: '/users', dependsOn: ['new'] },
      ],
    });
    const [list, made] = body.responses;
    expect([made.status, made.body, list.body.value.length]).toEqual([204, undefined, 5]);
    expect(list.body['@odata.nextLink']).toContain('https://graph.example.com/v1.0/users');
  });
});
