import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { SANDBOX_BREAK_GLASS_APP } from '../../../src/sandbox/seed.js';
import { ASSIGNMENTS, assignment, newUser, PASSWORD, ROLE_IDS, startRig, type Rig } from './rig.js';

/** Guarantee: the sandbox lets an app do to a user what Entra would, and not a bit more. */

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const TARGET = 'target@contoso.com';

const reset = async (token?: string): Promise<number> => {
  const body = { passwordProfile: { password: `${PASSWORD}-9`, forceChangePasswordNextSignIn: false } };
  return (await rig.graph('PATCH', `/users/${TARGET}`, body, token === undefined ? {} : { token })).status;
};
const disable = async (): Promise<number> =>
  (await rig.graph('PATCH', `/users/${TARGET}`, { accountEnabled: false })).status;
const remove = async (): Promise<number> => (await rig.graph('DELETE', `/users/${TARGET}`)).status;

const withoutPermission = async (name: string): Promise<string> => {
  await rig.contoso('permissions', { revoke: [name] });
  return rig.token();
};

describe('app permissions', () => {
  const id = (name: string): string =>
    rig.sandbox.world.tenants.values().next().value?.users.withKey(`${name}@contoso.com`)[0]?.id ?? '';
  const group = (): string => rig.sandbox.world.tenants.values().next().value?.groups.all()[0]?.id ?? '';

  it.each<[string, string, () => string, unknown?]>([
    ['User.ReadWrite.All', 'POST', () => '/users', newUser('refused')],
    ['User.ReadWrite.All', 'GET', () => '/users'],
    ['User.ReadWrite.All', 'PATCH', () => '/users/megan@contoso.com', { displayName: 'Other' }],
    [
      'User-PasswordProfile.ReadWrite.All',
      'PATCH',
      () => '/users/megan@contoso.com',
      { passwordProfile: { password: PASSWORD } },
    ],
    ['RoleManagement.ReadWrite.Directory', 'GET', () => '/roleManagement/directory/roleDefinitions'],
    ['RoleManagement.ReadWrite.Directory', 'POST', () => ASSIGNMENTS, assignment('x', ROLE_IDS.helpdesk)],
    ['GroupMember.ReadWrite.All', 'GET', () => `/groups/${group()}`],
    ['GroupMember.ReadWrite.All', 'DELETE', () => `/groups/${group()}/members/${id('megan')}/$ref`],
    [
      'UserAuthMethod-TAP.ReadWrite.All',
      'POST',
      () => '/users/megan@contoso.com/authentication/temporaryAccessPassMethods',
      {},
    ],
    [
      'Policy.Read.AuthenticationMethod',
      'GET',
      () => '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass',
    ],
    ['Domain.Read.All', 'GET', () => '/domains'],
    ['Organization.Read.All', 'GET', () => '/organization'],
    ['Application.Read.All', 'GET', () => "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"],
  ])('without %s, %s is refused', async (permission, method, path, body) => {
    const token = await withoutPermission(permission);
    const answer = await rig.graph(method, path(), body, { token });
    expect(answer.status).toBe(403);
    const { error } = answer.body;
    expect(error.code).toBe('Authorization_RequestDenied');
    expect(Object.keys(error.innerError)).toEqual(['date', 'request-id', 'client-request-id']);
  });

  it('deletes and revokes with the narrow permissions alone', async () => {
    await rig.contoso('permissions', {
      revoke: ['User.ReadWrite.All'],
      grant: ['User.DeleteRestore.All', 'User.RevokeSessions.All'],
      immediately: true,
    });
    expect((await rig.graph('POST', '/users/megan@contoso.com/revokeSignInSessions')).status).toBe(200);
    expect((await rig.graph('DELETE', '/users/megan@contoso.com')).status).toBe(204);
    await rig.contoso('permissions', {
      revoke: ['User.DeleteRestore.All', 'User.RevokeSessions.All'],
      immediately: true,
    });
    expect((await rig.graph('POST', '/users/alex@contoso.com/revokeSignInSessions')).status).toBe(403);
    expect((await rig.graph('DELETE', '/users/alex@contoso.com')).status).toBe(403);
  });

  it('enables and disables with EnableDisableAccount only where users may be read too', async () => {
    await rig.contoso('permissions', {
      revoke: ['User.ReadWrite.All'],
      grant: ['User.EnableDisableAccount.All'],
      immediately: true,
    });
    const disableMegan = async (): Promise<number> =>
      (await rig.graph('PATCH', '/users/megan@contoso.com', { accountEnabled: false })).status;
    expect(await disableMegan()).toBe(403);
    await rig.contoso('permissions', { grant: ['User.Read.All'], immediately: true });
    expect(await disableMegan()).toBe(204);
  });
});

