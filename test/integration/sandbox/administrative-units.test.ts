import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { SANDBOX_BREAK_GLASS_APP } from '../../../src/sandbox/seed.js';
import { ASSIGNMENTS, assignment, newUser, PASSWORD, ROLE_IDS, startRig, type Answer, type Rig } from './rig.js';

/** Guarantee: a role may be limited to a part of the directory, and only where Entra allows it. */

const UNITS = '/directory/administrativeUnits';

let rig: Rig;
let user: string;
let unit: string;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  user = String((await rig.graph('POST', '/users', newUser('jit'))).body.id);
  unit = String((await rig.contoso('administrative-units', { displayName: 'Night shift' })).body.id);
});
afterAll(() => rig.close());

const query = (text: string): string => encodeURIComponent(text);
const names = ({ body }: Answer): readonly string[] =>
  body.value.map((each: { displayName: string }) => each.displayName);

const scoped = (role: string = ROLE_IDS.helpdesk, id = unit): Record<string, unknown> => ({
  ...assignment(user, role),
  directoryScopeId: `/administrativeUnits/${id}`,
});

describe('administrative units', () => {
  it('are listed, found by name, and read one by one', async () => {
    expect(names(await rig.graph('GET', `${UNITS}?$select=id,displayName`))).toEqual(['Branch offices', 'Night shift']);
    expect(names(await rig.graph('GET', `${UNITS}?$filter=${query("startswith(displayName,'night')")}`))).toEqual([
      'Night shift',
    ]);
    expect(names(await rig.graph('GET', `${UNITS}?$filter=${query("displayName eq 'Branch offices'")}`))).toEqual([
      'Branch offices',
    ]);
    expect((await rig.graph('GET', `${UNITS}/${unit}?$select=displayName`)).body.displayName).toBe('Night shift');
    expect((await rig.graph('GET', `${UNITS}/${user}`)).status).toBe(404);
  });

  it('come page by page', async () => {
    const { body } = await rig.graph('GET', `${UNITS}?$top=1`);
    const next = new URL(String(body['@odata.nextLink']));
    expect(names(await rig.graph('GET', `${next.pathname.replace('/v1.0', '')}${next.search}`))).toEqual([
      'Night shift',
    ]);
  });

  it('are for those who may read units; reading roles is not enough', async () => {
    await rig.contoso('permissions', {
      revoke: ['AdministrativeUnit.Read.All'],
      grant: ['RoleManagement.Read.Directory'],
      immediately: true,
    });
    expect((await rig.graph('GET', UNITS)).status).toBe(403);
    expect((await rig.graph('GET', `${UNITS}/${unit}`)).status).toBe(403);
    await rig.contoso('permissions', { grant: ['Directory.Read.All'], immediately: true });
    expect((await rig.graph('GET', UNITS)).status).toBe(200);
  });
});

describe('a role in a unit', () => {
  it('is another assignment than the same role in the whole directory', async () => {
    expect((await rig.graph('POST', ASSIGNMENTS, scoped())).status).toBe(201);
    expect((await rig.graph('POST', ASSIGNMENTS, assignment(user, ROLE_IDS.helpdesk))).status).toBe(201);
    expect((await rig.graph('POST', ASSIGNMENTS, scoped())).status).toBe(400);
    const filter = query(`principalId eq '${user}' and directoryScopeId eq '/administrativeUnits/${unit}'`);
    const { body } = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${filter}`);
    expect(body.value).toMatchObject([scoped()]);
    expect((await rig.graph('DELETE', `${ASSIGNMENTS}/${body.value[0].id}`)).status).toBe(204);
    const { body: left } = await rig.graph('GET', `${ASSIGNMENTS}?$filter=${query(`principalId eq '${user}'`)}`);
    expect(left.value).toMatchObject([{ directoryScopeId: '/' }]);
  });

  it('is the same for a time', async () => {
    await rig.contoso('licences', { plans: ['P2'] });
    const request = {
      action: 'adminAssign',
      justification: 'Stocktaking',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
    };
    const path = '/roleManagement/directory/roleAssignmentScheduleRequests';
    for (const where of [scoped(), assignment(user, ROLE_IDS.helpdesk)])
      expect((await rig.graph('POST', path, { ...request, ...where })).status).toBe(201);
    expect((await rig.graph('POST', path, { ...request, ...scoped() })).body.error.code).toBe('RoleAssignmentExists');
    expect((await rig.graph('POST', path, { ...request, ...scoped(ROLE_IDS.securityReader) })).status).toBe(400);
  });

  it.each([
    ['a unit that is not there', () => scoped(ROLE_IDS.helpdesk, user), 404],
    ['a role that Entra limits to no unit', () => scoped(ROLE_IDS.globalAdministrator), 400],
    ['a scope that is no path', () => ({ ...scoped(), directoryScopeId: unit }), 400],
  ])('is refused for %s', async (_, body, status) => {
    expect((await rig.graph('POST', ASSIGNMENTS, body())).status).toBe(status);
  });

  it('makes its holder an administrator whom the app has to outrank', async () => {
    await rig.graph('POST', ASSIGNMENTS, scoped('c4e39bd9-1100-46d3-8c65-fb160da0071f'));
    expect((await rig.graph('DELETE', `/users/${user}`)).status).toBe(403);
  });
});

describe('the members of a unit', () => {
  const reset = (token?: string): Promise<Answer> =>
    rig.graph(
      'PATCH',
      `/users/${user}`,
      { passwordProfile: { password: `${PASSWORD}-9` } },
      token === undefined ? {} : { token },
    );

  it('are all whom a role limited to it reaches', async () => {
    const app = rig.sandbox.world.tenants.values().next().value?.servicePrincipals.all()[0]?.id ?? '';
    await rig.contoso('service-principal-roles', { roles: [] });
    await rig.graph('POST', ASSIGNMENTS, { ...scoped(ROLE_IDS.userAdministrator), principalId: app });
    expect((await reset()).status).toBe(403);
    await rig.contoso('administrative-units', { displayName: 'Night shift', members: ['jit@contoso.com'] });
    expect((await reset()).status).toBe(204);
  });

  it('are out of everybody’s reach where the unit is restricted', async () => {
    const restricted = { displayName: 'Night shift', members: ['jit@contoso.com'], isMemberManagementRestricted: true };
    await rig.contoso('administrative-units', restricted);
    const { clientId, clientSecret } = SANDBOX_BREAK_GLASS_APP;
    const strongest = await rig.token('contoso.com', clientId, clientSecret);
    expect([(await reset()).status, (await reset(strongest)).status]).toEqual([403, 403]);
    expect((await rig.graph('DELETE', `/users/${user}`)).status).toBe(403);
    await rig.contoso('administrative-units', { ...restricted, members: [] });
    expect((await reset()).status).toBe(204);
  });
});
