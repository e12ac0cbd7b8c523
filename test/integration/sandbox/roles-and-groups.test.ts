import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
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

const query = (text: string): string => encodeURIComponent(text);

const signIn = async (): Promise<unknown> =>
  (await rig.control('POST', 'sign-in', { upn: 'jit@contoso.com', password: PASSWORD })).body;

const groupId = (name: string): string =>
  rig.sandbox.world.tenants
    .get(CONTOSO.id)
    ?.groups.all()
    .find((group) => group.displayName === name)?.id ?? '';

describe('role definitions', () => {
  it('are the built-in roles under their real ids, privileged ones marked', async () => {
    const { body } = await rig.graph(
      'GET',
      '/roleManagement/directory/roleDefinitions?$filter=' + query("displayName eq 'User Administrator'"),
    );
    expect(body.value).toMatchObject([
      { id: ROLE_IDS.userAdministrator, templateId: ROLE_IDS.userAdministrator, isBuiltIn: true, isPrivileged: true },
    ]);
    const all = await rig.graph('GET', '/roleManagement/directory/roleDefinitions');
    expect(all.body.value.length).toBeGreaterThanOrEqual(25);
    expect(
      (await rig.graph('GET', `/roleManagement/directory/roleDefinitions/${ROLE_IDS.helpdesk}`)).body.displayName,
    ).toBe('Helpdesk Administrator');
    expect((await rig.graph('GET', `/roleManagement/directory/roleDefinitions/${user}`)).status).toBe(404);
  });
});

describe('role assignments', () => {
  const assign = (role: string, principal = user): Promise<Answer> =>
    rig.graph('POST', ASSIGNMENTS, assignment(principal, role));

  it('give the role at the next sign-in and take it with the assignment', async () => {
    const made = await assign(ROLE_IDS.helpdesk);
    expect(made.status).toBe(201);
    expect(await signIn()).toMatchObject({ roles: ['Helpdesk Administrator'] });
    const removed = await rig.graph('DELETE', `${ASSIGNMENTS}/${made.body.id}`);
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect(await signIn()).toMatchObject({ roles: [] });
    expect((await rig.graph('DELETE', `${ASSIGNMENTS}/${made.body.id}`)).status).toBe(404);
  });

  it('are found by principal and by role', async () => {
    const { body: made } = await assign(ROLE_IDS.helpdesk);
    const byPrincipal = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${query(`principalId eq '${user}'`)}`);
    expect(byPrincipal.body.value).toEqual([
      { id: made.id, principalId: user, roleDefinitionId: ROLE_IDS.helpdesk, directoryScopeId: '/' },
    ]);
    const byRole = await rig.graph(
      'GET',
      `${ASSIGNMENTS}?$filter=${query(`roleDefinitionId eq '${ROLE_IDS.helpdesk}'`)}`,
    );
    expect(byRole.body.value).toHaveLength(2);
    expect((await rig.graph('GET', `${ASSIGNMENTS}/${made.id}`)).body.principalId).toBe(user);
  });

  it('are refused twice', async () => {
    await assign(ROLE_IDS.helpdesk);
    const { status, body } = await assign(ROLE_IDS.helpdesk);
    expect([status, body.error.code]).toEqual([400, 'Request_BadRequest']);
    expect(body.error.message).toMatch(/conflicting object/);
  });

  it.each([
    ['an unknown role', () => assignment(user, '00000000-0000-4000-8000-000000000000'), 404],
    ['an unknown principal', () => assignment('00000000-0000-4000-8000-000000000000', ROLE_IDS.helpdesk), 404],
    ['a group that may not hold roles', () => assignment(groupId('Sales'), ROLE_IDS.helpdesk), 400],
    ['no scope', () => ({ principalId: user, roleDefinitionId: ROLE_IDS.helpdesk }), 400],
    ['an unknown property', () => ({ ...assignment(user, ROLE_IDS.helpdesk), until: 'tomorrow' }), 400],
    ['a principal that is no text', () => ({ ...assignment(user, ROLE_IDS.helpdesk), principalId: 7 }), 400],
  ])('are refused for %s', async (_, body, status) => {
    expect((await rig.graph('POST', ASSIGNMENTS, body())).status).toBe(status);
  });

  it('let the app see its own roles', async () => {
    const { body: principal } = await rig.graph('GET', `/servicePrincipals(appId='${SANDBOX_APP.clientId}')`);
    const { body } = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${query(`principalId eq '${principal.id}'`)}`);
    expect(body.value).toMatchObject([{ roleDefinitionId: ROLE_IDS.userAdministrator }]);
  });

  it('do not exist for a time only: that needs a licence this tenant does not have', async () => {
    const { status, body } = await rig.graph(
      'POST',
      '/roleManagement/directory/roleAssignmentScheduleRequests',
      assignment(user, ROLE_IDS.helpdesk),
    );
    expect([status, body.error.code]).toEqual([400, 'AadPremiumLicenseRequired']);
  });
});

