import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/entra/inspect.js';
import { createPassPolicies } from '../../../src/entra/pass-policy.js';
import type { PassPolicies } from '../../../src/entra/pass-policy.js';
import type { Inspector } from '../../../src/flows/ports/inspection.js';
import { MINUTE } from '../../../src/lib/clock.js';
import { membershipId } from '../../../src/sandbox/model.js';
import type { Tenant as SandboxTenant } from '../../../src/sandbox/model.js';
import { ROLE } from '../../../src/sandbox/role-catalog.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { servicePrincipalOf } from '../../../src/sandbox/world.js';
import { aTenant } from '../../fakes/fixtures.js';
import { startLocalEntra } from '../../fakes/local-entra.js';
import type { Reach } from '../../../src/entra/reach.js';
import type { LocalEntra } from '../../fakes/local-entra.js';

let entra: LocalEntra;
let policies: PassPolicies;
let inspector: Inspector;

beforeAll(async () => {
  entra = await startLocalEntra();
});
afterAll(() => entra.sandbox.close());
beforeEach(() => {
  entra.sandbox.reset();
  policies = createPassPolicies(entra.reach, entra.clock);
  inspector = createInspector(entra.reach, { clock: entra.clock, passPolicies: policies });
});

const HOME = aTenant({ directoryId: CONTOSO.id });
const CUSTOMER = aTenant({ directoryId: FABRIKAM.id });
const NOWHERE = aTenant({ directoryId: 'eeeeeeee-0000-4000-8000-00000000000e' });

const change = (action: string, body: object, tenant = FABRIKAM.id): unknown =>
  changeTenant(entra.sandbox.world, tenant, action, body);

const sandboxTenant = (id: string): SandboxTenant => {
  const tenant = entra.sandbox.world.tenants.get(id);
  if (tenant === undefined) throw new Error(`no tenant ${id}`);
  return tenant;
};

const principalId = (tenant: SandboxTenant): string => servicePrincipalOf(tenant, SANDBOX_APP.clientId)?.id ?? '';

describe('an inspection', () => {
  it('says what the app was granted and holds, and what the tenant allows', async () => {
    change('licences', { plans: ['P1'] });
    const found = await inspector.inspect(CUSTOMER);
    expect(found).toMatchObject({
      at: entra.clock.now(),
      token: { ok: true, value: { clientId: SANDBOX_APP.clientId } },
      principal: {
        ok: true,
        value: { objectId: principalId(sandboxTenant(FABRIKAM.id)), roles: [ROLE.userAdministrator] },
      },
      licences: { ok: true, value: { p1: true, p2: false } },
      throttling: { refused: 0 },
    });
    expect(found.permissions).toEqual({
      ok: true,
      value: SANDBOX_APP.permissions.toSorted((a, b) => a.localeCompare(b)),
    });
    expect(found.throttling.used).toBeGreaterThanOrEqual(0);
    expect(found.throttling.used).toBeLessThan(0.1);
  });

  it('takes three requests, two of them at once', async () => {
    const trips = await entra.roundTrips(() => inspector.inspect(CUSTOMER));
    expect(trips.filter(({ path }) => path === '/v1.0/$batch')).toHaveLength(2);
    expect(trips).toHaveLength(3);
  });

  it('says of the app itself only in its home tenant when its credentials end, and whether the tag can be written', async () => {
    const home = await inspector.inspect(HOME);
    expect(home.tagAttribute).toEqual({ ok: true, value: true });
    const secret = entra.sandbox.world.apps.get(SANDBOX_APP.clientId)?.secrets[0];
    expect(home.credentials).toMatchObject({ ok: true, value: [{ kind: 'secret', expiresAt: secret?.endsAt }] });
    const abroad = await inspector.inspect(CUSTOMER);
    expect([abroad.tagAttribute, abroad.credentials]).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: undefined },
    ]);
  });

  it('counts a role that the app holds through a group, and none that is confined to a unit', async () => {
    const tenant = sandboxTenant(FABRIKAM.id);
    const group = tenant.groups.all().find(({ isAssignableToRole }) => isAssignableToRole)?.id ?? '';
    const memberId = principalId(tenant);
    tenant.memberships.set(membershipId(group, memberId), { groupId: group, memberId });
    const assign = (id: string, principal: string, roleDefinitionId: string, directoryScopeId: string) =>
      tenant.roleAssignments.set(id, { id, principalId: principal, roleDefinitionId, directoryScopeId });
    assign('through-group', group, ROLE.privilegedAuthenticationAdministrator, '/');
    assign(
      'in-a-unit',
      memberId,
      ROLE.globalAdministrator,
      '/administrativeUnits/aaaaaaaa-0000-4000-8000-00000000000a',
    );
    expect((await inspector.inspect(CUSTOMER)).principal).toMatchObject({
      ok: true,
      value: { roles: [ROLE.privilegedAuthenticationAdministrator, ROLE.userAdministrator].toSorted() },
    });
  });

  it('counts P1 as had by whoever has P2, and nothing where nothing was bought', async () => {
    change('licences', { plans: ['P2'] });
    expect((await inspector.inspect(CUSTOMER)).licences).toEqual({ ok: true, value: { p1: true, p2: true } });
    change('licences', { plans: [] });
    expect((await inspector.inspect(CUSTOMER)).licences).toEqual({ ok: true, value: { p1: false, p2: false } });
  });

  it('reads the policy of passes as the tenant has set it', async () => {
    change('access-pass-policy', {
      state: 'enabled',
      isUsableOnce: true,
      minimumLifetimeInMinutes: 30,
      maximumLifetimeInMinutes: 120,
      includeTargets: [{ id: 'eeeeeeee-0000-4000-8000-00000000000e', targetType: 'group' }],
    });
    expect((await inspector.inspect(CUSTOMER)).passPolicy).toEqual({
      ok: true,
      value: { enabled: true, leastMinutes: 30, mostMinutes: 120, onceOnly: true, everybody: false },
    });
  });

  it('says how far the clocks are apart', async () => {
    const { skewMs } = await inspector.inspect(CUSTOMER);
    if (!skewMs.ok) throw new Error(skewMs.error.code);
    const before = skewMs.value;
    entra.pass(10 * MINUTE);
    const after = (await inspector.inspect(CUSTOMER)).skewMs;
    // The header counts in seconds, and the local Graph takes its time from the machine.
    expect(after.ok && Math.abs(after.value - (before - 10 * MINUTE))).toBeLessThan(MINUTE);
  });

  it('leaves what can be looked at be, where a permission is missing for the rest', async () => {
    change('permissions', { revoke: ['Application.Read.All', 'Policy.Read.AuthenticationMethod'], immediately: true });
    const found = await inspector.inspect(CUSTOMER);
    const forbidden = { ok: false, error: { code: 'directory.forbidden' } };
    expect(found).toMatchObject({
      token: { ok: true },
      permissions: forbidden,
      principal: forbidden,
      passPolicy: forbidden,
      credentials: forbidden,
      tagAttribute: forbidden,
      licences: { ok: true },
      skewMs: { ok: true },
    });
  });

  it('of a tenant that has withdrawn its consent says so of every part', async () => {
    change('consent', { granted: false });
    const { at: _, throttling: __, ...parts } = await inspector.inspect(CUSTOMER);
    for (const part of Object.values(parts))
      expect(part).toMatchObject({ ok: false, error: { code: 'directory.consent' } });
  });

  it('of no tenant says so of every part', async () => {
    const { at: _, throttling: __, ...parts } = await inspector.inspect(aTenant({ directoryId: 'contoso.com' }));
    for (const part of Object.values(parts))
      expect(part).toMatchObject({ ok: false, error: { code: 'directory.not-found' } });
    expect((await inspector.inspect(NOWHERE)).token).toMatchObject({ ok: false });
  });
});

