import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { addMs, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_BREAK_GLASS_APP } from '../../../src/sandbox/seed.js';
import { startRig, type Answer, type Rig } from './rig.js';

/** Guarantee: whoever signs in or changes something is in the tenant's logs, for those who may and have paid to read them. */

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

const { clientId, clientSecret } = SANDBOX_BREAK_GLASS_APP;
const GIL = 'gil@fabrikam.com';

const tokenIn = (tenant: string): Promise<string> => rig.token(tenant, clientId, clientSecret);
const ask = (path: string): Promise<Answer> => rig.graph('GET', path, undefined, { token });
const signIns = (filter?: string): Promise<Answer> =>
  ask(`/auditLogs/signIns${filter === undefined ? '' : `?$filter=${encodeURIComponent(filter)}`}`);
const changes = (filter: string): Promise<Answer> =>
  ask(`/auditLogs/directoryAudits?$filter=${encodeURIComponent(filter)}`);
const enter = (upn: string, proof: object): Promise<Answer> => rig.control('POST', 'sign-in', { upn, ...proof });
const customer = (action: string, body: object, tenant = FABRIKAM.id): Promise<Answer> =>
  rig.control('POST', `tenants/${tenant}/${action}`, body);
/** So long from now, as a filter takes it. */
const at = (ms: number): string => addMs(rig.sandbox.world.clock.now(), ms).toISOString();
const gilId = (): string => rig.sandbox.world.tenants.get(FABRIKAM.id)?.users.withKey(GIL)[0]?.id ?? '';
const codes = ({ body }: Answer): readonly number[] =>
  body.value.map((row: { readonly status: { readonly errorCode: number } }) => row.status.errorCode);

describe('the log of sign-ins', () => {
  it('has each one, by password or pass, in vain or not, newest first', async () => {
    await enter(GIL, { password: 'Golden-Anchor-17', ipAddress: '198.51.100.4', app: 'Microsoft Graph' });
    rig.advance(SECOND);
    await enter(GIL, { password: 'Wrong-Anchor-17' });
    rig.advance(SECOND);
    const pass = await rig.graph('POST', `/users/${GIL}/authentication/temporaryAccessPassMethods`, {}, { token });
    await enter(GIL, { accessPass: pass.body.temporaryAccessPass });
    await enter('nobody@fabrikam.com', { password: 'Golden-Anchor-17' });
    const listed = await signIns();
    expect(codes(listed)).toEqual([0, 50126, 0]);
    expect(listed.body.value[2]).toMatchObject({
      userId: gilId(),
      userPrincipalName: GIL,
      appDisplayName: 'Microsoft Graph',
      ipAddress: '198.51.100.4',
      createdDateTime: at(-2 * SECOND),
    });
    expect((await ask(`/auditLogs/signIns/${listed.body.value[0].id}`)).body.id).toBe(listed.body.value[0].id);
  });

  it('is searched by user and by moment', async () => {
    await enter(GIL, { password: 'Golden-Anchor-17' });
    await enter('robin@fabrikam.com', { password: 'Copper-Valley-85' });
    rig.advance(MINUTE);
    await enter(GIL, { password: 'Golden-Anchor-17' });
    const by = `userId eq '${gilId()}'`;
    const lengths = await Promise.all(
      [
        by,
        `createdDateTime ge ${at(-SECOND)} and ${by}`,
        `createdDateTime le ${at(-SECOND)} and ${by}`,
        'createdDateTime ge 2026-03-02',
        `createdDateTime eq ${at(0)}`,
      ].map(async (filter) => (await signIns(filter)).body.value.length),
    );
    expect(lengths).toEqual([2, 1, 1, 3, 1]);
  });

  it.each([
    'createdDateTime gt 2026-03-02',
    "createdDateTime ge 'yesterday'",
    "riskState eq 'none'",
    'createdDateTime ge',
  ])('refuses the filter %s', async (filter) => {
    expect((await signIns(filter)).status).toBe(400);
  });

  it('comes in pages, and lags like everything else', async () => {
    for (let count = 0; count < 3; count += 1) await enter(GIL, { password: 'Golden-Anchor-17' });
    const page = await ask('/auditLogs/signIns?$top=2');
    expect(page.body.value).toHaveLength(2);
    const next = String(page.body['@odata.nextLink']).split('/v1.0')[1] ?? '';
    expect((await ask(next)).body.value).toHaveLength(1);
    await rig.fault({ kind: 'replication-delay', ms: MINUTE });
    expect((await signIns()).body.value).toEqual([]);
    rig.advance(MINUTE);
    expect((await signIns()).body.value).toHaveLength(3);
  });
});

describe('the log of changes', () => {
  it('has what users did by hand, searched by who it was and when', async () => {
    await customer('user-changes', { user: GIL, activity: 'Reset user password', target: 'robin@fabrikam.com' });
    await customer('user-changes', { user: 'sam@fabrikam.com', activity: 'Update user', result: 'failure' });
    const found = await changes(`activityDateTime ge ${at(-SECOND)} and initiatedBy/user/id eq '${gilId()}'`);
    expect(found.body.value).toMatchObject([
      {
        activityDisplayName: 'Reset user password',
        result: 'success',
        initiatedBy: { user: { id: gilId(), userPrincipalName: GIL } },
        targetResources: [{ userPrincipalName: 'robin@fabrikam.com' }],
      },
    ]);
    expect((await changes("activityDisplayName eq 'Update user'")).body.value).toMatchObject([{ result: 'failure' }]);
    expect((await changes(`activityDateTime ge ${at(SECOND)}`)).body.value).toEqual([]);
  });
});

describe.each(['/auditLogs/signIns', '/auditLogs/directoryAudits'])('%s', (path) => {
  it.each(['AuditLog.Read.All', 'Directory.Read.All'])('is closed without %s', async (permission) => {
    await customer('permissions', { appId: clientId, revoke: [permission] });
    token = await tokenIn(FABRIKAM.id);
    expect((await ask(path)).status).toBe(403);
  });

  it('is closed to a tenant that has not bought it', async () => {
    token = await tokenIn(CONTOSO.id);
    const { status, body } = await ask(path);
    expect([status, body.error.code]).toEqual([403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant']);
    await customer('licences', { plans: ['P1'] }, CONTOSO.id);
    expect((await ask(path)).status).toBe(200);
  });

  it('takes five requests in ten seconds', async () => {
    await rig.control('POST', 'limits', { limits: {} });
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await ask(path)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    rig.advance(10 * SECOND);
    expect((await ask(path)).status).toBe(200);
  });
});
