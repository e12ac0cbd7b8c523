import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { startRig, type Answer, type Rig } from './rig.js';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
beforeEach(async () => {
  await rig.reset();
  await rig.contoso('consent', { granted: false });
});
afterAll(() => rig.close());

const demand = {
  client_id: SANDBOX_APP.clientId,
  redirect_uri: 'http://localhost:3978/entra/consent/callback',
  scope: 'https://graph.microsoft.com/.default',
  state: 'once <only>',
};

const ask = (tenant: string, changes: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  rig.login('GET', `/${tenant}/v2.0/adminconsent?${new URLSearchParams({ ...demand, ...changes }).toString()}`);

/** Follows the link with this label, as a browser would. */
const click = (page: Answer, label: string): Promise<Answer> => {
  const link = new RegExp(`<a href="([^"]+)">${label}</a>`).exec(page.text)?.[1] ?? '';
  return rig.login('GET', link.replaceAll('&amp;', '&'));
};

const landing = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(new URL(String(headers['location'])).searchParams);

const mayEnter = async (): Promise<boolean> => {
  const form = { ...demand, grant_type: 'client_credentials', client_secret: SANDBOX_APP.clientSecret };
  return (await rig.login('POST', '/contoso.com/oauth2/v2.0/token', form)).status === 200;
};

describe('admin consent', () => {
  it('lets the app in and sends the browser back with tenant and state', async () => {
    expect(await mayEnter()).toBe(false);
    const answer = await click(await ask('organizations'), 'Accept for Contoso');
    expect(answer.status).toBe(302);
    expect(landing(answer)).toEqual({
      admin_consent: 'True',
      tenant: CONTOSO.id,
      state: demand.state,
      scope: demand.scope,
    });
    expect(await mayEnter()).toBe(true);
  });

  it('brings the app in without any directory role, as Entra does', async () => {
    await click(await ask('organizations'), 'Accept for Contoso');
    const { tenants } = (await rig.control('GET', 'state')).body;
    const principal = tenants[0].servicePrincipals.find(
      (each: { appId: string }) => each.appId === SANDBOX_APP.clientId,
    );
    expect(principal).toMatchObject({ permissions: SANDBOX_APP.permissions, roles: [] });
  });

  it('says admin_consent=True even when declined, with the error that counts', async () => {
    const answer = await click(await ask('contoso.com'), 'Cancel');
    expect(landing(answer)).toMatchObject({ admin_consent: 'True', error: 'access_denied', state: demand.state });
    expect(await mayEnter()).toBe(false);
  });

  it('offers only the tenant that was named', async () => {
    const page = await ask(FABRIKAM.id);
    expect(page.text).toContain('Accept for Fabrikam');
    expect(page.text).not.toContain('Contoso');
  });

  it.each([
    ['common', {}],
    ['nobody.example', {}],
    ['organizations', { client_id: 'nobody' }],
    ['organizations', { scope: 'User.Read' }],
    ['organizations', { redirect_uri: 'nowhere' }],
    ['organizations', { redirect_uri: 'http://localhost:3978/elsewhere' }],
    ['organizations', { redirect_uri: 'https://evil.example/entra/consent/callback' }],
  ])('refuses %s with %j on a page, and redirects nowhere', async (tenant, changes) => {
    const page = await ask(tenant, changes);
    expect(page.status).toBe(400);
    expect(page.headers).not.toHaveProperty('location');
    expect(page.text).toContain('AADSTS');
  });
});
