import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';

import { importPKCS8, SignJWT } from 'jose';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { addMs, DAY } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { startRig, type Answer, type Rig } from './rig.js';

// Guarantee: an app proves itself only with a credential that is registered and in force, and shows its registration
// to its home tenant alone.

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const APP = '0a0a0a0a-0000-4000-8000-00000000000a';
const SCOPE = 'https://graph.microsoft.com/.default';

const register = async (settings: Readonly<Record<string, unknown>>): Promise<void> => {
  const body = { appId: APP, displayName: 'Own', homeTenant: CONTOSO.id, permissions: ['Application.Read.All'] };
  expect((await rig.control('POST', 'apps', { ...body, ...settings })).status).toBe(201);
  await rig.contoso('consent', { appId: APP, granted: true });
};

const ask = (credential: Readonly<Record<string, string>>, tenant = CONTOSO.id): Promise<Answer> =>
  rig.login('POST', `/${tenant}/oauth2/v2.0/token`, {
    grant_type: 'client_credentials',
    client_id: APP,
    scope: SCOPE,
    ...credential,
  });

const prove = (assertion: string): Promise<Answer> =>
  ask({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });

const code = ({ status, body }: Answer): unknown => (status === 200 ? 'ok' : body.error_codes[0]);
const inDays = (days: number): string => addMs(rig.sandbox.world.clock.now(), days * DAY).toISOString();
const seconds = (): number => Math.floor(rig.sandbox.world.clock.now().getTime() / 1_000);

describe('an app of a tenant’s own', () => {
  it('is known in its home tenant alone, by a secret until that runs out', async () => {
    await register({ secrets: [{ value: 'first secret', endDateTime: inDays(30) }] });
    expect(code(await ask({ client_secret: 'first secret' }))).toBe('ok');
    expect(code(await ask({ client_secret: 'guess' }))).toBe(7000215);
    expect(code(await ask({ client_secret: 'first secret' }, FABRIKAM.id))).toBe(700016);
    rig.advance(30 * DAY);
    expect(code(await ask({ client_secret: 'first secret' }))).toBe(7000222);
    rig.advance(-30 * DAY);
  });

  it('proves itself with its certificate, named by either thumbprint, and with no other', async () => {
    const now = rig.sandbox.world.clock.now();
    const dates = { notBeforeDate: addMs(now, -DAY), notAfterDate: addMs(now, 400 * DAY) };
    const mine = await generate([{ name: 'commonName', value: 'own' }], dates);
    const other = await generate([{ name: 'commonName', value: 'other' }], dates);
    await register({ certificates: [{ pem: mine.cert, endDateTime: inDays(7) }] });

    const print = (pem: string, algorithm: 'sha1' | 'sha256'): string =>
      createHash(algorithm).update(new X509Certificate(pem).raw).digest('base64url');
    const sign = async (
      header: Readonly<Record<string, string>>,
      changes: { readonly key?: string; readonly aud?: string; readonly exp?: number } = {},
    ): Promise<string> =>
      new SignJWT({ sub: APP })
        .setProtectedHeader({ alg: 'PS256', ...header })
        .setIssuer(APP)
        .setAudience(changes.aud ?? `${rig.sandbox.url}/${CONTOSO.id}/oauth2/v2.0/token`)
        .setExpirationTime(changes.exp ?? seconds() + 600)
        .sign(await importPKCS8(changes.key ?? mine.private, 'PS256'));

    const named = { 'x5t#S256': print(mine.cert, 'sha256') };
    expect(code(await prove(await sign(named)))).toBe('ok');
    expect(code(await prove(await sign({ x5t: print(mine.cert, 'sha1') })))).toBe('ok');
    expect(code(await prove(await sign({ 'x5t#S256': print(other.cert, 'sha256') })))).toBe(700027);
    expect(code(await prove(await sign(named, { key: other.private })))).toBe(700027);
    expect(code(await prove(await sign(named, { aud: 'https://elsewhere.example' })))).toBe(700023);
    expect(code(await prove(await sign(named, { exp: seconds() - 1 })))).toBe(700024);
    rig.advance(7 * DAY);
    const late = await prove(await sign(named));
    expect([code(late), late.body.error_description]).toEqual([700027, expect.stringContaining('expired')]);
    rig.advance(-7 * DAY);
  });

  it('proves itself with what another issuer says of the right subject', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const trusted = { issuer: 'https://issuer.example', subject: 'bot', audience: 'api://AzureADTokenExchange' };
    await register({ federatedCredentials: [{ ...trusted, publicKey: pem }] });
    const sign = (changes: Partial<typeof trusted> = {}): Promise<string> => {
      const { issuer, subject, audience } = { ...trusted, ...changes };
      const jwt = new SignJWT().setProtectedHeader({ alg: 'RS256' }).setIssuer(issuer).setSubject(subject);
      return jwt
        .setAudience(audience)
        .setExpirationTime(seconds() + 600)
        .sign(privateKey);
    };
    expect(code(await prove(await sign()))).toBe('ok');
    expect(code(await prove(await sign({ issuer: 'https://other.example' })))).toBe(700211);
    expect(code(await prove(await sign({ audience: 'somebody' })))).toBe(700212);
    expect(code(await prove(await sign({ subject: 'cat' })))).toBe(700213);
  });
});

