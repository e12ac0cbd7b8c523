import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { startRig, type Answer, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const credentials = {
  grant_type: 'client_credentials',
  client_id: SANDBOX_APP.clientId,
  client_secret: SANDBOX_APP.clientSecret,
  scope: 'https://graph.microsoft.com/.default',
};

const ask = (tenant: string, changes: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  rig.login('POST', `/${tenant}/oauth2/v2.0/token`, { ...credentials, ...changes });

describe('the login authority', () => {
  it('describes each tenant, named by id or by domain', async () => {
    for (const name of [CONTOSO.id, 'contoso.com', 'Contoso.onmicrosoft.com']) {
      const { status, body } = await rig.login('GET', `/${name}/v2.0/.well-known/openid-configuration`);
      expect(status).toBe(200);
      expect(body.token_endpoint).toBe(`${rig.sandbox.url}/${CONTOSO.id}/oauth2/v2.0/token`);
    }
  });

  it('describes itself for callers that do not know their tenant yet', async () => {
    const instance = await rig.login('GET', '/common/discovery/instance?api-version=1.1');
    expect(instance.body.metadata[0].aliases).toEqual([`localhost:${rig.sandbox.port}`]);
    const organizations = await rig.login('GET', '/organizations/v2.0/.well-known/openid-configuration');
    expect(organizations.status).toBe(200);
  });

  it('gives a token that opens its own tenant and no other', async () => {
    const { status, body } = await ask('fabrikam.com');
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const organization = await rig.graph('GET', '/organization', undefined, { token: body.access_token });
    expect(organization.body.value[0].id).toBe(FABRIKAM.id);
  });

  it.each([
    ['a wrong secret', 'contoso.com', { client_secret: 'guess' }, 401, 'invalid_client', 'AADSTS7000215'],
    ['an unknown tenant', 'nobody.example', {}, 400, 'invalid_tenant', 'AADSTS90002'],
    ['an app nobody knows', 'contoso.com', { client_id: CONTOSO.id }, 400, 'unauthorized_client', 'AADSTS700016'],
    ['another grant', 'contoso.com', { grant_type: 'password' }, 400, 'unsupported_grant_type', 'AADSTS70003'],
    ['a scope of single permissions', 'contoso.com', { scope: 'User.Read' }, 400, 'invalid_scope', 'AADSTS1002012'],
  ])('refuses %s with its code', async (_, tenant, changes, status, error, code) => {
    const answer = await ask(tenant, changes);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
    expect(answer.body.error_description).toContain(`${code}:`);
  });

  it('refuses an app where its consent was withdrawn, and its tokens with it', async () => {
    await rig.contoso('consent', { granted: false });
    expect((await ask('contoso.com')).body.error_description).toContain('AADSTS7000229');
    const users = await rig.graph('GET', '/users');
    expect([users.status, users.body.error.code]).toEqual([401, 'Authorization_IdentityNotFound']);
    await rig.contoso('consent', { granted: true });
    expect((await ask('contoso.com')).status).toBe(200);
  });

  it('follows a changed secret', async () => {
    await rig.control('POST', `apps/${SANDBOX_APP.clientId}`, { secret: 'rotated' });
    expect((await ask('contoso.com')).status).toBe(401);
    expect((await ask('contoso.com', { client_secret: 'rotated' })).status).toBe(200);
  });
});

describe('Graph, of tokens', () => {
  it.each([
    ['none', ''],
    ['garbage', 'sandbox.garbage'],
  ])('refuses %s', async (_, token) => {
    const answer = await rig.graph('GET', '/users', undefined, { token });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('refuses a token after an hour', async () => {
    const token = await rig.token();
    rig.advance(59 * MINUTE);
    expect((await rig.graph('GET', '/users', undefined, { token })).status).toBe(200);
    rig.advance(MINUTE);
    const late = await rig.graph('GET', '/users', undefined, { token });
    expect([late.status, late.body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('shows new grants in new tokens only', async () => {
    await rig.contoso('permissions', { revoke: ['Domain.Read.All'] });
    const old = await rig.token();
    await rig.contoso('permissions', { grant: ['Domain.Read.All'] });
    expect((await rig.graph('GET', '/domains', undefined, { token: old })).status).toBe(403);
    expect((await rig.graph('GET', '/domains', undefined, { token: await rig.token() })).status).toBe(200);
  });
});
