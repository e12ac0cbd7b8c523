import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { SECOND } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_BREAK_GLASS_APP } from '../../../src/sandbox/seed.js';
import { startRig, type Answer, type Rig } from './rig.js';

/** Guarantee: conditional access policies are listed and changed as Microsoft's reference says, and not a bit more easily. */

let rig: Rig;
let token: string;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  token = await tokenIn(FABRIKAM.id);
});
afterAll(() => rig.close());

const POLICIES = '/identity/conditionalAccess/policies';
const { clientId, clientSecret } = SANDBOX_BREAK_GLASS_APP;

const tokenIn = (tenant: string): Promise<string> => rig.token(tenant, clientId, clientSecret);
const ask = (method: string, path: string, body?: unknown): Promise<Answer> => rig.graph(method, path, body, { token });
const customer = (action: string, body: object, tenant = FABRIKAM.id): Promise<Answer> =>
  rig.control('POST', `tenants/${tenant}/${action}`, body);
const userId = (name: string): string =>
  rig.sandbox.world.tenants.get(FABRIKAM.id)?.users.withKey(`${name}@fabrikam.com`)[0]?.id ?? '';
const first = async (): Promise<Answer['body']> => (await ask('GET', POLICIES)).body.value[0];
const excluding = (...excludeUsers: readonly string[]): object => ({ conditions: { users: { excludeUsers } } });

describe('conditional access policies', () => {
  it('are listed with what they demand of whom, and read one by one', async () => {
    const { status, body } = await ask('GET', POLICIES);
    expect([status, body.value.length]).toEqual([200, 1]);
    expect(body.value[0]).toMatchObject({
      displayName: 'Require multifactor authentication for all users',
      state: 'enabled',
      conditions: { users: { includeUsers: ['All'], excludeUsers: [] } },
      grantControls: { builtInControls: ['mfa'] },
    });
    expect((await ask('GET', `${POLICIES}/${body.value[0].id}`)).body.id).toBe(body.value[0].id);
    expect((await ask('GET', `${POLICIES}/${userId('robin')}`)).status).toBe(404);
    expect((await ask('GET', `${POLICIES}?$select=id,state`)).body.value[0]).toEqual({
      id: body.value[0].id,
      state: 'enabled',
    });
  });

  it('are found by state, and made and changed by the customer', async () => {
    await customer('conditional-access-policies', {
      displayName: 'Admins',
      state: 'disabled',
      includeRoles: ['Global Administrator'],
      excludeGroups: ['Engineering'],
    });
    const found = await ask('GET', `${POLICIES}?$filter=${encodeURIComponent("state eq 'disabled'")}`);
    expect(found.body.value).toMatchObject([
      { displayName: 'Admins', conditions: { users: { includeRoles: ['62e90394-69f5-4237-9190-012177145e10'] } } },
    ]);
    await customer('conditional-access-policies', { displayName: 'Admins', includeUsers: ['All'] });
    expect((await ask('GET', POLICIES)).body.value).toHaveLength(2);
  });

  it('take an exclusion and keep everything else', async () => {
    const before = await first();
    const patched = await ask('PATCH', `${POLICIES}/${before.id}`, excluding(userId('gil')));
    expect([patched.status, patched.text]).toEqual([204, '']);
    const after = await first();
    expect(after.conditions.users).toEqual({ ...before.conditions.users, excludeUsers: [userId('gil')] });
    expect(after).toMatchObject({ displayName: before.displayName, state: 'enabled' });
    expect(after.modifiedDateTime).not.toBeNull();
    // The list is replaced as a whole.
    await ask('PATCH', `${POLICIES}/${before.id}`, excluding(userId('sam')));
    expect((await first()).conditions.users.excludeUsers).toEqual([userId('sam')]);
  });

  it('keep whom they exclude although that user is gone, and take nobody new who does not exist', async () => {
    const { id } = await first();
    await ask('PATCH', `${POLICIES}/${id}`, excluding(userId('sam'), 'GuestsOrExternalUsers'));
    const sam = userId('sam');
    await ask('DELETE', `/users/${sam}`);
    expect((await ask('PATCH', `${POLICIES}/${id}`, excluding(sam, userId('gil')))).status).toBe(204);
    const nobody = 'bbbbbbbb-0000-4000-8000-00000000000b';
    expect((await ask('PATCH', `${POLICIES}/${id}`, excluding(nobody))).status).toBe(400);
    expect((await first()).conditions.users.excludeUsers).toEqual([sam, userId('gil')]);
  });

  it.each([
    ['an unknown state', { state: 'on' }],
    ['an unknown property', { enabled: true }],
    ['users that are no list', { conditions: { users: { excludeUsers: 'All' } } }],
    ['an unknown condition', { conditions: { users: { excludePeople: [] } } }],
  ])('refuse %s', async (_what, body) => {
    const { id } = await first();
    expect((await ask('PATCH', `${POLICIES}/${id}`, body)).status).toBe(400);
  });

  it.each([
    ['GET', 'Policy.Read.All'],
    ['PATCH', 'Policy.Read.All'],
    ['PATCH', 'Policy.ReadWrite.ConditionalAccess'],
  ])('refuse %s without %s', async (method, permission) => {
    const { id } = await first();
    await customer('permissions', { appId: clientId, revoke: [permission] });
    token = await tokenIn(FABRIKAM.id);
    const { status, body } = await ask(method, `${POLICIES}/${id}`, method === 'PATCH' ? excluding() : undefined);
    expect([status, body.error.code]).toEqual([403, 'Authorization_RequestDenied']);
  });

  it('are changed in no tenant that has not bought them', async () => {
    await customer('conditional-access-policies', { displayName: 'All', includeUsers: ['All'] }, CONTOSO.id);
    token = await tokenIn(CONTOSO.id);
    const { id } = await first();
    expect((await ask('PATCH', `${POLICIES}/${id}`, excluding())).status).toBe(403);
    await customer('licences', { plans: ['P1'] }, CONTOSO.id);
    expect((await ask('PATCH', `${POLICIES}/${id}`, excluding())).status).toBe(204);
  });

  it('are asked about once a second, by all apps together, and nobody is told when to come back', async () => {
    await rig.control('POST', 'limits', { limits: {} });
    expect((await ask('GET', POLICIES)).status).toBe(200);
    const refused = await ask('GET', POLICIES);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined]);
    rig.advance(SECOND);
    expect((await ask('GET', POLICIES)).status).toBe(200);
  });
});
