import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CONTOSO, FABRIKAM } from '../../../src/sandbox/seed.js';
import { newUser, PASSWORD, startRig, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

describe('what the sandbox does not know', () => {
  it.each(['/planets', '/users/megan@contoso.com/manager', '/users//memberOf', '/users/%E0%A4%A', '/me'])(
    'answers 501 to %s and counts it',
    async (path) => {
      const { status, body } = await rig.graph('GET', path);
      expect([status, body.error.code]).toEqual([501, 'Sandbox_NotImplemented']);
      expect((await rig.control('GET', 'requests')).body.unknownPaths).toEqual({ [`GET ${path}`]: 1 });
    },
  );

  it('answers 405 to a known path with a foreign method', async () => {
    expect((await rig.graph('DELETE', '/organization')).status).toBe(405);
    expect((await rig.graph('PATCH', '/users', {})).status).toBe(405);
  });

  it('answers 501 to the beta version and 404 to an unknown login path', async () => {
    expect((await rig.graph('GET', '/users', undefined, { version: 'beta' })).status).toBe(501);
    expect((await rig.login('GET', '/contoso.com/oauth2/token')).status).toBe(404);
  });
});

describe('bodies', () => {
  it('must be JSON, and say so', async () => {
    const noObject = await rig.graph('POST', '/users', 'text');
    expect([noObject.status, noObject.body.error.code]).toEqual([400, 'BadRequest']);
    expect((await rig.graph('POST', '/users', [newUser('a')])).status).toBe(400);
    expect((await rig.graph('POST', '/users')).status).toBe(400);
    expect((await rig.graph('POST', '/users/megan@contoso.com/revokeSignInSessions', { now: true })).status).toBe(400);
  });
});

describe('groups whose members Graph does not change', () => {
  const MAIL = 'Cannot Update a mail-enabled security groups and or distribution list.';
  const DENIED = 'Insufficient privileges to complete the operation.';

  it.each([
    ['all-users', [], 403, 'Authorization_RequestDenied', DENIED],
    ['mail-enabled', ['megan@contoso.com'], 400, 'Request_BadRequest', MAIL],
    ['distribution', ['megan@contoso.com'], 400, 'Request_BadRequest', MAIL],
  ] as const)('take and lose nobody: %s', async (kind, members, status, code, message) => {
    const { body: group } = await rig.contoso('groups', { displayName: 'Everybody', kind, members });
    const { body: megan } = await rig.graph('GET', '/users/megan@contoso.com');
    const { body: alex } = await rig.graph('GET', '/users/alex@contoso.com');
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${alex.id}` };
    const answers = [
      await rig.graph('POST', `/groups/${group.id}/members/$ref`, reference),
      await rig.graph('DELETE', `/groups/${group.id}/members/${megan.id}/$ref`),
    ];
    for (const { status: got, body } of answers) {
      expect([got, body.error.code, body.error.message]).toEqual([status, code, message]);
    }
    const { body } = await rig.graph('GET', `/users/${megan.id}/memberOf/microsoft.graph.group?$select=displayName`);
    expect(body.value).toContainEqual({ displayName: 'Everybody' });
  });

  it('say what they are', async () => {
    const shown = 'groupTypes,mailEnabled,securityEnabled,membershipRule';
    for (const kind of ['all-users', 'mail-enabled', 'distribution', 'microsoft-365']) {
      await rig.contoso('groups', { displayName: kind, kind });
    }
    const { body } = await rig.graph('GET', `/groups?$select=displayName,${shown}`);
    expect(body.value.slice(-4)).toEqual([
      {
        displayName: 'all-users',
        groupTypes: ['DynamicMembership'],
        mailEnabled: false,
        securityEnabled: true,
        membershipRule: 'user.objectId -ne null',
      },
      {
        displayName: 'mail-enabled',
        groupTypes: [],
        mailEnabled: true,
        securityEnabled: true,
        membershipRule: null,
      },
      {
        displayName: 'distribution',
        groupTypes: [],
        mailEnabled: true,
        securityEnabled: false,
        membershipRule: null,
      },
      {
        displayName: 'microsoft-365',
        groupTypes: ['Unified'],
        mailEnabled: true,
        securityEnabled: false,
        membershipRule: null,
      },
    ]);
  });

  it('have everybody as a member where that is their rule, whoever comes later included', async () => {
    const { body: group } = await rig.contoso('groups', { displayName: 'All users', kind: 'all-users' });
    await rig.graph('POST', '/users', newUser('late'));
    const { body } = await rig.graph('GET', `/groups/${group.id}/members?$select=userPrincipalName`);
    const names = body.value.map((member: { userPrincipalName: string }) => member.userPrincipalName);
    expect(names).toHaveLength(CONTOSO.users.length + 1);
    expect(names).toContain('late@contoso.com');
  });

  it('cannot hold roles, and have no members by name where a rule names them', async () => {
    const impossible = [
      { displayName: 'A', kind: 'all-users', isAssignableToRole: true },
      { displayName: 'B', kind: 'mail-enabled', isAssignableToRole: true },
      { displayName: 'C', kind: 'all-users', members: ['megan@contoso.com'] },
    ];
    for (const group of impossible) expect((await rig.contoso('groups', group)).status).toBe(400);
  });
});

describe('errors', () => {
  it('have Graph’s shape', async () => {
    const { body, headers } = await rig.graph('GET', '/users/nobody@contoso.com');
    expect(body).toEqual({
      error: {
        code: 'Request_ResourceNotFound',
        message: expect.stringContaining("'nobody@contoso.com'"),
        innerError: {
          date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
          'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
          'client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    });
    expect(headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the control plane', () => {
  it('shows the state without any secret', async () => {
    const { body, text } = await rig.control('GET', 'state');
    expect(body.tenants.map((tenant: { displayName: string }) => tenant.displayName)).toEqual(['Contoso', 'Fabrikam']);
    for (const user of [...CONTOSO.users, ...FABRIKAM.users]) expect(text).not.toContain(user.password);
    expect(text).not.toContain('sandbox-secret');
    expect(
      body.tenants[0].users.find((user: { displayName: string }) => user.displayName === 'Lynne Robbins').roles,
    ).toEqual(['Helpdesk Administrator']);
  });

  it('goes back to the seed, and leaves tokens good', async () => {
    await rig.graph('POST', '/users', newUser('jit'));
    await rig.fault({ kind: 'throttle', match: { path: 'organization' } });
    await rig.contoso('permissions', { revoke: ['Organization.Read.All'], immediately: true });
    await rig.control('POST', 'latency', { ms: 1 });
    await rig.control('POST', 'reset');
    expect((await rig.graph('GET', '/organization')).status).toBe(200);
    expect((await rig.graph('GET', '/users/jit@contoso.com')).status).toBe(404);
    const { body } = await rig.control('GET', 'state');
    expect([body.latencyMs, body.faults]).toEqual([0, []]);
  });

  it('numbers requests, so that a test can ask for those since', async () => {
    await rig.graph('GET', '/organization');
    const { body: before } = await rig.control('GET', 'requests');
    const { number } = before.requests.at(-1);
    await rig.graph('GET', '/domains');
    await rig.token(FABRIKAM.id);
    const { body } = await rig.control('GET', `requests?since=${number}`);
    expect(body.requests).toMatchObject([
      { number: number + 1, service: 'graph', method: 'GET', path: '/v1.0/domains', tenant: CONTOSO.id, status: 200 },
      { number: number + 2, service: 'login', method: 'POST', tenant: FABRIKAM.id, status: 200 },
    ]);
    await rig.control('DELETE', 'requests');
    expect((await rig.control('GET', 'requests')).body.requests).toEqual([]);
  });

  it('records sign-ins, the failed ones with their reason', async () => {
    await rig.control('POST', 'sign-in', { upn: 'megan@contoso.com', password: 'Teal-Harbour-41' });
    await rig.control('POST', 'sign-in', { upn: 'megan@contoso.com', password: 'guess' });
    await rig.control('POST', 'sign-in', { upn: 'nobody@contoso.com', password: 'guess' });
    const { signIns } = (await rig.control('GET', 'state')).body;
    expect(signIns).toMatchObject([
      { userPrincipalName: 'megan@contoso.com', ok: true },
      { userPrincipalName: 'megan@contoso.com', ok: false, reason: 'wrong_password' },
      { userPrincipalName: 'nobody@contoso.com', ok: false, reason: 'unknown_user', tenantId: null },
    ]);
  });

  it('adds and changes users, groups and roles behind the app’s back', async () => {
    await rig.contoso('groups', { displayName: 'Night shift' });
    await rig.contoso('users', {
      userPrincipalName: 'orphan@contoso.com',
      password: PASSWORD,
      roles: ['Security Reader'],
      groups: ['Night shift'],
    });
    const credentials = { upn: 'orphan@contoso.com', password: PASSWORD };
    expect((await rig.control('POST', 'sign-in', credentials)).body).toEqual({
      ok: true,
      roles: ['Security Reader'],
      groups: ['Night shift'],
    });
    await rig.contoso('users', { userPrincipalName: 'orphan@contoso.com', accountEnabled: false });
    expect((await rig.control('POST', 'sign-in', credentials)).body).toMatchObject({ ok: false, reason: 'disabled' });
    await rig.contoso('role-assignments', { user: 'orphan@contoso.com', role: 'Security Reader', remove: true });
    await rig.contoso('users', { userPrincipalName: 'orphan@contoso.com', accountEnabled: true });
    expect((await rig.control('POST', 'sign-in', credentials)).body).toMatchObject({ ok: true, roles: [] });
  });

  it.each([
    ['an unknown action', 'dance', {}],
    ['an unknown role', 'role-assignments', { user: 'megan@contoso.com', role: 'King' }],
    ['an unknown user', 'role-assignments', { user: 'nobody@contoso.com', role: 'Reports Reader' }],
    ['an unknown permission', 'permissions', { grant: ['Everything.ReadWrite.All'] }],
    ['an unknown property', 'consent', { granted: true, forEver: true }],
  ])('refuses %s with the reason', async (_, action, body) => {
    const answer = await rig.contoso(action, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).not.toBe('');
  });
});
