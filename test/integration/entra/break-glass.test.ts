import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakGlassId, directoryUserId, tenantId } from '../../../src/engine/ids.js';
import type { DirectoryUserId } from '../../../src/engine/ids.js';
import { createEntra } from '../../../src/entra/entra.js';
import type { BreakGlassDirectory } from '../../../src/flows/ports/break-glass.js';
import { addMs, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { Tenant as SandboxTenant, User } from '../../../src/sandbox/model.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../../../src/sandbox/seed.js';
import { signIn } from '../../../src/sandbox/sign-in.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

/** Emergency administrators, their policies and their logs: against a directory that keeps all that Microsoft documents. */

let entra: LocalEntra;
let directory: BreakGlassDirectory;

beforeAll(async () => {
  entra = await startLocalEntra();
});
beforeEach(() => {
  entra.sandbox.reset();
  directory = entra.fresh().breakGlassDirectory;
});
afterAll(() => entra.sandbox.close());

const TENANT = aTenant({ id: tenantId('fabrikam'), directoryId: FABRIKAM.id, domain: 'fabrikam.com' });
const UNLICENSED = aTenant({ id: tenantId('contoso'), directoryId: CONTOSO.id, domain: 'contoso.com' });
const UPN = 'emergency1@fabrikam.onmicrosoft.com';
const ACCOUNT = { id: breakGlassId(TENANT.id, 'emergency1'), upn: UPN, name: 'emergency1' };
const FIRST = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3-first!!');
const SECOND = redacted('Vn5!cJk8+Ty3%Gf7*Ws2&Lm9-second!');
const BREAK_GLASS = SANDBOX_BREAK_GLASS_APP.clientId;

const fabrikam = (): SandboxTenant => entra.sandbox.world.tenants.get(FABRIKAM.id) as SandboxTenant;
const userNow = (upn = UPN): User | undefined => fabrikam().users.withKey(upn)[0];
const idOf = (upn: string): DirectoryUserId => directoryUserId(userNow(upn)?.id ?? '');
const customer = (action: string, body: object, tenant = FABRIKAM.id): unknown =>
  changeTenant(entra.sandbox.world, tenant, action, body);
const opens = (password: typeof FIRST, upn = UPN): boolean =>
  signIn(entra.sandbox.world, { upn, password: password.reveal() }).ok;

const make = async (): Promise<DirectoryUserId> => {
  const made = await directory.create(TENANT, ACCOUNT, FIRST);
  if (made.kind !== 'done' || made.objectId === undefined) throw new Error(JSON.stringify(made));
  return made.objectId;
};

const valueOf = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
};

const paths = (trips: readonly { readonly method: string; readonly path: string }[]): readonly string[] =>
  trips.map(({ method, path }) => `${method} ${path}`);

describe('whether a call could be made', () => {
  it('is found out by a token alone', async () => {
    const trips = await entra.roundTrips(async () => {
      expect(await directory.ready(TENANT)).toEqual({ ok: true, value: undefined });
    });
    expect(trips).toEqual([]);
  });

  it('is denied where the tenant has not let this app in, whatever it thinks of the everyday one', async () => {
    customer('consent', { appId: BREAK_GLASS, granted: false });
    expect(await directory.ready(TENANT)).toMatchObject({ ok: false, error: { code: 'directory.consent' } });
    expect(await entra.fresh().directory.roles(TENANT)).toMatchObject({ ok: true });
  });

  it('is denied for what is no tenant', async () => {
    const nowhere = { ...TENANT, directoryId: 'fabrikam.com/../common' };
    expect(await directory.ready(nowhere)).toMatchObject({ ok: false, error: { code: 'directory.not-found' } });
  });
});

describe('the first domain', () => {
  it('is the one that the tenant was born with', async () => {
    expect(await directory.initialDomain(TENANT)).toEqual({ ok: true, value: 'fabrikam.onmicrosoft.com' });
  });
});

