import { ConfidentialClientApplication, CryptoProvider, type AuthenticationResult } from '@azure/msal-node';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { startLocalEntra, type LocalEntra } from '../../fakes/local-entra.js';

// Guarantee: Microsoft's own library signs a user in against the local login authority, and what Entra would refuse on
// the way is refused here with the same code.

const REDIRECT = 'http://localhost:3978/entra/sign-in/callback';
const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startLocalEntra(inject('sandboxFolder'));
});
beforeEach(() => entra.sandbox.reset());
afterAll(() => entra.sandbox.close());

const library = (tenant = 'organizations'): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: SANDBOX_APP.clientId,
      clientSecret: SANDBOX_APP.clientSecret,
      authority: `${entra.sandbox.url}/${tenant}`,
      knownAuthorities: [new URL(entra.sandbox.url).host],
    },
  });

interface Attempt {
  readonly msal: ConfidentialClientApplication;
  readonly verifier: string;
  readonly url: string;
}

const begin = async (tenant?: string, changes: Readonly<Record<string, string>> = {}): Promise<Attempt> => {
  const msal = library(tenant);
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = new URL(
    await msal.getAuthCodeUrl({
      scopes: ['openid', 'profile'],
      redirectUri: REDIRECT,
      state: 'once',
      nonce: 'number used once',
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    }),
  );
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  return { msal, verifier, url: url.toString() };
};

const visit = (url: string): Promise<Response> => fetch(url, { redirect: 'manual' });

/** Clicks the user on the page, as a browser would. */
const click = async ({ url }: Attempt, label: string): Promise<URL> => {
  const page = await (await visit(url)).text();
  const href = new RegExp(`<a href="([^"]+)">${label}</a>`).exec(page)?.[1] ?? '';
  const { headers } = await visit(new URL(href.replaceAll('&amp;', '&'), entra.sandbox.url).toString());
  return new URL(headers.get('location') ?? 'about:blank');
};

const redeem = (
  { msal, verifier }: Attempt,
  landing: URL,
  changes: { readonly codeVerifier?: string; readonly redirectUri?: string } = {},
): Promise<AuthenticationResult> =>
  msal.acquireTokenByCode(
    {
      code: landing.searchParams.get('code') ?? '',
      scopes: ['openid', 'profile'],
      redirectUri: REDIRECT,
      codeVerifier: verifier,
      ...changes,
    },
    { code: landing.searchParams.get('code') ?? '', nonce: 'number used once' },
  );

const refusalOf = async (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => 'none',
    (thrown: unknown) => /AADSTS\d+/.exec(String(thrown))?.[0],
  );