describe('groups', () => {
  const reference = (id: string): unknown => ({
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  });
  const add = (name: string, id = user): Promise<Answer> =>
    rig.graph('POST', `/groups/${groupId(name)}/members/$ref`, reference(id));

  it('are found by name', async () => {
    const { body } = await rig.graph(
      'GET',
      `/groups?$filter=${query("startsWith(displayName,'tier')")}&$select=id,isAssignableToRole`,
    );
    expect(body.value).toEqual([{ id: groupId('Tier 1 admins'), isAssignableToRole: true }]);
  });

  it('take a member once, and show the membership from both sides', async () => {
    expect((await add('Sales')).status).toBe(204);
    const again = await add('Sales');
    expect([again.status, again.body.error.message]).toEqual([
      400,
      expect.stringMatching(/added object references already exist/),
    ]);
    for (const path of ['memberOf', 'transitiveMemberOf']) {
      const cast = await rig.graph('GET', `/users/${user}/${path}/microsoft.graph.group?$select=displayName`);
      expect(cast.body.value).toEqual([{ displayName: 'Sales' }]);
    }
    const members = await rig.graph('GET', `/groups/${groupId('Sales')}/members?$select=id`);
    expect(members.body.value).toContainEqual({ '@odata.type': '#microsoft.graph.user', id: user });
  });

  it('stand beside directory roles in memberOf without the cast', async () => {
    await add('Sales');
    await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk));
    const { body } = await rig.graph('GET', `/users/${user}/memberOf`);
    expect(body.value.map((each: { '@odata.type': string }) => each['@odata.type'])).toEqual([
      '#microsoft.graph.group',
      '#microsoft.graph.directoryRole',
    ]);
  });

  it('lose a member through /$ref alone', async () => {
    await add('Sales');
    expect((await rig.graph('DELETE', `/groups/${groupId('Sales')}/members/${user}/$ref`)).status).toBe(204);
    expect((await rig.graph('GET', `/users/${user}`)).status).toBe(200);
    expect((await rig.graph('DELETE', `/groups/${groupId('Sales')}/members/${user}/$ref`)).status).toBe(404);
  });

  it('delete the user, as Graph does, when /$ref is left out', async () => {
    await add('Sales');
    expect((await rig.graph('DELETE', `/groups/${groupId('Sales')}/members/${user}`)).status).toBe(204);
    expect((await rig.graph('GET', `/users/${user}`)).status).toBe(404);
  });

  it('guard role-assignable ones with the permission to hand out roles', async () => {
    expect((await add('Tier 1 admins')).status).toBe(204);
    await rig.contoso('permissions', { revoke: ['RoleManagement.ReadWrite.Directory'], immediately: true });
    expect((await add('Tier 1 admins', user)).status).toBe(403);
    expect((await rig.graph('DELETE', `/groups/${groupId('Tier 1 admins')}/members/${user}/$ref`)).status).toBe(403);
    expect((await add('Sales')).status).toBe(204);
  });

  it('pass on the roles they hold', async () => {
    await rig.graph('POST', ASSIGNMENTS, assignment(groupId('Tier 1 admins'), ROLE_IDS.helpdesk));
    await add('Tier 1 admins');
    expect(await signIn()).toMatchObject({ roles: ['Helpdesk Administrator'], groups: ['Tier 1 admins'] });
  });

  it.each([
    ['an address that is no reference', { '@odata.id': 'https://graph.microsoft.com/v1.0/me' }, 400],
    ['no reference', {}, 400],
    [
      'an unknown member',
      { '@odata.id': 'https://graph.microsoft.com/v1.0/directoryObjects/00000000-0000-4000-8000-000000000000' },
      404,
    ],
  ])('refuse %s', async (_, body, status) => {
    expect((await rig.graph('POST', `/groups/${groupId('Sales')}/members/$ref`, body)).status).toBe(status);
  });
});