describe('a new account', () => {
  it('is made by one request: enabled, marked, its password for good', async () => {
    const trips = await entra.roundTrips(make);
    expect(paths(trips)).toEqual(['POST /v1.0/users']);
    expect(opens(FIRST)).toBe(true);
    expect(userNow()).toMatchObject({
      accountEnabled: true,
      password: { mustChange: false },
      properties: { passwordPolicies: 'DisablePasswordExpiration' },
    });
    expect(await directory.find(TENANT, { upn: UPN })).toMatchObject({
      ok: true,
      value: { upn: UPN, marked: true, enabled: true, origin: 'cloud', isAdministrator: false },
    });
  });

  it('is none of those that are lent, so that nobody mends it away', async () => {
    await make();
    const survey = entra.fresh().survey;
    expect(valueOf(await survey.survey(TENANT, [])).tagged).toEqual([]);
  });

  it('is not made where somebody has the name, and who that is tells the mark', async () => {
    customer('users', { userPrincipalName: UPN, password: 'Somebody-Else-11' });
    expect(await directory.create(TENANT, ACCOUNT, FIRST)).toMatchObject({
      kind: 'failed',
      fault: { code: 'directory.name-taken' },
      unclear: false,
    });
    expect(valueOf(await directory.find(TENANT, { upn: UPN }))).toMatchObject({ marked: false });
  });

  it('is not taken for another one by its mark', async () => {
    const id = await make();
    const other = { ...TENANT, id: tenantId('other') };
    expect(valueOf(await directory.find(other, { objectId: id }))).toMatchObject({ marked: false });
  });
});

describe('a user who is not there', () => {
  it('is found neither by name nor by object id', async () => {
    const gone = directoryUserId('bbbbbbbb-0000-4000-8000-00000000000b');
    expect(await directory.find(TENANT, { upn: UPN })).toEqual({ ok: true, value: undefined });
    expect(await directory.find(TENANT, { objectId: gone })).toEqual({ ok: true, value: undefined });
  });

  it('counts as gone only where more than one answer says so', async () => {
    const id = await make();
    entra.sandbox.world.faults.add({
      kind: 'wrong-shape',
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound', message: '' } },
      afterWrite: true,
      match: { service: 'graph', path: `/users/${id}\\?` },
      skip: 0,
    });
    expect(await directory.find(TENANT, { objectId: id })).toMatchObject({
      ok: false,
      error: { code: 'directory.unavailable' },
    });
  });
});

describe('a password', () => {
  it('is set by exactly one request, which also enables the account and keeps the password from expiring', async () => {
    const id = await make();
    customer('users', { userPrincipalName: UPN, accountEnabled: false, properties: { passwordPolicies: null } });
    const trips = await entra.roundTrips(async () => {
      expect(await directory.setPassword(TENANT, id, SECOND)).toEqual({ kind: 'done' });
    });
    expect(paths(trips)).toEqual([`PATCH /v1.0/users/${id}`]);
    expect([opens(SECOND), opens(FIRST)]).toEqual([true, false]);
    expect(userNow()).toMatchObject({ password: { mustChange: false }, accountEnabled: true });
    expect(userNow()?.properties).toMatchObject({ passwordPolicies: 'DisablePasswordExpiration' });
  });

  it('of a Global Administrator is refused for sure without a role above them', async () => {
    const id = await make();
    await directory.makeAdministrator(TENANT, id);
    customer('service-principal-roles', { appId: BREAK_GLASS, roles: ['User Administrator'] });
    expect(await directory.setPassword(TENANT, id, SECOND)).toMatchObject({
      kind: 'failed',
      fault: { code: 'directory.forbidden' },
      unclear: false,
    });
    expect([opens(SECOND), opens(FIRST)]).toEqual([false, true]);
    customer('service-principal-roles', { appId: BREAK_GLASS, roles: ['Privileged Authentication Administrator'] });
    expect(await directory.setPassword(TENANT, id, SECOND)).toEqual({ kind: 'done' });
  });
});

describe('the role', () => {
  it('is given for good, and having it is as good', async () => {
    const id = await make();
    expect(await directory.makeAdministrator(TENANT, id)).toEqual({ kind: 'done' });
    expect(await directory.makeAdministrator(TENANT, id)).toEqual({ kind: 'done' });
    expect(valueOf(await directory.find(TENANT, { objectId: id }))).toMatchObject({ isAdministrator: true });
    expect(signIn(entra.sandbox.world, { upn: UPN, password: FIRST.reveal() }).roles).toEqual(['Global Administrator']);
  });

  it('does not count while it ends by itself, nor in a single unit', async () => {
    const id = await make();
    const role = '62e90394-69f5-4237-9190-012177145e10';
    const span = { from: entra.clock.now(), until: addMs(entra.clock.now(), HOUR) };
    const assignment = { id: 'for-a-time', principalId: id, roleDefinitionId: role, directoryScopeId: '/', span };
    fabrikam().roleAssignments.set('for-a-time', assignment);
    fabrikam().roleSchedules.set('schedule', {
      id: 'schedule',
      assignment,
      requestId: 'request',
      createdAt: entra.clock.now(),
    });
    expect(valueOf(await directory.find(TENANT, { objectId: id }))).toMatchObject({ isAdministrator: false });
  });
});

