import { answerConsent } from './admin-consent.js';
import { answerAuthorize } from './authorize.js';
import { instanceDiscovery, openidConfiguration, signingKeys } from './discovery.js';
import type { Tenant } from './model.js';
import { json, type Reply } from './reply.js';
import { answerToken } from './token-endpoint.js';
import { findTenant, type World } from './world.js';

/** The login authority: discovery documents, consent, sign-in, and tokens for apps that prove themselves. */

export interface LoginRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The form that was posted. */
  readonly form: URLSearchParams;
  /** `https://host:port`, as the caller knows this server. */
  readonly origin: string;
}

/** The tenant that a login path names, for the request log. */
export const tenantOfLogin = (world: World, path: string): Tenant | undefined =>
  findTenant(world, path.split('/')[1] ?? '');

export const answerLogin = (world: World, { method, path, query, form, origin }: LoginRequest): Reply => {
  const [, tenantName = '', ...rest] = path.split('/');
  const tenantId = findTenant(world, tenantName)?.id ?? tenantName;

  switch (`${method} ${rest.join('/').toLowerCase()}`) {
    case 'GET discovery/instance':
      return instanceDiscovery(origin);
    // Described even where there is no such tenant: MSAL knows the real authority's endpoints by heart and meets the
    // refusal at the token endpoint, so here too that is where it has to come from.
    case 'GET v2.0/.well-known/openid-configuration':
      return openidConfiguration(origin, tenantId);
    case 'GET discovery/v2.0/keys':
      return signingKeys(world, origin, tenantId);
    case 'GET v2.0/adminconsent':
      return answerConsent(world, tenantName, query);
    case 'GET oauth2/v2.0/authorize':
      return answerAuthorize(world, tenantName, query);
    case 'POST oauth2/v2.0/token':
      return answerToken({ world, tenantName, form, origin });
    default:
      world.requests.countUnknown(`${method} ${path}`);
      return json(404, {
        error: 'not_found',
        error_description: `The local login authority does not know ${method} ${path}.`,
      });
  }
};
