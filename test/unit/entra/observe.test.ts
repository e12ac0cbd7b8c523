import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  closeNetwork,
  fakeGraph,
  grantTokens,
  graphError,
  KNOWN_USER,
  reopenNetwork,
  stageDirectory,
  TAG,
  TENANT,
  unasked,
  USER,
  USER_ID,
} from '../../fakes/graph.js';
import type { ItemAnswer } from '../../fakes/graph.js';

const ROLE = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const GROUP = 'cccccccc-0000-4000-8000-00000000000c';
/** One that does not say of which kind it is. */
const HELD = { id: GROUP, roleAssignable: true };
const OTHER = 'dddddddd-0000-4000-8000-00000000000d';
const GONE: ItemAnswer = { status: 404, body: graphError('Request_ResourceNotFound') };

const user = { id: USER_ID, userPrincipalName: USER.upn, accountEnabled: true, [TAG]: 'contoso/P-DANA#7' };
const assignment = { id: 'as-1', principalId: USER_ID, roleDefinitionId: ROLE, directoryScopeId: '/' };

const okay = (body: unknown): ItemAnswer => ({ status: 200, body });
const rows = (...value: object[]): ItemAnswer => okay({ value });

const ALL = { user: okay(user), assignments: rows(assignment), groups: rows({ id: GROUP }) };

beforeEach(() => {
  closeNetwork();
  grantTokens();
});
afterEach(reopenNetwork);

const observe = async (answers: Partial<Record<string, ItemAnswer>>) => {
  const graph = fakeGraph();
  graph.batch(({ id }) => ({ ...ALL, ...answers })[id]);
  return stageDirectory().directory.observe(TENANT, KNOWN_USER);
};

describe('an account that is known by its id', () => {
  it('is read in one round trip', async () => {
    const graph = fakeGraph();
    graph.batch(({ id }) => ALL[id as keyof typeof ALL]);
    expect(await stageDirectory().directory.observe(TENANT, KNOWN_USER)).toEqual({
      ok: true,
      value: {
        exists: true,
        objectId: USER_ID,
        enabled: true,
        upn: KNOWN_USER.upn,
        generation: 7,
        deletable: true,
        origin: 'cloud',
        assignments: [{ id: 'as-1', role: ROLE }],
        groups: [HELD],
      },
    });
    expect(graph.calls).toHaveLength(1);
    expect(graph.batches()[0]?.map(({ url }) => decodeURIComponent(url))).toEqual([
      `/users/${USER_ID}?$select=id,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled,${TAG}`,
      `/roleManagement/directory/roleAssignments?$filter=principalId eq '${USER_ID}'`,
      `/users/${USER_ID}/memberOf/microsoft.graph.group?$select=id,groupTypes,mailEnabled,isAssignableToRole&$top=999`,
    ]);
  });

  it('does not exist where the user is not found, whatever else was answered', async () => {
    expect(await observe({ user: GONE, groups: GONE })).toEqual({ ok: true, value: { exists: false } });
  });

  it.each([
    ['no tag', undefined],
    ['an empty tag', null],
    ['another account’s tag', 'contoso/P-EVE#7'],
    ['somebody’s own text', 'seven'],
    ['a tag with too much in it', 'contoso/P-DANA#7#8'],
    ['a tag of another type', 7],
  ])('with %s is ours all the same, and its password is nobody knows which', async (_what, tag) => {
    const observed = await observe({ user: okay({ ...user, [TAG]: tag }) });
    expect(observed).toMatchObject({ ok: true, value: { exists: true } });
    expect(observed.ok && observed.value).not.toHaveProperty('generation');
  });

  it.each([
    ['an ordinary member', { userType: 'Member', onPremisesSyncEnabled: null }, true],
    ['one of whom neither is told', {}, true],
    ['a guest', { userType: 'Guest' }, false],
    ['one who is synchronised from elsewhere', { userType: 'Member', onPremisesSyncEnabled: true }, false],
    ['one without our tag', { [TAG]: null }, false],
    ['one with another account’s tag', { [TAG]: 'contoso/P-EVE#7' }, false],
  ])('may be deleted or not: %s', async (_what, properties, deletable) => {
    expect(await observe({ user: okay({ ...user, ...properties }) })).toMatchObject({ value: { deletable } });
  });

  it('holds a role confined to a part of the directory as something nobody asked for', async () => {
    const confined = { ...assignment, directoryScopeId: `/administrativeUnits/${OTHER}` };
    const observed = await observe({ assignments: rows(confined) });
    const [held] = observed.ok && observed.value.exists ? observed.value.assignments : [];
    expect(held?.id).toBe('as-1');
    expect(held?.role).not.toBe(ROLE);
  });

  const security = { groupTypes: [], mailEnabled: false, isAssignableToRole: false };

  it.each([
    ['a security group', security],
    ['a role-assignable group', { ...security, isAssignableToRole: true }],
    ['a Microsoft 365 group', { ...security, groupTypes: ['Unified'], mailEnabled: true }],
    ['a group that says nothing of its kind', { groupTypes: null, mailEnabled: null, isAssignableToRole: null }],
    ['a dynamic group that says it can carry roles', { groupTypes: ['DynamicMembership'], isAssignableToRole: true }],
  ])('is in %s, which it can be made to leave', async (_what, kind) => {
    expect(await observe({ groups: rows({ id: GROUP, ...kind }) })).toMatchObject({
      ok: true,
      value: { groups: [{ id: GROUP, roleAssignable: kind.isAssignableToRole !== false }] },
    });
  });

  it.each([
    ['a dynamic group', { ...security, groupTypes: ['DynamicMembership'] }],
    ['a dynamic Microsoft 365 group', { groupTypes: ['Unified', 'DynamicMembership'], mailEnabled: true }],
    ['a mail-enabled security group or a distribution list', { ...security, mailEnabled: true }],
  ])('is not held to be in %s, which Graph removes nobody from', async (_what, kind) => {
    const groups = rows({ id: OTHER, ...kind }, { id: GROUP, ...security });
    expect(await observe({ groups })).toMatchObject({
      ok: true,
      value: { groups: [{ id: GROUP, roleAssignable: false }] },
    });
  });

  it('is never without access just because a replica says that the user is unknown', async () => {
    for (const lagging of ['assignments', 'groups']) {
      expect(await observe({ [lagging]: GONE })).toMatchObject({ ok: false, error: { code: 'directory.unavailable' } });
    }
  });

  it.each([
    ['a refusal', { status: 403, body: graphError('Authorization_RequestDenied') }, 'directory.forbidden'],
    ['a page', { status: 200, body: '<html></html>' }, 'directory.malformed'],
    ['no body', { status: 200 }, 'directory.malformed'],
    ['no list', okay({}), 'directory.malformed'],
    ['a list of strangers', rows({ ...assignment, principalId: OTHER }), 'directory.malformed'],
    ['a row without its scope', rows({ ...assignment, directoryScopeId: undefined }), 'directory.malformed'],
    ['success without content', { status: 204 }, 'directory.malformed'],
    ['no answer at all', undefined, 'directory.malformed'],
  ])('is never without roles just because of %s', async (_what, assignments, code) => {
    expect(await observe({ assignments })).toMatchObject({ ok: false, error: { code } });
  });

  it.each([
    ['is about somebody else', { ...user, id: OTHER }],
    ['leaves out whether sign-in is on', { ...user, accountEnabled: undefined }],
    ['says so in words', { ...user, accountEnabled: 'true' }],
  ])('is not known from an answer that %s', async (_what, body) => {
    expect(await observe({ user: okay(body) })).toMatchObject({ ok: false, error: { code: 'directory.malformed' } });
  });
});

