import { addMs, MINUTE } from '../lib/clock.js';
import { guid } from './guid.js';
import { escape, htmlPage, link } from './html.js';
import { redirect, refusePage, showPage } from './login-answer.js';
import type { App, Tenant, User } from './model.js';
import { isRegistered, withParameters } from './redirect-uri.js';
import type { Reply } from './reply.js';
import { consentTo } from './tenant-builder.js';
import { findTenant, isKnownIn, servicePrincipalOf, type World } from './world.js';

/** The page on which a user signs in to an app. Nobody types a password: who is clicked is who signs in. */

const CODE_LIFETIME_MS = 10 * MINUTE;

interface Demand {
  readonly app: App;
  readonly redirectUri: string;
  readonly isForm: boolean;
  readonly query: URLSearchParams;
  readonly tenants: readonly Tenant[];
}

/**
 * `tenantName`: a tenant, or `organizations` for whichever the user belongs to. With `user` (an id or user principal
 * name) or `decision=cancel` among the parameters, the click is done already.
 */
export const answerAuthorize = (world: World, tenantName: string, query: URLSearchParams): Reply => {
  const demand = readDemand(world, tenantName, query);
  if ('status' in demand) return demand;
  const refusal = refuseParameters(demand);
  if (refusal !== undefined) return refusal;
  if (query.get('decision') === 'cancel')
    return sendBack(demand, {
      error: 'access_denied',
      error_description: 'AADSTS65004: User declined to consent to access the app.',
    });
  const wanted = query.get('user');
  if (wanted !== null) return signIn(world, demand, wanted);
  // Nobody has a session here, so nothing can happen without a page.
  return query.get('prompt') === 'none'
    ? sendBack(demand, { error: 'login_required', error_description: 'AADSTS50058: No user is signed in.' })
    : askPage(demand, tenantName);
};

const readDemand = (world: World, tenantName: string, query: URLSearchParams): Demand | Reply => {
  const clientId = query.get('client_id') ?? '';
  const app = world.apps.get(clientId.toLowerCase());
  const tenant = findTenant(world, tenantName);
  if (tenant === undefined && tenantName !== 'organizations')
    return refusePage('AADSTS90002', `Tenant '${tenantName}' not found.`);
  if (app === undefined || (tenant !== undefined && !isKnownIn(app, tenant)))
    return refusePage('AADSTS700016', `Application with identifier '${clientId}' was not found.`);
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!isRegistered(app, redirectUri))
    return refusePage(
      'AADSTS50011',
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${app.appId}'.`,
    );
  if (tenant === undefined && !app.isMultitenant)
    return refusePage('AADSTS50194', `Application '${app.appId}' is not configured as a multi-tenant application.`);
  const tenants = tenant === undefined ? [...world.tenants.values()] : [tenant];
  return { app, redirectUri, isForm: query.get('response_mode') === 'form_post', query, tenants };
};

const refuseParameters = (demand: Demand): Reply | undefined => {
  const { query } = demand;
  const refusal = (error: string, error_description: string): Reply => sendBack(demand, { error, error_description });
  if (query.get('response_type') !== 'code')
    return refusal('unsupported_response_type', 'AADSTS700054: The response_type is not enabled for the application.');
  if (!['query', 'form_post', null].includes(query.get('response_mode')))
    return refusal('invalid_request', 'AADSTS90014: The response_mode is not supported for the response_type.');
  if (!(query.get('scope') ?? '').split(' ').includes('openid'))
    return refusal('invalid_request', "AADSTS900144: The request must contain the scope 'openid'.");
  const method = query.get('code_challenge_method');
  if (query.get('code_challenge') !== null && method !== 'S256')
    return refusal('invalid_request', 'AADSTS501491: The code_challenge_method must be S256.');
  return undefined;
};

const findUser = ({ tenants }: Demand, wanted: string): { tenant: Tenant; user: User } | undefined => {
  for (const tenant of tenants) {
    const user = tenant.users.get(wanted.toLowerCase()) ?? tenant.users.withKey(wanted.toLowerCase())[0];
    if (user !== undefined) return { tenant, user };
  }
  return undefined;
};

const signIn = (world: World, demand: Demand, wanted: string): Reply => {
  const { app, query, redirectUri } = demand;
  const found = findUser(demand, wanted);
  if (found === undefined) return refusePage('AADSTS50020', `User account '${wanted}' does not exist in the tenant.`);
  const { tenant, user } = found;
  if (!user.accountEnabled) return refusePage('AADSTS50057', 'The user account is disabled.');
  // To learn who somebody is, an app needs no administrator: users let it in themselves, with no permission of its own.
  if (servicePrincipalOf(tenant, app.appId) === undefined) consentTo(tenant, app, []);
  const code = `sandbox-code.${world.random.bytes(32).toString('base64url')}`;
  world.codes.set(code, {
    tenantId: tenant.id,
    appId: app.appId,
    userId: user.id,
    redirectUri,
    scope: query.get('scope') ?? '',
    nonce: query.get('nonce'),
    challenge: query.get('code_challenge'),
    expiresAt: addMs(world.clock.now(), CODE_LIFETIME_MS),
    redeemed: false,
  });
  return sendBack(demand, { code, session_state: guid(world.random) });
};

const sendBack = ({ query, redirectUri, isForm }: Demand, answer: Readonly<Record<string, string>>): Reply => {
  const state = query.get('state');
  const parameters = { ...answer, ...(state === null ? {} : { state }) };
  return isForm ? formPage(redirectUri, parameters) : redirect(withParameters(redirectUri, parameters));
};

const formPage = (action: string, parameters: Readonly<Record<string, string>>): Reply => {
  const fields = Object.entries(parameters).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  return showPage(
    htmlPage(
      'Working…',
      `<form method="post" action="${escape(action)}">${fields.join('')}<button>Continue</button></form><script>document.forms[0].submit()</script>`,
    ),
  );
};

const askPage = ({ app, query, tenants }: Demand, tenantName: string): Reply => {
  const choice = (name: string, value: string, label: string): string => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    return link(`/${tenantName}/oauth2/v2.0/authorize?${next.toString()}`, label);
  };
  const sections = tenants.map((tenant) => {
    const users = tenant.users.all().filter(({ accountEnabled }) => accountEnabled);
    const items = users.map(({ id, userPrincipalName }) => `<li>${choice('user', id, userPrincipalName)}</li>`);
    return `<h2>${escape(tenant.displayName)}</h2><ul>${items.join('')}</ul>`;
  });
  return showPage(
    htmlPage(`Sign in to ${app.displayName}`, `${sections.join('')}<p>${choice('decision', 'cancel', 'Cancel')}</p>`),
  );
};