describe('directory roles of the app', () => {
  const target = async (...roles: readonly string[]): Promise<void> => {
    await rig.contoso('users', { userPrincipalName: TARGET, roles });
  };
  const appHolds = async (...roles: readonly string[]): Promise<void> => {
    await rig.contoso('service-principal-roles', { roles });
  };

  it('without any: no password is reset, ordinary users are disabled and deleted, admins are not', async () => {
    await appHolds();
    await target();
    expect([await reset(), await disable(), await remove()]).toEqual([403, 204, 204]);
    await target('Reports Reader');
    expect([await reset(), await disable(), await remove()]).toEqual([403, 403, 403]);
  });

  it.each([
    [[], 204],
    [['Directory Readers'], 204],
    [['Message Center Reader'], 204],
    [['Reports Reader'], 204],
    [['Usage Summary Reports Reader'], 204],
    [['Guest Inviter'], 204],
    [['Groups Administrator'], 204],
    [['Helpdesk Administrator'], 204],
    [['Password Administrator'], 204],
    [['User Administrator'], 204],
    [['Helpdesk Administrator', 'Security Reader'], 403],
    [['Authentication Administrator'], 403],
    [['Exchange Administrator'], 403],
    [['Global Administrator'], 403],
  ])('User Administrator against %j: %i', async (roles, status) => {
    await target(...roles);
    expect([await reset(), await disable(), await remove()]).toEqual([status, status, status]);
  });

  it.each([
    [[], 204],
    [['Guest Inviter'], 204],
    [['Authentication Administrator'], 204],
    [['Password Administrator'], 204],
    [['Helpdesk Administrator'], 403],
    [['User Administrator'], 403],
  ])('Authentication Administrator against %j: %i', async (roles, status) => {
    await appHolds('Authentication Administrator');
    await target(...roles);
    expect([await reset(), await disable(), await remove()]).toEqual([status, status, status]);
  });

  it.each(['Privileged Authentication Administrator', 'Global Administrator'])('%s: everybody', async (role) => {
    await appHolds(role);
    await target('Global Administrator');
    expect([await reset(), await disable(), await remove()]).toEqual([204, 204, 204]);
  });

  it('the break-glass app rotates a Global Administrator, the everyday app cannot', async () => {
    await target('Global Administrator');
    expect(await reset()).toBe(403);
    const { clientId, clientSecret } = SANDBOX_BREAK_GLASS_APP;
    expect(await reset(await rig.token('contoso.com', clientId, clientSecret))).toBe(204);
  });

  it('members of a role-assignable group are out of reach even while the group holds no role', async () => {
    await target();
    await rig.contoso('memberships', { user: TARGET, group: 'Tier 1 admins' });
    expect([await reset(), await disable()]).toEqual([403, 403]);
    await rig.contoso('memberships', { user: TARGET, group: 'Tier 1 admins', remove: true });
    expect([await reset(), await disable()]).toEqual([204, 204]);
  });

  it('stripping roles first brings a user back into reach', async () => {
    await target('Security Reader');
    expect(await disable()).toBe(403);
    const { body } = await rig.graph('GET', `/users/${TARGET}`);
    const held = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${encodeURIComponent(`principalId eq '${body.id}'`)}`);
    await rig.graph('DELETE', `${ASSIGNMENTS}/${held.body.value[0].id}`);
    expect(await disable()).toBe(204);
  });
});
