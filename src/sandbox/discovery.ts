import { json, type Reply } from './reply.js';
import type { World } from './world.js';

/** What the login authority says of itself. */

export const instanceDiscovery = (origin: string): Reply => {
  const { host } = new URL(origin);
  return json(200, {
    tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  });
};

// Whoever comes without a tenant is told the form of the issuer, not the issuer.
const NAMES_NO_TENANT = ['organizations', 'common', 'consumers'];

export const issuerOf = (origin: string, tenantId: string): string => `${origin}/${tenantId}/v2.0`;

export const tokenEndpointOf = (origin: string, tenantId: string): string => `${origin}/${tenantId}/oauth2/v2.0/token`;

export const openidConfiguration = (origin: string, tenantId: string): Reply =>
  json(200, {
    issuer: issuerOf(origin, NAMES_NO_TENANT.includes(tenantId) ? '{tenantid}' : tenantId),
    authorization_endpoint: `${origin}/${tenantId}/oauth2/v2.0/authorize`,
    token_endpoint: tokenEndpointOf(origin, tenantId),
    jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    end_session_endpoint: `${origin}/${tenantId}/oauth2/v2.0/logout`,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    response_modes_supported: ['query', 'form_post'],
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: 'sub iss aud exp iat nbf nonce tid oid ver name preferred_username wids'.split(' '),
    request_uri_parameter_supported: false,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(origin).host,
  });

export const signingKeys = (world: World, origin: string, tenantId: string): Reply =>
  json(200, { keys: [{ ...world.signer.publicJwk(), issuer: issuerOf(origin, tenantId) }] });