describe('long lists', () => {
  const firstPage = (link: string): ItemAnswer => okay({ value: [assignment], '@odata.nextLink': link });
  const second = { ...assignment, id: 'as-2' };

  it('are read to their end', async () => {
    const graph = fakeGraph();
    graph.batch(({ id }) =>
      id === 'assignments'
        ? firstPage('https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignments?$skiptoken=abc%3D')
        : ALL[id as keyof typeof ALL],
    );
    graph.get(200, { value: [second] });
    const observed = await stageDirectory().directory.observe(TENANT, KNOWN_USER);
    expect(observed.ok && observed.value.exists && observed.value.assignments.map(({ id }) => id)).toEqual([
      'as-1',
      'as-2',
    ]);
    expect(graph.calls[1]?.path).toBe('/v1.0/roleManagement/directory/roleAssignments?$skiptoken=abc=');
  });

  it.each([
    'https://evil.example/v1.0/roleManagement/directory/roleAssignments?$skiptoken=a',
    'https://graph.microsoft.com.evil.example/v1.0/users',
    'https://graph.microsoft.com@evil.example/v1.0/users',
    'http://graph.microsoft.com/v1.0/users',
    'https://graph.microsoft.com/beta/users',
    '/v1.0/users',
  ])('never lead our token to %s', async (link) => {
    expect(await observe({ assignments: firstPage(link) })).toMatchObject({
      ok: false,
      error: { code: 'directory.malformed' },
    });
  });

  it('that have no end are given up', async () => {
    const graph = fakeGraph();
    const link = 'https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignments?$skiptoken=again';
    graph.batch(({ id }) => (id === 'assignments' ? firstPage(link) : ALL[id as keyof typeof ALL]));
    for (let page = 0; page < 100; page += 1) graph.get(200, { value: [second], '@odata.nextLink': link });
    expect(await stageDirectory().directory.observe(TENANT, KNOWN_USER)).toMatchObject({
      ok: false,
      error: { code: 'directory.malformed' },
    });
    expect(unasked().length).toBeGreaterThan(0);
  });
});

