import { addMs, HOUR } from '../lib/clock.js';
import type { AccessToken, App, Tenant } from './model.js';
import { guid } from './guid.js';
import { matches } from './secrets.js';
import { findTenant, servicePrincipalOf, type World } from './world.js';

/** The login authority: discovery documents, and tokens for apps that prove themselves. */

export interface LoginRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** The form that was posted. */
  readonly form: URLSearchParams;
  /** `https://host:port`, as the caller knows this server. */
  readonly origin: string;
}

export interface LoginAnswer {
  readonly status: number;
  readonly body: unknown;
}

const TOKEN_LIFETIME_MS = HOUR;

const ERRORS = {
  unknownTenant: { status: 400, error: 'invalid_tenant', number: 90002 },
  unknownApp: { status: 400, error: 'unauthorized_client', number: 700016 },
  wrongSecret: { status: 401, error: 'invalid_client', number: 7000215 },
  wrongAssertion: { status: 401, error: 'invalid_client', number: 700027 },
  noCredential: { status: 401, error: 'invalid_client', number: 7000218 },
  wrongGrant: { status: 400, error: 'unsupported_grant_type', number: 70003 },
  wrongScope: { status: 400, error: 'invalid_scope', number: 1002012 },
} as const;

const failure = (world: World, kind: keyof typeof ERRORS, message: string): LoginAnswer => {
  const { status, error, number } = ERRORS[kind];
  const timestamp = `${world.clock.now().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trace = guid(world.random);
  const correlation = guid(world.random);
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${number}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
    },
  };
};

const unknownTenant = (world: World, name: string): LoginAnswer =>
  failure(world, 'unknownTenant', `Tenant '${name}' not found. Check to make sure you have the correct tenant ID.`);

const instanceDiscovery = (origin: string): LoginAnswer => {
  const { host } = new URL(origin);
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
};

const openidConfiguration = (origin: string, tenantId: string): LoginAnswer => ({
  status: 200,
  body: {
    issuer: `${origin}/${tenantId}/v2.0`,
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenantId}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    response_types_supported: ['code', 'id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).host,
  },
});

const jwtPart = (part: string | undefined): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Structure only: the sandbox knows neither certificates nor federated issuers to check a signature with. */
const isPlausibleAssertion = (world: World, assertion: string, app: App): boolean => {
  const [header, payload, signature] = assertion.split('.');
  const claims = jwtPart(payload);
  if (claims === undefined || typeof jwtPart(header)?.alg !== 'string' || (signature ?? '') === '') return false;
  const isLive = typeof claims.exp === 'number' && claims.exp * 1_000 > world.clock.now().getTime();
  const isOwn = claims.iss === app.appId;
  return (
    isLive && (isOwn ? claims.sub === app.appId : typeof claims.iss === 'string' && typeof claims.sub === 'string')
  );
};

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const checkCredential = (world: World, form: URLSearchParams, app: App): LoginAnswer | undefined => {
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (secret !== null)
    return matches(secret, app.secretDigest)
      ? undefined
      : failure(
          world,
          'wrongSecret',
          `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value for app '${app.appId}'.`,
        );
  if (assertion === null || form.get('client_assertion_type') !== JWT_BEARER)
    return failure(world, 'noCredential', "The request body must contain 'client_assertion' or 'client_secret'.");
  return isPlausibleAssertion(world, assertion, app)
    ? undefined
    : failure(world, 'wrongAssertion', 'The client assertion failed validation.');
};

/** A token for this app in this tenant; undefined while the tenant does not consent to it. */
const issueToken = (world: World, tenant: Tenant, appId: string): string | undefined => {
  const principal = servicePrincipalOf(tenant, appId);
  if (principal === undefined) return undefined;
  const token = `sandbox.${world.random.bytes(32).toString('base64url')}`;
  const expiresAt = addMs(world.clock.now(), TOKEN_LIFETIME_MS);
  const accessToken: AccessToken = {
    tenantId: tenant.id,
    appId,
    expiresAt,
    permissions: new Set(principal.permissions),
  };
  world.tokens.set(token, accessToken);
  return token;
};

const answerToken = (world: World, tenant: Tenant, form: URLSearchParams): LoginAnswer => {
  if (form.get('grant_type') !== 'client_credentials')
    return failure(world, 'wrongGrant', 'The app requested an unsupported grant type.');
  const appId = (form.get('client_id') ?? '').toLowerCase();
  const app = world.apps.get(appId);
  if (app === undefined || servicePrincipalOf(tenant, appId) === undefined)
    return failure(
      world,
      'unknownApp',
      `Application with identifier '${appId}' was not found in the directory '${tenant.displayName}'. It has not been installed by the administrator of the tenant.`,
    );
  const refusal = checkCredential(world, form, app);
  if (refusal !== undefined) return refusal;
  if (
    form
      .get('scope')
      ?.split(' ')
      .some((scope) => scope.endsWith('/.default')) !== true
  )
    return failure(
      world,
      'wrongScope',
      'The provided value for scope is not valid. Client credential flows must have a scope value with /.default.',
    );
  const seconds = TOKEN_LIFETIME_MS / 1_000;
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: issueToken(world, tenant, appId),
    },
  };
};

/** The tenant that a login path names, for the request log. */
export const tenantOfLogin = (world: World, path: string): Tenant | undefined =>
  findTenant(world, path.split('/')[1] ?? '');

export const answerLogin = (world: World, request: LoginRequest): LoginAnswer => {
  const [, tenantName = '', ...rest] = request.path.split('/');
  const operation = `${request.method} ${rest.join('/').toLowerCase()}`;
  const tenant = findTenant(world, tenantName);

  if (operation === 'GET discovery/instance') return instanceDiscovery(request.origin);
  // Described even where there is no such tenant: MSAL knows the real authority's endpoints by heart and meets the
  // refusal at the token endpoint, so here too that is where it has to come from.
  if (operation === 'GET v2.0/.well-known/openid-configuration')
    return openidConfiguration(request.origin, tenant?.id ?? tenantName);
  if (operation === 'GET discovery/v2.0/keys') return { status: 200, body: { keys: [] } };
  if (operation === 'POST oauth2/v2.0/token')
    return tenant === undefined ? unknownTenant(world, tenantName) : answerToken(world, tenant, request.form);

  world.requests.countUnknown(`${request.method} ${request.path}`);
  return {
    status: 404,
    body: {
      error: 'not_found',
      error_description: `The local login authority does not know ${request.method} ${request.path}.`,
    },
  };
};
