import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { MINUTE } from '../../../src/lib/clock.js';
import { startRig, type Answer, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const METHODS = '/users/megan@contoso.com/authentication/temporaryAccessPassMethods';
const POLICY = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass';

const issue = (body: unknown = {}): Promise<Answer> => rig.graph('POST', METHODS, body);

const signIn = async (accessPass: string): Promise<unknown> =>
  (await rig.control('POST', 'sign-in', { upn: 'megan@contoso.com', accessPass })).body;

describe('a Temporary Access Pass', () => {
  it('signs in while it lasts', async () => {
    const { status, body } = await issue({ lifetimeInMinutes: 90 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ lifetimeInMinutes: 90, isUsable: true, methodUsabilityReason: 'EnabledByPolicy' });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: true, groups: ['Sales'] });
    expect(await signIn('guess')).toMatchObject({ ok: false, reason: 'wrong_access_pass' });
    rig.advance(90 * MINUTE);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: false, reason: 'expired_access_pass' });
  });

  it('is shown once', async () => {
    const { body } = await issue();
    const listed = await rig.graph('GET', METHODS);
    expect(listed.body.value).toMatchObject([{ id: body.id, temporaryAccessPass: null }]);
    expect((await rig.graph('GET', `${METHODS}/${body.id}`)).body.temporaryAccessPass).toBeNull();
    expect((await rig.control('GET', 'state')).text).not.toContain(body.temporaryAccessPass);
  });

  it('is the only one: a new one ends the earlier', async () => {
    const { body: first } = await issue();
    const { body: second } = await issue();
    expect(await signIn(first.temporaryAccessPass)).toMatchObject({ reason: 'wrong_access_pass' });
    expect(await signIn(second.temporaryAccessPass)).toMatchObject({ ok: true });
    expect((await rig.graph('GET', METHODS)).body.value).toHaveLength(1);
  });

  it('works once if it was made so', async () => {
    const { body } = await issue({ isUsableOnce: true });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: true });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'access_pass_already_used' });
  });

  it('does not work before it starts', async () => {
    const start = new Date(rig.sandbox.world.clock.now().getTime() + 30 * MINUTE).toISOString();
    const { body } = await issue({ startDateTime: start });
    expect(body.methodUsabilityReason).toBe('NotYetValid');
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'access_pass_not_yet_valid' });
    rig.advance(30 * MINUTE);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: true });
  });

  it('is gone once deleted', async () => {
    const { body } = await issue();
    expect((await rig.graph('DELETE', `${METHODS}/${body.id}`)).status).toBe(204);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'no_access_pass' });
    expect((await rig.graph('DELETE', `${METHODS}/${body.id}`)).status).toBe(404);
  });

  it.each([
    ['shorter than the policy allows', { lifetimeInMinutes: 59 }],
    ['longer than the policy allows', { lifetimeInMinutes: 481 }],
    ['of half a minute more', { lifetimeInMinutes: 60.5 }],
    ['with an unknown property', { value: 'mine' }],
    ['from a start that is no time', { startDateTime: 'soon' }],
    ['from a start that is over', { startDateTime: '2026-03-02T11:59:00Z' }],
  ])('is refused %s', async (_, body) => {
    expect((await issue(body)).status).toBe(400);
    expect((await rig.graph('GET', METHODS)).body.value).toEqual([]);
  });
});