describe('an account that is known by its name alone', () => {
  const found = (body: object): ReturnType<typeof fakeGraph> => {
    const graph = fakeGraph();
    graph.get(200, body);
    return graph;
  };

  it('is read in two round trips', async () => {
    const graph = found(user);
    graph.batch(({ id }) => ALL[id as keyof typeof ALL]);
    expect(await stageDirectory().directory.observe(TENANT, USER)).toMatchObject({
      ok: true,
      value: { exists: true, objectId: USER_ID, generation: 7 },
    });
    expect(graph.calls).toHaveLength(2);
    expect(graph.calls[0]?.path).toContain(`/users/${USER.upn}?`);
  });

  it('does not exist where nobody has the name', async () => {
    fakeGraph().get(404, graphError('Request_ResourceNotFound'));
    expect(await stageDirectory().directory.observe(TENANT, USER)).toEqual({ ok: true, value: { exists: false } });
  });

  it.each([
    ['without a tag', { [TAG]: undefined }],
    ['with another account’s tag', { [TAG]: 'contoso/P-EVE#1' }],
    ['with a tag that only begins like ours', { [TAG]: 'contoso/P-DANA-2#1' }],
  ])('is somebody else’s where the user is one %s, and nothing more is read', async (_what, change) => {
    const graph = found({ ...user, ...change });
    expect(await stageDirectory().directory.observe(TENANT, USER)).toMatchObject({
      ok: false,
      error: { code: 'directory.name-taken' },
    });
    expect(graph.calls).toHaveLength(1);
  });

  it('is not known from an answer about another name', async () => {
    found({ ...user, userPrincipalName: 'grace@contoso.example' });
    expect(await stageDirectory().directory.observe(TENANT, USER)).toMatchObject({
      ok: false,
      error: { code: 'directory.malformed' },
    });
  });

  it('is asked for in an address that its characters cannot change', async () => {
    const graph = fakeGraph();
    graph.get(404, graphError('Request_ResourceNotFound'));
    await stageDirectory().directory.observe(TENANT, { ...USER, upn: 'a/../#x?y@contoso.example' });
    expect(graph.calls[0]?.path).toMatch(/^\/v1\.0\/users\/a\/\.\.\/#x\?y@contoso\.example\?\$select=/);
  });
});

describe('what a tenant is', () => {
  const organization = (id: string): ItemAnswer => rows({ id, displayName: 'Contoso' });
  const domains = rows(
    { id: 'contoso.example', isVerified: true, authenticationType: 'Managed' },
    { id: 'corp.contoso.example', isVerified: false, authenticationType: 'Federated' },
  );

  it('is read in one round trip', async () => {
    fakeGraph().batch(({ id }) => ({ organization: organization(TENANT.directoryId), domains })[id]);
    expect(await stageDirectory().directory.describe(TENANT.directoryId)).toEqual({
      ok: true,
      value: {
        name: 'Contoso',
        domains: [
          { name: 'contoso.example', verified: true, managed: true },
          { name: 'corp.contoso.example', verified: false, managed: false },
        ],
      },
    });
  });

  it('is not taken from another tenant’s answer', async () => {
    fakeGraph().batch(({ id }) => ({ organization: organization(OTHER), domains })[id]);
    expect(await stageDirectory().directory.describe(TENANT.directoryId)).toMatchObject({
      ok: false,
      error: { code: 'directory.malformed' },
    });
  });
});

describe('the roles of a tenant', () => {
  it('are sorted, without disabled ones; what v1.0 does not say about privilege is known or feared', async () => {
    fakeGraph().get(200, {
      value: [
        { id: ROLE.toUpperCase(), displayName: 'User Administrator', isBuiltIn: true, isEnabled: true },
        { id: GROUP, displayName: 'Custom', isBuiltIn: false, isEnabled: true },
        { id: OTHER, displayName: 'Off', isBuiltIn: true, isEnabled: false },
        { id: USER_ID, displayName: 'Harmless', isBuiltIn: true, isEnabled: true, isPrivileged: false },
      ],
    });
    expect(await stageDirectory().directory.roles(TENANT)).toEqual({
      ok: true,
      value: [
        { id: GROUP, name: 'Custom', privileged: true },
        { id: USER_ID, name: 'Harmless', privileged: false },
        { id: ROLE, name: 'User Administrator', privileged: true },
      ],
    });
  });
});
