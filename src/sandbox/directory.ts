import { READ_APPS } from './applications.js';
import { fixedId } from './fixed-id.js';
import { okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import type { Domain, ServicePrincipal } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { GRAPH_APP_ID, GRAPH_PERMISSIONS, isPermission, type AnyOf } from './permissions.js';
import { notFound } from './refusal.js';
import { servicePrincipalOf } from './world.js';

/** What a tenant says of itself: organization, domains, and which app was granted what. */

const READ_ORGANIZATION: AnyOf = ['Organization.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const READ_DOMAINS: AnyOf = ['Domain.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];

const domainRow = (domain: Domain): Row => ({
  ...domain,
  isAdminManaged: true,
  isRoot: true,
  supportedServices: ['Email', 'OfficeCommunicationsOnline'],
});

const listDomains = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$skiptoken']);
  return page(call, 'domains', call.tenant.domains, domainRow);
};

const readDomain = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  const domain = call.tenant.domains.find((each) => each.id === param(call, 'domain').toLowerCase());
  if (domain === undefined) throw notFound(param(call, 'domain'));
  return okay(withContext('domains/$entity', domainRow(domain)));
};

const listOrganization = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  const { tenant } = call;
  const row: Row = {
    id: tenant.id,
    displayName: tenant.displayName,
    createdDateTime: tenant.createdDateTime,
    tenantType: 'AAD',
    verifiedDomains: tenant.domains
      .filter((domain) => domain.isVerified)
      .map((domain) => ({
        name: domain.id,
        isDefault: domain.isDefault,
        isInitial: domain.isInitial,
        type: domain.authenticationType,
      })),
  };
  return page(call, 'organization', [row], (each) => each);
};

// Every tenant has this service principal, so it needs no row, only an id that stays.
const graphPrincipalId = (tenantId: string): string => fixedId('Microsoft Graph', tenantId);

const graphPrincipalRow = (tenantId: string): Row => ({
  id: graphPrincipalId(tenantId),
  appId: GRAPH_APP_ID,
  displayName: 'Microsoft Graph',
  accountEnabled: true,
  servicePrincipalType: 'Application',
  appRoles: Object.entries(GRAPH_PERMISSIONS).map(([value, id]) => ({
    id,
    value,
    displayName: value,
    allowedMemberTypes: ['Application'],
    isEnabled: true,
  })),
});

const principalRow = (principal: ServicePrincipal): Row => ({
  id: principal.id,
  appId: principal.appId,
  displayName: principal.displayName,
  accountEnabled: true,
  servicePrincipalType: 'Application',
  appRoles: [],
});

export const findPrincipal = (call: GraphCall): ServicePrincipal => {
  const { tenant } = call;
  const principal =
    call.params.appId === undefined
      ? tenant.servicePrincipals.get(param(call, 'principal').toLowerCase())
      : servicePrincipalOf(tenant, call.params.appId.toLowerCase());
  if (principal === undefined) throw notFound(call.params.appId ?? param(call, 'principal'));
  return principal;
};

const isGraph = (call: GraphCall): boolean =>
  call.params.appId?.toLowerCase() === GRAPH_APP_ID || call.params.principal === graphPrincipalId(call.tenant.id);

const KNOWN = new Set(['accountEnabled', 'appId', 'appRoles', 'displayName', 'id', 'servicePrincipalType']);
const FILTERABLE = new Set(['accountEnabled', 'appId', 'displayName', 'id', 'servicePrincipalType']);

const readPrincipal = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.servicePrincipal', KNOWN);
  const row = isGraph(call) ? graphPrincipalRow(call.tenant.id) : principalRow(findPrincipal(call));
  return okay(withContext('servicePrincipals/$entity', project(row, select)));
};

const listPrincipals = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, 'microsoft.graph.servicePrincipal', KNOWN);
  const filter = readFilter(call.query, FILTERABLE);
  const rows = [graphPrincipalRow(call.tenant.id), ...call.tenant.servicePrincipals.all(call.readAt).map(principalRow)];
  return page(call, 'servicePrincipals', rows.filter(filter.test), (row) => project(row, select));
};

const assignmentRow = (call: GraphCall, principal: ServicePrincipal, appRoleId: string): Row => ({
  id: `${principal.id.replaceAll('-', '')}${appRoleId.slice(0, 8)}`,
  appRoleId,
  createdDateTime: call.tenant.createdDateTime,
  principalDisplayName: principal.displayName,
  principalId: principal.id,
  principalType: 'ServicePrincipal',
  resourceDisplayName: 'Microsoft Graph',
  resourceId: graphPrincipalId(call.tenant.id),
});

const listGrants = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$skiptoken']);
  if (isGraph(call)) return page(call, 'appRoleAssignments', [], (row) => row);
  const principal = findPrincipal(call);
  const ids = principal.permissions.flatMap((name) => (isPermission(name) ? [GRAPH_PERMISSIONS[name]] : []));
  return page(call, 'appRoleAssignments', ids, (id) => assignmentRow(call, principal, id));
};

const PRINCIPALS = ['/servicePrincipals/{principal}', '/servicePrincipals(appId)/{appId}'];

export const directoryRoutes: readonly Route[] = [
  { method: 'GET', path: '/organization', needs: [READ_ORGANIZATION], handle: listOrganization },
  { method: 'GET', path: '/domains', needs: [READ_DOMAINS], handle: listDomains },
  { method: 'GET', path: '/domains/{domain}', needs: [READ_DOMAINS], handle: readDomain },
  { method: 'GET', path: '/servicePrincipals', needs: [READ_APPS], handle: listPrincipals },
  ...PRINCIPALS.flatMap((path): Route[] => [
    { method: 'GET', path, needs: [READ_APPS], handle: readPrincipal },
    { method: 'GET', path: `${path}/appRoleAssignments`, needs: [READ_APPS], handle: listGrants },
  ]),
];