describe('signing in through the library', () => {
  it.each(['organizations', CONTOSO.id])(
    'by way of %s tells who it was, in which tenant, with which roles',
    async (via) => {
      const attempt = await begin(via);
      const landing = await click(attempt, 'grace@contoso.com');
      expect(landing.origin + landing.pathname).toBe(REDIRECT);
      expect(landing.searchParams.get('state')).toBe('once');
      expect(landing.searchParams.get('session_state')).not.toBeNull();
      const { idToken, idTokenClaims, account, tenantId } = await redeem(attempt, landing);
      expect(tenantId).toBe(CONTOSO.id);
      expect(account?.username).toBe('grace@contoso.com');
      expect(idTokenClaims).toMatchObject({ name: 'Grace Global', tid: CONTOSO.id, nonce: 'number used once' });

      const keys = createRemoteJWKSet(new URL(`${entra.sandbox.url}/${CONTOSO.id}/discovery/v2.0/keys`));
      const { payload } = await jwtVerify(idToken, keys, {
        audience: SANDBOX_APP.clientId,
        issuer: `${entra.sandbox.url}/${CONTOSO.id}/v2.0`,
        algorithms: ['RS256'],
      });
      expect(payload['wids']).toContain(GLOBAL_ADMINISTRATOR);
      expect(payload['oid']).toBe(idTokenClaims && 'oid' in idTokenClaims ? idTokenClaims.oid : undefined);
    },
  );

  it('names the tenant of the user, whichever tenant the app had in mind', async () => {
    const attempt = await begin();
    const { tenantId } = await redeem(attempt, await click(attempt, 'gil@fabrikam.com'));
    expect(tenantId).toBe(FABRIKAM.id);
  });

  it('takes each code once, for ten minutes, from the one who asked for it', async () => {
    const attempt = await begin();
    const landing = await click(attempt, 'grace@contoso.com');
    const other = await begin();
    expect(await refusalOf(redeem(attempt, landing, { codeVerifier: other.verifier }))).toBe('AADSTS501481');
    expect(await refusalOf(redeem(attempt, landing, { redirectUri: `${REDIRECT}2` }))).toBe('AADSTS500112');
    await redeem(attempt, landing);
    expect(await refusalOf(redeem(attempt, landing))).toBe('AADSTS54005');
    const late = await click(attempt, 'grace@contoso.com');
    entra.pass(10 * MINUTE);
    expect(await refusalOf(redeem(attempt, late))).toBe('AADSTS70008');
  });

  it('refuses a code in another tenant than its own', async () => {
    const attempt = await begin();
    const landing = await click(attempt, 'grace@contoso.com');
    const swapped = { ...attempt, msal: library(FABRIKAM.id) };
    expect(await refusalOf(redeem(swapped, landing))).toBe('AADSTS70000');
  });

  it('refuses whoever was disabled between the click and the code', async () => {
    const attempt = await begin();
    const landing = await click(attempt, 'alex@contoso.com');
    const { world } = entra.sandbox;
    changeTenant(world, CONTOSO.id, 'users', { userPrincipalName: 'alex@contoso.com', accountEnabled: false });
    expect(await refusalOf(redeem(attempt, landing))).toBe('AADSTS50057');
  });

  it('brings an app that nobody let in yet no permissions', async () => {
    const { world } = entra.sandbox;
    changeTenant(world, CONTOSO.id, 'consent', { granted: false });
    const attempt = await begin();
    await redeem(attempt, await click(attempt, 'megan@contoso.com'));
    const [principal] = world.tenants.get(CONTOSO.id)?.servicePrincipals.withKey(SANDBOX_APP.clientId) ?? [];
    expect(principal?.permissions).toEqual([]);
  });
});

describe('the page', () => {
  it('says so when the user turns back', async () => {
    const { searchParams } = await click(await begin(), 'Cancel');
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['access_denied', 'once']);
  });

  it('can be passed by plain HTTP, with the user among the parameters', async () => {
    const { url } = await begin(CONTOSO.id, { user: 'megan@contoso.com' });
    expect((await visit(url)).headers.get('location')).toContain('code=');
  });

  it('posts the answer where a form is wanted', async () => {
    const { url } = await begin(CONTOSO.id, { user: 'megan@contoso.com', response_mode: 'form_post' });
    const page = await (await visit(url)).text();
    expect(page).toContain(`<form method="post" action="${REDIRECT}">`);
    expect(page).toContain('name="code"');
  });

  it.each([
    ['another address', 'organizations', { redirect_uri: 'http://localhost:3978/elsewhere' }, 'AADSTS50011'],
    ['an app that nobody knows', 'organizations', { client_id: CONTOSO.id }, 'AADSTS700016'],
    ['a tenant that nobody knows', 'nobody.example', {}, 'AADSTS90002'],
    ['a user of another tenant', CONTOSO.id, { user: 'gil@fabrikam.com' }, 'AADSTS50020'],
  ])('refuses %s itself, and sends nobody anywhere', async (_, tenant, changes, code) => {
    const { url } = await begin('organizations', changes);
    const answer = await visit(url.replace('/organizations/', `/${tenant}/`));
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(await answer.text()).toContain(code);
  });

  it.each([
    ['no session', { prompt: 'none' }, 'login_required'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a challenge in the clear', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a scope without sign-in', { scope: 'profile' }, 'invalid_request'],
  ])('sends %s back as an error', async (_, changes, error) => {
    const { headers } = await visit((await begin(undefined, changes)).url);
    expect(new URL(headers.get('location') ?? 'about:blank').searchParams.get('error')).toBe(error);
  });
});