describe('a registration in Graph', () => {
  it('shows when its credentials end, in its home tenant alone, and never a secret', async () => {
    await register({ secrets: [{ value: 'first secret', displayName: 'laptop', endDateTime: inDays(30) }] });
    const path = `/applications(appId='${APP}')?$select=id,passwordCredentials,keyCredentials`;
    const { status, body, text } = await rig.graph('GET', path);
    expect(status).toBe(200);
    expect(body.passwordCredentials).toMatchObject([{ displayName: 'laptop', hint: 'fir', endDateTime: inDays(30) }]);
    expect(body.keyCredentials).toEqual([]);
    expect(text).not.toContain('first secret');
    const listed = await rig.graph('GET', `/applications?$filter=appId eq '${APP}'`.replaceAll(' ', '%20'));
    expect(listed.body.value).toHaveLength(1);

    const token = await rig.token(FABRIKAM.id);
    expect((await rig.graph('GET', path, undefined, { token })).status).toBe(404);
    const elsewhere = await rig.graph('GET', '/applications', undefined, { token });
    expect(elsewhere.body.value).toEqual([]);
  });

  it('lists its extension attributes and what it was granted', async () => {
    const names = await rig.graph('GET', `/applications(appId='${SANDBOX_APP.clientId}')/extensionProperties`);
    expect(names.body.value[0].name).toBe('extension_1a7c4e11000040008000000000000001_latchkey');
    const grants = await rig.graph('GET', `/servicePrincipals(appId='${SANDBOX_APP.clientId}')/appRoleAssignments`);
    expect(grants.body.value).toHaveLength(SANDBOX_APP.permissions.length);
  });
});

describe('a search for users', () => {
  const search = 'displayName:bow';

  it('works only where eventual consistency is asked for', async () => {
    const path = `/users?$search=${encodeURIComponent(`"${search}"`)}&$count=true&$select=displayName`;
    expect((await rig.graph('GET', path)).body.error.code).toBe('Request_UnsupportedQuery');
    const { body } = await rig.graph('POST', '/$batch', {
      requests: [{ id: 'a', method: 'GET', url: path, headers: { ConsistencyLevel: 'eventual' } }],
    });
    const [{ body: found }] = body.responses;
    expect([found['@odata.count'], found.value]).toEqual([1, [{ displayName: 'Megan Bowen' }]]);
  });

  it('changes nothing in a synchronized user that is mastered elsewhere', async () => {
    const userPrincipalName = 'megan@contoso.com';
    await rig.contoso('users', { userPrincipalName, properties: { onPremisesSyncEnabled: true } });
    const change = (body: unknown): Promise<Answer> => rig.graph('PATCH', `/users/${userPrincipalName}`, body);
    expect((await change({ passwordProfile: { password: 'Harbour-Teal-4711' } })).status).toBe(400);
    expect((await change({ usageLocation: 'DE' })).status).toBe(204);
    const { body } = await rig.graph('GET', `/users/${userPrincipalName}?$select=onPremisesSyncEnabled,userType`);
    expect(body).toMatchObject({ onPremisesSyncEnabled: true, userType: 'Member' });
  });
});

it('licences tell P2 from P1 and from none', async () => {
  const plans = async (): Promise<string[]> =>
    (await rig.graph('GET', '/subscribedSkus')).body.value.flatMap(
      (sku: { servicePlans: { servicePlanName: string }[] }) => sku.servicePlans.map((plan) => plan.servicePlanName),
    );
  const tenant = rig.sandbox.world.tenants.get(CONTOSO.id);
  if (tenant === undefined) throw new Error('no Contoso');
  tenant.plans = [];
  expect(await plans()).toEqual([]);
  tenant.plans = ['P1'];
  expect(await plans()).toEqual(['AAD_PREMIUM']);
  tenant.plans = ['P2'];
  expect(await plans()).toEqual(['AAD_PREMIUM', 'AAD_PREMIUM_P2']);
});