describe('whom a pass may be for', () => {
  const METHODS_OF = (upn: string): string =>
    `/users/${encodeURIComponent(upn)}/authentication/temporaryAccessPassMethods`;
  const issueFor = async (upn: string): Promise<[number, string | undefined]> => {
    const { status, body } = await rig.graph('POST', METHODS_OF(upn), {});
    return [status, body.error?.code as string | undefined];
  };

  it('no administrator whom the app does not outrank; nor is theirs taken away', async () => {
    const { body } = await issue();
    await rig.contoso('role-assignments', { user: 'megan@contoso.com', role: 'Security Reader' });
    expect(await issueFor('megan@contoso.com')).toEqual([403, 'Authorization_RequestDenied']);
    expect((await rig.graph('DELETE', `${METHODS}/${body.id}`)).status).toBe(403);
    expect(await issueFor('lynne@contoso.com')).toEqual([201, undefined]);
    await rig.contoso('service-principal-roles', { roles: ['Privileged Authentication Administrator'] });
    expect(await issueFor('grace@contoso.com')).toEqual([201, undefined]);
  });

  it('no guest whom another tenant vouches for, but guests of the tenant’s own and federated users', async () => {
    const guest = { properties: { userType: 'Guest' } };
    await rig.contoso('users', { userPrincipalName: 'ann_example.org#EXT#@contoso.onmicrosoft.com', ...guest });
    await rig.contoso('users', { userPrincipalName: 'contractor@contoso.com', ...guest });
    await rig.contoso('domains', { id: 'corp.contoso.com', authenticationType: 'Federated' });
    await rig.contoso('users', { userPrincipalName: 'fay@corp.contoso.com' });
    expect(await issueFor('ann_example.org#EXT#@contoso.onmicrosoft.com')).toEqual([400, 'badRequest']);
    expect(await issueFor('contractor@contoso.com')).toEqual([201, undefined]);
    expect(await issueFor('fay@corp.contoso.com')).toEqual([201, undefined]);
  });

  it('nobody who is disabled can use one, and trying does not use it up', async () => {
    const { body } = await issue({ isUsableOnce: true });
    await rig.contoso('users', { userPrincipalName: 'megan@contoso.com', accountEnabled: false });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: false, reason: 'disabled' });
    await rig.contoso('users', { userPrincipalName: 'megan@contoso.com', accountEnabled: true });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ ok: true });
  });

  it('nobody who was deleted keeps one, restored or not', async () => {
    const { body } = await issue();
    const { body: megan } = await rig.graph('GET', '/users/megan@contoso.com');
    await rig.graph('DELETE', `/users/${megan.id}`);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'unknown_user' });
    await rig.graph('POST', `/directory/deletedItems/${megan.id}/restore`);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'no_access_pass' });
  });
});

describe('the policy on access passes', () => {
  it('reads as Entra writes it', async () => {
    const { body } = await rig.graph('GET', POLICY);
    expect(body).toMatchObject({
      state: 'enabled',
      isUsableOnce: false,
      minimumLifetimeInMinutes: 60,
      maximumLifetimeInMinutes: 480,
      defaultLifetimeInMinutes: 60,
      includeTargets: [{ id: 'all_users' }],
    });
  });

  it('changes only with the permission to change it', async () => {
    expect((await rig.graph('PATCH', POLICY, { maximumLifetimeInMinutes: 600 })).status).toBe(403);
    await rig.contoso('permissions', { grant: ['Policy.ReadWrite.AuthenticationMethod'], immediately: true });
    expect((await rig.graph('PATCH', POLICY, { maximumLifetimeInMinutes: 600 })).status).toBe(204);
    expect((await issue({ lifetimeInMinutes: 600 })).status).toBe(201);
    expect((await rig.graph('PATCH', POLICY, { maximumLifetimeInMinutes: 43_201 })).status).toBe(400);
    expect((await rig.graph('PATCH', POLICY, { state: 'perhaps' })).status).toBe(400);
  });

  it('switches passes off, those already issued too', async () => {
    const { body } = await issue();
    await rig.contoso('access-pass-policy', { state: 'disabled' });
    expect((await issue()).status).toBe(400);
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'access_pass_disabled_by_policy' });
  });

  it('keeps out who is in none of its groups', async () => {
    const group = (await rig.contoso('groups', { displayName: 'May have passes' })).body.id;
    await rig.contoso('access-pass-policy', { includeTargets: [{ id: group, targetType: 'group' }] });
    expect((await issue()).status).toBe(400);
    await rig.contoso('memberships', { user: 'megan@contoso.com', group: 'May have passes' });
    expect((await issue()).status).toBe(201);
  });

  it('ends what it no longer covers: another group, or one-time passes alone', async () => {
    const { body } = await issue();
    await rig.contoso('access-pass-policy', { isUsableOnce: true });
    expect(await signIn(body.temporaryAccessPass)).toMatchObject({ reason: 'access_pass_disabled_by_policy' });
    const group = (await rig.contoso('groups', { displayName: 'May have passes' })).body.id;
    await rig.contoso('access-pass-policy', {
      isUsableOnce: false,
      includeTargets: [{ id: group, targetType: 'group' }],
    });
    expect((await rig.graph('GET', METHODS)).body.value).toMatchObject([
      { isUsable: false, methodUsabilityReason: 'DisabledByPolicy' },
    ]);
  });

  it('can insist on one-time passes', async () => {
    await rig.contoso('access-pass-policy', { isUsableOnce: true });
    expect((await issue({ isUsableOnce: false })).status).toBe(400);
    expect((await issue()).body.isUsableOnce).toBe(true);
  });
});