describe('an account that is given up', () => {
  it('is disabled, and then deleted, which may have happened before', async () => {
    const id = await make();
    expect(await directory.disable(TENANT, id)).toEqual({ kind: 'done' });
    expect([opens(FIRST), userNow()?.accountEnabled]).toEqual([false, false]);
    expect(await directory.remove(TENANT, id)).toEqual({ kind: 'done' });
    expect(userNow()).toBeUndefined();
    expect(await directory.remove(TENANT, id)).toEqual({ kind: 'done' });
    expect(await directory.disable(TENANT, id)).toMatchObject({
      kind: 'failed',
      fault: { code: 'directory.not-found' },
      unclear: false,
    });
  });
});

describe('a look around', () => {
  const policyNames = async (id: DirectoryUserId): Promise<readonly string[] | undefined> =>
    valueOf(await directory.inspect(TENANT, id)).policies?.map(({ name }) => name);

  it('tells the user, the policies in force that reach it, and whether its password can be changed', async () => {
    const id = await make();
    await directory.makeAdministrator(TENANT, id);
    customer('groups', { displayName: 'Emergency', members: [UPN] });
    const everybody = { includeUsers: ['All'] };
    customer('conditional-access-policies', { displayName: 'A: by role', includeRoles: ['Global Administrator'] });
    customer('conditional-access-policies', { displayName: 'B: by group', includeGroups: ['Emergency'] });
    customer('conditional-access-policies', { displayName: 'C: off', state: 'disabled', ...everybody });
    customer('conditional-access-policies', {
      displayName: 'D: to look at',
      state: 'enabledForReportingButNotEnforced',
      ...everybody,
    });
    customer('conditional-access-policies', { displayName: 'E: spared', ...everybody, excludeUsers: [UPN] });
    customer('conditional-access-policies', { displayName: 'F', ...everybody, excludeGroups: ['Emergency'] });
    customer('conditional-access-policies', { displayName: 'G', ...everybody, excludeRoles: ['Global Administrator'] });
    customer('conditional-access-policies', { displayName: 'H: others', includeUsers: ['robin@fabrikam.com'] });
    const around = valueOf(await directory.inspect(TENANT, id));
    expect(around.user).toMatchObject({ upn: UPN, isAdministrator: true });
    expect(around).toMatchObject({ mayReset: true, missing: [] });
    expect(around.policies?.map(({ name }) => name)).toEqual([
      'Require multifactor authentication for all users',
      'A: by role',
      'B: by group',
    ]);
  });

  it('leaves out what may not be looked at', async () => {
    const id = await make();
    const revoke = ['Policy.Read.All', 'Application.Read.All', 'Directory.Read.All'];
    customer('permissions', { appId: BREAK_GLASS, revoke, immediately: true });
    const around = valueOf(await directory.inspect(TENANT, id));
    expect(around).toMatchObject({ user: { upn: UPN } });
    expect(around).not.toHaveProperty('policies');
    expect(around).not.toHaveProperty('mayReset');
    expect(around).not.toHaveProperty('missing');
  });

  it.each([
    ['a role', () => customer('service-principal-roles', { appId: BREAK_GLASS, roles: ['User Administrator'] })],
    [
      'a permission',
      () => customer('permissions', { appId: BREAK_GLASS, revoke: ['User-PasswordProfile.ReadWrite.All'] }),
    ],
  ])('says that the password cannot be changed for want of %s', async (_what, withhold) => {
    const id = await make();
    withhold();
    expect(valueOf(await directory.inspect(TENANT, id)).mayReset).toBe(false);
  });

  it('names what else was not granted, and what does not work for it', async () => {
    const id = await make();
    customer('permissions', {
      appId: BREAK_GLASS,
      revoke: ['AuditLog.Read.All', 'Policy.ReadWrite.ConditionalAccess'],
    });
    expect(valueOf(await directory.inspect(TENANT, id)).missing).toMatchObject([
      { name: 'Policy.ReadWrite.ConditionalAccess', feature: 'conditional access' },
      { name: 'AuditLog.Read.All', feature: 'watch' },
    ]);
  });

  it('finds no user where there is none', async () => {
    const around = valueOf(await directory.inspect(TENANT, directoryUserId('bbbbbbbb-0000-4000-8000-00000000000b')));
    expect(around).not.toHaveProperty('user');
    expect(around.mayReset).toBe(true);
  });

  it('fails as a whole where Graph does not answer rather than telling half', async () => {
    const id = await make();
    entra.sandbox.world.faults.add({
      kind: 'server-error',
      status: 503,
      afterWrite: false,
      match: { service: 'graph', path: '/conditionalAccess/' },
      skip: 0,
    });
    expect(await directory.inspect(TENANT, id)).toMatchObject({ ok: false, error: { code: 'directory.unavailable' } });
  });

  it('sees a policy no more once it excludes the user, whom it keeps beside those that were excluded before', async () => {
    const id = await make();
    customer('conditional-access-policies', {
      displayName: 'Second',
      includeUsers: ['All'],
      excludeUsers: ['gil@fabrikam.com'],
      excludeGroups: ['Engineering'],
    });
    const before = valueOf(await directory.inspect(TENANT, id)).policies ?? [];
    expect(before).toHaveLength(2);
    expect(
      await directory.exclude(
        TENANT,
        id,
        before.map((policy) => policy.id),
      ),
    ).toEqual({ kind: 'done' });
    expect(await policyNames(id)).toEqual([]);
    const [, second] = fabrikam().conditionalAccessPolicies.all();
    expect(second?.users).toMatchObject({
      includeUsers: ['All'],
      excludeUsers: [idOf('gil@fabrikam.com'), id],
      excludeGroups: [expect.any(String)],
    });
    const again = await entra.roundTrips(() => directory.exclude(TENANT, id, [before[0]?.id ?? '']));
    expect(again.map(({ method }) => method)).toEqual(['GET']);
  });

  it('has one policy that cannot be changed keep none of the others back', async () => {
    const id = await make();
    const [policy] = fabrikam().conditionalAccessPolicies.all();
    const outcome = await directory.exclude(TENANT, id, ['no-such-policy', policy?.id ?? '']);
    expect(outcome).toMatchObject({ kind: 'failed', fault: { code: 'directory.not-found' }, unclear: false });
    expect(await policyNames(id)).toEqual([]);
  });

  it('stays under the one request a second that Microsoft takes about policies', async () => {
    const id = await make();
    for (let count = 0; count < 4; count += 1) {
      customer('conditional-access-policies', { displayName: `Policy ${count}`, includeUsers: ['All'] });
    }
    entra.sandbox.world.limits.set(null, {});
    const all = fabrikam()
      .conditionalAccessPolicies.all()
      .map((policy) => policy.id);
    expect(await directory.exclude(TENANT, id, all)).toEqual({ kind: 'done' });
    const used = entra.sandbox.world.limits.use().filter(({ limit }) => limit === 'conditionalAccess');
    expect(used).toMatchObject([{ peak: 1, hits: 0 }]);
  });
});

