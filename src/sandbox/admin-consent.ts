import type { App, Tenant } from './model.js';
import { SANDBOX_APPS } from './seed.js';
import { consentTo } from './tenant-builder.js';
import { findTenant, servicePrincipalOf, type World } from './world.js';

/** The page on which an administrator lets an app into a tenant. Nobody signs in: who clicks is the administrator. */

export type ConsentAnswer =
  | { readonly kind: 'page'; readonly status: number; readonly html: string }
  | { readonly kind: 'redirect'; readonly location: string };

interface Demand {
  readonly app: App;
  readonly redirectUri: URL;
  readonly scope: string;
  readonly state: string | null;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const htmlPage = (status: number, title: string, content: string): ConsentAnswer => ({
  kind: 'page',
  status,
  html: `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}li{margin:.5rem 0}</style></head>
<body><h1>${escape(title)}</h1>${content}</body></html>
`,
});

const refuse = (code: string, message: string): ConsentAnswer =>
  htmlPage(400, 'Consent cannot be asked for', `<p>${escape(`${code}: ${message}`)}</p>`);

const parseUrl = (text: string | null): URL | undefined =>
  text !== null && URL.canParse(text) ? new URL(text) : undefined;

const readDemand = (world: World, query: URLSearchParams): Demand | ConsentAnswer => {
  const clientId = query.get('client_id') ?? '';
  const app = world.apps.get(clientId.toLowerCase());
  const redirectUri = parseUrl(query.get('redirect_uri'));
  const scope = query.get('scope') ?? '';
  if (app === undefined) return refuse('AADSTS700016', `Application with identifier '${clientId}' was not found.`);
  if (redirectUri === undefined) return refuse('AADSTS50011', 'The redirect URI is missing or no address.');
  if (!scope.split(' ').some((each) => each.endsWith('/.default')))
    return refuse('AADSTS900144', "Application permissions are asked for with the scope '/.default'.");
  return { app, redirectUri, scope, state: query.get('state') };
};

/** Entra says `admin_consent=True` when it was refused, too: only `error` tells. */
const backTo = ({ redirectUri, state }: Demand, answer: Readonly<Record<string, string>>): ConsentAnswer => {
  const location = new URL(redirectUri);
  const parameters = { admin_consent: 'True', ...(state === null ? {} : { state }), ...answer };
  for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
  return { kind: 'redirect', location: location.toString() };
};

const accept = (tenant: Tenant, demand: Demand): ConsentAnswer => {
  const seed = SANDBOX_APPS.find((each) => each.clientId === demand.app.appId);
  if (seed !== undefined && servicePrincipalOf(tenant, seed.clientId) === undefined) consentTo(tenant, seed);
  return backTo(demand, { tenant: tenant.id, scope: demand.scope });
};

const cancel = (demand: Demand): ConsentAnswer =>
  backTo(demand, {
    error: 'access_denied',
    error_description: 'AADSTS65004: User declined to consent to access the app.',
  });

const choice = (query: URLSearchParams, tenantId: string, decision: 'accept' | 'cancel', label: string): string => {
  const next = new URLSearchParams(query);
  next.set('decision', decision);
  return `<a href="${escape(`/${tenantId}/v2.0/adminconsent?${next.toString()}`)}">${escape(label)}</a>`;
};

const askPage = (query: URLSearchParams, tenants: readonly Tenant[], { app }: Demand): ConsentAnswer => {
  const items = tenants.map(
    ({ id, displayName }) =>
      `<li>${escape(displayName)}: ${choice(query, id, 'accept', `Accept for ${displayName}`)} · ${choice(query, id, 'cancel', 'Cancel')}</li>`,
  );
  return htmlPage(200, `${app.displayName} asks for permission`, `<ul>${items.join('')}</ul>`);
};

/** `tenantName`: a tenant, or `organizations` for whichever the administrator belongs to. */
export const answerConsent = (world: World, tenantName: string, query: URLSearchParams): ConsentAnswer => {
  const demand = readDemand(world, query);
  if ('kind' in demand) return demand;
  const tenant = findTenant(world, tenantName);
  const tenants = tenantName === 'organizations' ? [...world.tenants.values()] : tenant === undefined ? [] : [tenant];
  if (tenants.length === 0) return refuse('AADSTS90002', `Tenant '${tenantName}' not found.`);
  if (tenant === undefined) return askPage(query, tenants, demand);
  const decision = query.get('decision');
  if (decision === 'accept') return accept(tenant, demand);
  return decision === 'cancel' ? cancel(demand) : askPage(query, tenants, demand);
};
