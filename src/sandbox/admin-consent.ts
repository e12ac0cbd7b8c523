import { escape, htmlPage, link } from './html.js';
import { redirect, refusePage, showPage } from './login-answer.js';
import type { App, Tenant } from './model.js';
import { isRegistered, withParameters } from './redirect-uri.js';
import type { Reply } from './reply.js';
import { consentTo } from './tenant-builder.js';
import { findTenant, isKnownIn, type World } from './world.js';

/** The page on which an administrator lets an app into a tenant. Nobody signs in: who clicks is the administrator. */

interface Demand {
  readonly app: App;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string | null;
}

const readDemand = (world: World, query: URLSearchParams): Demand | Reply => {
  const clientId = query.get('client_id') ?? '';
  const app = world.apps.get(clientId.toLowerCase());
  const redirectUri = query.get('redirect_uri') ?? '';
  const scope = query.get('scope') ?? '';
  if (app === undefined)
    return refusePage('AADSTS700016', `Application with identifier '${clientId}' was not found in the directory.`);
  if (!isRegistered(app, redirectUri))
    return refusePage(
      'AADSTS50011',
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${app.appId}'.`,
    );
  if (!scope.split(' ').some((each) => each.endsWith('/.default')))
    return refusePage('AADSTS900144', "Application permissions are asked for with the scope '/.default'.");
  return { app, redirectUri, scope, state: query.get('state') };
};

/** Entra says `admin_consent=True` when it was refused, too: only `error` tells. */
const backTo = ({ redirectUri, state }: Demand, answer: Readonly<Record<string, string>>): Reply =>
  redirect(withParameters(redirectUri, { admin_consent: 'True', ...(state === null ? {} : { state }), ...answer }));

/** Grants what the app asks for now, also where it was let in before with less. */
const accept = (tenant: Tenant, demand: Demand): Reply => {
  consentTo(tenant, demand.app);
  return backTo(demand, { tenant: tenant.id, scope: demand.scope });
};

const cancel = (demand: Demand): Reply =>
  backTo(demand, {
    error: 'access_denied',
    error_description: 'AADSTS65004: User declined to consent to access the app.',
  });

const choice = (query: URLSearchParams, tenantId: string, decision: 'accept' | 'cancel', label: string): string => {
  const next = new URLSearchParams(query);
  next.set('decision', decision);
  return link(`/${tenantId}/v2.0/adminconsent?${next.toString()}`, label);
};

const askPage = (query: URLSearchParams, tenants: readonly Tenant[], { app }: Demand): Reply => {
  const items = tenants.map(
    ({ id, displayName }) =>
      `<li>${escape(displayName)}: ${choice(query, id, 'accept', `Accept for ${displayName}`)} · ${choice(query, id, 'cancel', 'Cancel')}</li>`,
  );
  return showPage(htmlPage(`${app.displayName} asks for permission`, `<ul>${items.join('')}</ul>`));
};

/** `tenantName`: a tenant, or `organizations` for whichever the administrator belongs to. */
export const answerConsent = (world: World, tenantName: string, query: URLSearchParams): Reply => {
  const demand = readDemand(world, query);
  if ('status' in demand) return demand;
  const tenant = findTenant(world, tenantName);
  const all = tenantName === 'organizations' ? [...world.tenants.values()] : tenant === undefined ? [] : [tenant];
  if (all.length === 0) return refusePage('AADSTS90002', `Tenant '${tenantName}' not found.`);
  const tenants = all.filter((each) => isKnownIn(demand.app, each));
  if (tenants.length === 0)
    return refusePage(
      'AADSTS700016',
      `Application with identifier '${demand.app.appId}' was not found in the directory.`,
    );
  if (tenant === undefined) return askPage(query, tenants, demand);
  const decision = query.get('decision');
  if (decision === 'accept') return accept(tenant, demand);
  return decision === 'cancel' ? cancel(demand) : askPage(query, tenants, demand);
};