describe('an access pass', () => {
  it.each([
    ['one hour at most', {}, 60],
    [
      'no longer than the tenant lets it',
      { minimumLifetimeInMinutes: 10, defaultLifetimeInMinutes: 20, maximumLifetimeInMinutes: 30 },
      30,
    ],
    ['as short as the tenant lets it', { minimumLifetimeInMinutes: 90, defaultLifetimeInMinutes: 90 }, 90],
  ])('holds for %s', async (_how, policy, minutes) => {
    const id = await make();
    customer('access-pass-policy', policy);
    const pass = valueOf(await directory.issuePass(TENANT, id));
    expect(pass.endsAt).toEqual(addMs(entra.clock.now(), minutes * MINUTE));
    expect(signIn(entra.sandbox.world, { upn: UPN, accessPass: pass.value.reveal() })).toMatchObject({ ok: true });
    expect(JSON.stringify(pass)).not.toContain(pass.value.reveal());
  });

  it('is for one sign-in where the tenant wants that', async () => {
    const id = await make();
    customer('access-pass-policy', { isUsableOnce: true });
    const pass = valueOf(await directory.issuePass(TENANT, id));
    const enter = () => signIn(entra.sandbox.world, { upn: UPN, accessPass: pass.value.reveal() }).ok;
    expect([enter(), enter()]).toEqual([true, false]);
  });

  it('is not asked for where the tenant gives none, and asked for again once it does', async () => {
    const id = await make();
    customer('access-pass-policy', { state: 'disabled' });
    expect(await directory.issuePass(TENANT, id)).toMatchObject({ ok: false, error: { code: 'directory.no-pass' } });
    customer('access-pass-policy', { state: 'enabled' });
    entra.pass(11 * MINUTE);
    expect(await directory.issuePass(TENANT, id)).toMatchObject({ ok: true });
  });

  it('whose answer is lost, or is none, is a fault', async () => {
    const id = await make();
    const match = { service: 'graph', method: 'POST', path: 'temporaryAccessPassMethods' } as const;
    entra.sandbox.world.faults.add({ kind: 'drop-after-write', match, times: 1, skip: 0 });
    expect(await directory.issuePass(TENANT, id)).toMatchObject({ ok: false, error: { code: 'directory.unclear' } });
    entra.sandbox.world.faults.add({ kind: 'status', status: 204, afterWrite: true, match, times: 1, skip: 0 });
    expect(await directory.issuePass(TENANT, id)).toMatchObject({ ok: false, error: { code: 'directory.malformed' } });
  });
});