describe('access passes', () => {
  it('are enabled for everybody where the app may do so, and the remembered policy is forgotten', async () => {
    change('access-pass-policy', { state: 'disabled', includeTargets: [] });
    change('permissions', { grant: ['Policy.ReadWrite.AuthenticationMethod'], immediately: true });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: false, everybody: false } });
    expect(await inspector.enablePasses(CUSTOMER)).toEqual({ ok: true, value: undefined });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: true, everybody: true } });
  });

  it('stay as they are where it may not', async () => {
    change('access-pass-policy', { state: 'disabled' });
    change('permissions', { revoke: ['Policy.ReadWrite.AuthenticationMethod'], immediately: true });
    expect(await inspector.enablePasses(CUSTOMER)).toMatchObject({ ok: false, error: { code: 'directory.forbidden' } });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: false } });
  });

  it('are enabled at another try where Graph was too busy for the first', async () => {
    change('access-pass-policy', { state: 'disabled' });
    change('permissions', { grant: ['Policy.ReadWrite.AuthenticationMethod'], immediately: true });
    entra.sandbox.world.faults.add({ kind: 'throttle', times: 1, match: { method: 'PATCH', scope: 'item' } });
    expect(await inspector.enablePasses(CUSTOMER)).toEqual({ ok: true, value: undefined });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: true } });
  });
});

describe('the policy of passes', () => {
  beforeEach(() => {
    change('access-pass-policy', { state: 'enabled' });
    change('access-pass-policy', { state: 'enabled' }, CONTOSO.id);
  });

  it('is read once for ten minutes, however many ask, and by tenant', async () => {
    const trips = await entra.roundTrips(async () => {
      await Promise.all([policies.passPolicy(FABRIKAM.id), policies.passPolicy(FABRIKAM.id.toUpperCase())]);
      change('access-pass-policy', { state: 'disabled' });
      entra.pass(10 * MINUTE - 1);
      expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: true } });
    });
    expect(trips).toHaveLength(1);
    entra.pass(1);
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: false } });
    expect(await policies.passPolicy(CONTOSO.id)).toMatchObject({ value: { enabled: true } });
  });

  it('is read anew once it was forgotten', async () => {
    await policies.passPolicy(FABRIKAM.id);
    change('access-pass-policy', { state: 'disabled' });
    policies.forget(FABRIKAM.id.toUpperCase());
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ value: { enabled: false } });
  });

  it('that broke off is asked for again, too', async () => {
    let breaksOff = true;
    const { inTenant } = entra.reach;
    const unlucky: Reach = {
      inTenant: async (...asked) => {
        if (breaksOff) throw new Error('no app to ask with');
        return inTenant(...asked);
      },
    };
    const later = createPassPolicies(unlucky, entra.clock);
    await expect(later.passPolicy(FABRIKAM.id)).rejects.toThrow('no app to ask with');
    breaksOff = false;
    expect(await later.passPolicy(FABRIKAM.id)).toMatchObject({ ok: true });
  });

  it('that could not be read is asked for again', async () => {
    entra.sandbox.world.faults.add({
      kind: 'server-error',
      times: 1,
      status: 500,
      match: { path: 'temporaryAccessPass' },
    });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({
      ok: false,
      error: { code: 'directory.unavailable' },
    });
    expect(await policies.passPolicy(FABRIKAM.id)).toMatchObject({ ok: true });
  });
});
