import { createHash } from 'node:crypto';

import { addMs, HOUR } from '../lib/clock.js';
import { refuseApp } from './app-authentication.js';
import { tokenEndpointOf } from './discovery.js';
import { clientInfo, ID_TOKEN_SECONDS, idToken } from './id-token.js';
import { refuse, unknownTenant } from './login-answer.js';
import type { App, AuthorizationCode, Tenant, User } from './model.js';
import { json, type Reply } from './reply.js';
import { digest } from './secrets.js';
import { findTenant, isKnownIn, servicePrincipalOf, type World } from './world.js';

/** The token endpoint: an app's own tokens, and what a user's sign-in is exchanged for. */

const TOKEN_LIFETIME_MS = HOUR;

interface TokenRequest {
  readonly world: World;
  /** As the path names it: a tenant, or `organizations`. */
  readonly tenantName: string;
  readonly form: URLSearchParams;
  readonly origin: string;
}

export const answerToken = (request: TokenRequest): Reply => {
  const { world, form } = request;
  switch (form.get('grant_type')) {
    case 'client_credentials':
      return forApp(request);
    case 'authorization_code':
      return forCode(request);
    default:
      return refuse(world, 'wrongGrant', 'The app requested an unsupported grant type.');
  }
};

/** The app, if it proves itself and this tenant may know it. */
const identify = ({ world, tenantName, form, origin }: TokenRequest, tenant: Tenant): App | Reply => {
  const appId = (form.get('client_id') ?? '').toLowerCase();
  const app = world.apps.get(appId);
  if (app === undefined || !isKnownIn(app, tenant))
    return refuse(
      world,
      'unknownApp',
      `Application with identifier '${appId}' was not found in the directory '${tenant.displayName}'. It has not been installed by the administrator of the tenant.`,
    );
  const refusal = refuseApp(
    world,
    app,
    form,
    [tenantName, tenant.id].map((name) => tokenEndpointOf(origin, name)),
  );
  if (refusal !== undefined) return refusal;
  if (servicePrincipalOf(tenant, appId) === undefined)
    return refuse(
      world,
      'notConsented',
      `The client application ${appId} is missing service principal in the tenant ${tenant.id}.`,
    );
  return app;
};

const forApp = (request: TokenRequest): Reply => {
  const { world, tenantName, form } = request;
  const tenant = findTenant(world, tenantName);
  if (tenant === undefined) return unknownTenant(world, tenantName);
  const app = identify(request, tenant);
  if ('status' in app) return app;
  const scopes = form.get('scope')?.split(' ') ?? [];
  if (!scopes.some((scope) => scope.endsWith('/.default')))
    return refuse(
      world,
      'wrongScope',
      'The provided value for scope is not valid. Client credential flows must have a scope value with /.default.',
    );
  const seconds = TOKEN_LIFETIME_MS / 1_000;
  return json(200, {
    token_type: 'Bearer',
    expires_in: seconds,
    ext_expires_in: seconds,
    access_token: issueToken(world, tenant, app.appId),
  });
};

const issueToken = (world: World, tenant: Tenant, appId: string): string => {
  const token = `sandbox.${world.random.bytes(32).toString('base64url')}`;
  world.tokens.set(token, {
    tenantId: tenant.id,
    appId,
    expiresAt: addMs(world.clock.now(), TOKEN_LIFETIME_MS),
    permissions: new Set(servicePrincipalOf(tenant, appId)?.permissions),
  });
  return token;
};

const forCode = (request: TokenRequest): Reply => {
  const { world, form, tenantName } = request;
  const value = form.get('code');
  if (value === null)
    return refuse(world, 'missingParameter', "The request body must contain the following parameter: 'code'.");
  const code = world.codes.get(value);
  const tenant = code === undefined ? findTenant(world, tenantName) : world.tenants.get(code.tenantId);
  if (tenant === undefined) return unknownTenant(world, tenantName);
  const app = identify(request, tenant);
  if ('status' in app) return app;
  const isHere = tenantName === 'organizations' || findTenant(world, tenantName)?.id === tenant.id;
  if (code === undefined || code.appId !== app.appId || !isHere)
    return refuse(world, 'wrongCode', 'The provided value for the input parameter code is not valid.');
  const refusal = refuseCode(world, code, form);
  if (refusal !== undefined) return refusal;
  const user = tenant.users.get(code.userId);
  world.codes.set(value, { ...code, redeemed: true });
  if (user?.accountEnabled !== true) return refuse(world, 'disabledUser', 'The user account is disabled.');
  return json(200, signedIn(request, code, tenant, user));
};

const refuseCode = (world: World, code: AuthorizationCode, form: URLSearchParams): Reply | undefined => {
  if (code.redeemed)
    return refuse(
      world,
      'redeemedCode',
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    );
  if (world.clock.now() >= code.expiresAt)
    return refuse(world, 'expiredCode', 'The provided authorization code or refresh token has expired.');
  if (form.get('redirect_uri') !== code.redirectUri)
    return refuse(
      world,
      'wrongRedirect',
      `The reply address '${form.get('redirect_uri') ?? ''}' does not match the reply address '${code.redirectUri}' provided when requesting Authorization code.`,
    );
  const verifier = form.get('code_verifier');
  const challenge = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url');
  return challenge === code.challenge
    ? undefined
    : refuse(
        world,
        'wrongVerifier',
        'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
      );
};

/** The access token opens nothing here: what apps do in Graph, they do as themselves. */
const signedIn = (
  { world, form, origin }: TokenRequest,
  code: AuthorizationCode,
  tenant: Tenant,
  user: User,
): unknown => ({
  token_type: 'Bearer',
  scope: code.scope,
  expires_in: ID_TOKEN_SECONDS,
  ext_expires_in: ID_TOKEN_SECONDS,
  access_token: `sandbox-user.${digest(world.random.bytes(32).toString('hex'))}`,
  id_token: idToken(world, origin, { tenant, user, appId: code.appId, nonce: code.nonce, scope: code.scope }),
  ...(form.get('client_info') === '1' ? { client_info: clientInfo(tenant, user) } : {}),
});