describe('what an account did', () => {
  const MIDNIGHT = '2026-01-01T00:00:00Z';
  const anotherAnswer = (row: object) =>
    ({ kind: 'wrong-shape', status: 200, afterWrite: true, body: { value: [row] } }) as const;

  it('is told from both logs, oldest first, without strangers who guess, and without others', async () => {
    const id = await make();
    const since = entra.clock.now();
    opens(FIRST);
    entra.pass(MINUTE);
    opens(SECOND);
    signIn(entra.sandbox.world, { upn: 'gil@fabrikam.com', password: 'Golden-Anchor-17' });
    customer('user-changes', { user: UPN, activity: 'Reset user password', target: 'gil@fabrikam.com' });
    customer('user-changes', { user: 'gil@fabrikam.com', activity: 'Update user', target: UPN });
    entra.pass(MINUTE);
    const pass = valueOf(await directory.issuePass(TENANT, id));
    signIn(entra.sandbox.world, { upn: UPN, accessPass: pass.value.reveal(), app: 'Exchange\n\u202eOnline' });
    const uses = valueOf(await directory.uses(TENANT, [id], since));
    expect(uses.map(({ says, user }) => [says, user])).toEqual([
      ['signed in to Azure Portal from 203.0.113.7 (Lisbon, PT)', id],
      ['changed the directory: Reset user password on gil@fabrikam.com from 203.0.113.7', id],
      ['signed in to Exchange Online from 203.0.113.7 (Lisbon, PT)', id],
    ]);
    expect(new Set(uses.map((use) => use.id)).size).toBe(3);
    expect(valueOf(await directory.uses(TENANT, [id], addMs(since, MINUTE)))).toHaveLength(2);
  });

  it('with the right password counts although something else stopped it', async () => {
    const id = await make();
    opens(FIRST);
    const [logged] = fabrikam().signInLog.all();
    if (logged === undefined) throw new Error('nothing was logged');
    fabrikam().signInLog.set(logged.id, { ...logged, errorCode: 50074 });
    const [use] = valueOf(await directory.uses(TENANT, [id], addMs(entra.clock.now(), -HOUR)));
    expect(use?.says).toMatch(/with the right password, and was stopped \(AADSTS50074\)$/);
  });

  it('is read to the last page, of several accounts, two lists each, two accounts a round trip', async () => {
    const ids = [await make(), idOf('gil@fabrikam.com'), idOf('sam@fabrikam.com')];
    for (let count = 0; count < 1_010; count += 1) opens(FIRST);
    let uses = 0;
    const trips = await entra.roundTrips(async () => {
      uses = valueOf(await directory.uses(TENANT, ids, addMs(entra.clock.now(), -HOUR))).length;
    });
    expect(uses).toBe(1_010);
    expect(trips.map(({ path }) => path.split('?')[0])).toEqual([
      '/v1.0/$batch',
      '/v1.0/auditLogs/signIns',
      '/v1.0/$batch',
    ]);
  });

  it('stays under the five requests in ten seconds that Microsoft takes about its logs', async () => {
    const ids = [await make(), idOf('gil@fabrikam.com')];
    entra.sandbox.world.limits.set(null, {});
    for (let count = 0; count < 3; count += 1) await directory.uses(TENANT, ids, addMs(entra.clock.now(), -HOUR));
    const used = entra.sandbox.world.limits.use().filter(({ limit }) => limit === 'auditLogs');
    expect(used).toMatchObject([{ hits: 0 }]);
  });

  it('cannot be known without a licence, nor without the permission', async () => {
    const grace = directoryUserId(
      entra.sandbox.world.tenants.get(CONTOSO.id)?.users.withKey('grace@contoso.com')[0]?.id ?? '',
    );
    const since = entra.clock.now();
    expect(await directory.uses(UNLICENSED, [grace], since)).toMatchObject({
      ok: false,
      error: { code: 'directory.licence' },
    });
    customer('permissions', { appId: BREAK_GLASS, revoke: ['AuditLog.Read.All'], immediately: true });
    expect(await directory.uses(TENANT, [idOf('gil@fabrikam.com')], since)).toMatchObject({
      ok: false,
      error: { code: 'directory.forbidden' },
    });
  });

  it.each([
    ['a list without end', { kind: 'endless-paging' }, 'directory.throttled'],
    [
      'a list that goes on elsewhere',
      { kind: 'foreign-next-link', host: 'https://graph.example.com' },
      'directory.malformed',
    ],
    [
      'records of others',
      anotherAnswer({ id: '1', createdDateTime: MIDNIGHT, userId: 'somebody' }),
      'directory.malformed',
    ],
    ['records of nobody', anotherAnswer({ id: '1' }), 'directory.malformed'],
  ] as const)('is not known from %s', async (_what, fault, code) => {
    const id = await make();
    opens(FIRST);
    entra.sandbox.world.faults.add({ ...fault, match: { service: 'graph', path: '/auditLogs/signIns' }, skip: 0 });
    const uses = await directory.uses(TENANT, [id], addMs(entra.clock.now(), -HOUR));
    expect(uses).toMatchObject({ ok: false, error: { code } });
  });
});