describe('the tenant of itself', () => {
  it('names its domains, which of them is the default, and which is not verified', async () => {
    const { body } = await rig.graph('GET', '/domains');
    expect(body.value).toMatchObject([
      { id: 'contoso.onmicrosoft.com', isInitial: true, isVerified: true, authenticationType: 'Managed' },
      { id: 'contoso.com', isDefault: true },
      { id: 'pending.contoso.com', isVerified: false },
    ]);
  });

  it('names what the app was granted, by the app roles of Graph itself', async () => {
    const graph = await rig.graph(
      'GET',
      "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles",
    );
    const names = new Map(graph.body.appRoles.map((role: { id: string; value: string }) => [role.id, role.value]));
    const { body } = await rig.graph('GET', `/servicePrincipals(appId='${SANDBOX_APP.clientId}')/appRoleAssignments`);
    const granted = body.value.map((each: { appRoleId: string }) => names.get(each.appRoleId));
    expect(granted).toEqual(SANDBOX_APP.permissions);
    expect(body.value[0].resourceId).toBe(graph.body.id);
  });
});

describe('the users in a group', () => {
  const path = (name: string): string => `/groups/${groupId(name)}/members/microsoft.graph.user`;

  it('are listed with the properties that were asked for, page by page', async () => {
    const first = await rig.graph('GET', `${path('Sales')}?$select=id,displayName,accountEnabled&$top=1`);
    expect(first.body.value).toEqual([
      { id: expect.any(String) as string, displayName: 'Megan Bowen', accountEnabled: true },
    ]);
    const next = new URL(String(first.body['@odata.nextLink']));
    const second = await rig.graph('GET', `${next.pathname.replace('/v1.0', '')}${next.search}`);
    expect(second.body.value).toMatchObject([{ displayName: 'Alex Wilber' }]);
    expect((await rig.graph('GET', `${path('Sales')}?$select=shoeSize`)).status).toBe(400);
    expect((await rig.graph('GET', `${path('Sales')}?$expand=manager`)).status).toBe(501);
  });

  it('show no more than their ids to an app that may not read users', async () => {
    const principal = rig.sandbox.world.tenants.get(CONTOSO.id)?.servicePrincipals.withKey(SANDBOX_APP.clientId)[0];
    if (principal === undefined) throw new Error('no principal');
    const permissions = ['GroupMember.Read.All'];
    rig.sandbox.world.tenants.get(CONTOSO.id)?.servicePrincipals.set(principal.id, { ...principal, permissions });
    const token = await rig.token();
    const { body } = await rig.graph('GET', `${path('Sales')}?$select=id,accountEnabled`, undefined, { token });
    expect(body.value[0]).toEqual({ id: expect.any(String) as string, accountEnabled: null });
  });
});

describe('directory roles, the older way', () => {
  const member = () => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${user}` });
  const role = ROLE_IDS.helpdesk;
  const members = (id: string): string => `/directoryRoles(roleTemplateId='${id}')/members/$ref`;
  const unheld = async (): Promise<string> => {
    const definitions = await rig.graph('GET', '/roleManagement/directory/roleDefinitions');
    const held = await rig.graph('GET', ASSIGNMENTS);
    const taken = new Set((held.body.value as { roleDefinitionId: string }[]).map((one) => one.roleDefinitionId));
    return String((definitions.body.value as { id: string }[]).find(({ id }) => !taken.has(id))?.id);
  };

  it('take members once they are activated, which happens once', async () => {
    const id = await unheld();
    expect((await rig.graph('POST', members(id), member())).status).toBe(404);
    expect((await rig.graph('POST', '/directoryRoles', { roleTemplateId: id })).status).toBe(201);
    expect((await rig.graph('POST', '/directoryRoles', { roleTemplateId: id })).status).toBe(400);
    expect((await rig.graph('POST', members(id), member())).status).toBe(204);
    expect((await rig.graph('POST', members(id), member())).status).toBe(400);
    const filter = query(`principalId eq '${user}'`);
    expect((await rig.graph('GET', `${ASSIGNMENTS}?$filter=${filter}`)).body.value).toMatchObject([
      { roleDefinitionId: id, directoryScopeId: '/' },
    ]);
  });

  it('are activated already where somebody holds them', async () => {
    expect((await rig.graph('POST', '/directoryRoles', { roleTemplateId: role })).status).toBe(400);
    expect((await rig.graph('POST', members(role), member())).status).toBe(204);
    expect(await signIn()).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
  });
});
