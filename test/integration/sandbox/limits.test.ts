import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { SECOND } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { newUser, startRig, type Rig } from './rig.js';

// Guarantee: where limits are switched on, whoever asks more than Microsoft allows is refused and counted, and nobody
// else is.

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const limit = (limits: unknown, tenant?: string): Promise<unknown> =>
  rig.control('POST', 'limits', { limits, ...(tenant === undefined ? {} : { tenant }) });
const get = (path: string): Promise<number> => rig.graph('GET', path).then(({ status }) => status);
const PASSES = '/users/megan@contoso.com/authentication/temporaryAccessPassMethods';
const repeat = async (count: number, path: string): Promise<number[]> => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push(await get(path));
  return statuses;
};

describe('limits', () => {
  it('are off until somebody switches them on', async () => {
    expect(await repeat(6, PASSES)).toEqual(Array(6).fill(200));
  });

  it('allow five requests for authentication methods in any ten seconds', async () => {
    await limit({});
    expect(await repeat(3, PASSES)).toEqual([200, 200, 200]);
    rig.advance(4 * SECOND);
    expect(await repeat(3, PASSES)).toEqual([200, 200, 429]);
    const refused = await rig.graph('GET', PASSES);
    expect([refused.headers['retry-after'], refused.body.error.code]).toEqual(['6', 'TooManyRequests']);
    rig.advance(6 * SECOND);
    expect(await repeat(4, PASSES)).toEqual([200, 200, 200, 429]);
  });

  it('count units by Microsoft’s table', async () => {
    await limit({ resourceUnits: { most: 7, seconds: 10 } });
    expect(await repeat(5, '/users')).toEqual([200, 200, 200, 429, 429]);
    expect(await get('/users?$select=id')).toBe(200);
    expect((await rig.control('GET', 'limits')).body.use).toEqual([
      { tenant: CONTOSO.id, app: SANDBOX_APP.clientId, limit: 'resourceUnits', peak: 7, hits: 2 },
    ]);
  });

  it('count writes apart, and refuse before anything is written', async () => {
    await limit({ writes: { most: 1, seconds: 150 } });
    expect((await rig.graph('POST', '/users', newUser('one'))).status).toBe(201);
    expect((await rig.graph('POST', '/users', newUser('two'))).status).toBe(429);
    expect(await get('/users/two@contoso.com')).toBe(404);
  });

  it('refuse single items of a batch, and let the others pass', async () => {
    await limit({});
    const requests = Array.from({ length: 7 }, (_, index) => ({ id: String(index), method: 'GET', url: PASSES }));
    const { status, body } = await rig.graph('POST', '/$batch', { requests });
    expect(status).toBe(200);
    const statuses = body.responses.map((each: { status: number }) => each.status).toSorted();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = body.responses.find((each: { status: number }) => each.status === 429);
    expect(refused.headers['Retry-After']).toBe('10');
  });

  it('hold for each tenant by itself, and for the one that was named', async () => {
    await limit({ resourceUnits: { most: 2, seconds: 10 } }, 'contoso.com');
    expect(await repeat(2, '/users')).toEqual([200, 429]);
    const token = await rig.token(FABRIKAM.id);
    for (let index = 0; index < 3; index += 1)
      expect((await rig.graph('GET', '/users', undefined, { token })).status).toBe(200);
    await rig.control('DELETE', 'limits');
    expect(await get('/users')).toBe(200);
  });
});