describe('which app reaches break-glass accounts', () => {
  const { clientId, clientSecret } = SANDBOX_APP;
  const tenantsOwn = {
    clientId,
    credential: { kind: 'secret', secret: redacted(clientSecret) },
    cloud: 'global',
    version: '1',
  } as const;

  it('is the one configured for them, also where a tenant has one of its own for the rest', async () => {
    let asked = 0;
    const both = entra.fresh(async () => {
      asked += 1;
      return tenantsOwn;
    });
    await both.breakGlassDirectory.find(TENANT, { upn: UPN });
    expect(asked).toBe(0);
    await both.directory.roles(TENANT);
    expect(asked).toBe(1);
  });

  it('is the everyday one where none is configured, which then is the tenant’s own where it has one', async () => {
    const id = await make();
    await directory.makeAdministrator(TENANT, id);
    customer('consent', { appId: BREAK_GLASS, granted: false });
    const everyday = createEntra(entra.options).breakGlassDirectory;
    expect(await everyday.find(TENANT, { objectId: id })).toMatchObject({ ok: true, value: { isAdministrator: true } });
    // That one stands below Global Administrators.
    expect(await everyday.setPassword(TENANT, id, SECOND)).toMatchObject({
      kind: 'failed',
      fault: { code: 'directory.forbidden' },
      unclear: false,
    });
    const wrong = { ...tenantsOwn, credential: { kind: 'secret', secret: redacted('not-the-secret') } } as const;
    const own = createEntra({ ...entra.options, appOf: async () => wrong }).breakGlassDirectory;
    expect(await own.ready(TENANT)).toMatchObject({ ok: false, error: { code: 'directory.credential' } });
  });
});
