import { okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import type { App } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import type { AnyOf } from './permissions.js';
import { notFound } from './refusal.js';
import { extensionName } from './user-properties.js';

/** `/applications`: app registrations with their credentials, which only the tenant that they are registered in can see. */

export const READ_APPS: AnyOf = ['Application.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];

const KNOWN = new Set([
  'appId',
  'createdDateTime',
  'deletedDateTime',
  'displayName',
  'id',
  'identifierUris',
  'keyCredentials',
  'passwordCredentials',
  'publisherDomain',
  'signInAudience',
  'web',
]);

const FILTERABLE = new Set(['appId', 'displayName', 'id', 'signInAudience']);

const row = (call: GraphCall, app: App): Row => ({
  id: app.objectId,
  appId: app.appId,
  createdDateTime: call.tenant.createdDateTime,
  displayName: app.displayName,
  identifierUris: [],
  publisherDomain: call.tenant.domains.find(({ isInitial }) => isInitial)?.id ?? null,
  signInAudience: app.isMultitenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
  web: { redirectUris: app.redirectUris, homePageUrl: null, logoutUrl: null },
  // Shown once, when it is made: from then on a secret is only its first characters.
  passwordCredentials: app.secrets.map(({ keyId, displayName, hint, startsAt, endsAt }) => ({
    customKeyIdentifier: null,
    displayName,
    endDateTime: endsAt.toISOString(),
    hint,
    keyId,
    secretText: null,
    startDateTime: startsAt.toISOString(),
  })),
  keyCredentials: app.certificates.map(({ keyId, displayName, thumbprint, startsAt, endsAt }) => ({
    customKeyIdentifier: Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase(),
    displayName,
    endDateTime: endsAt.toISOString(),
    key: null,
    keyId,
    startDateTime: startsAt.toISOString(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  })),
});

const isHere = (call: GraphCall, app: App): boolean => app.homeTenantId === call.tenant.id;

const findApp = (call: GraphCall): App => {
  const wanted = (call.params.appId ?? param(call, 'application')).toLowerCase();
  const isWanted = ({ appId, objectId }: App): boolean =>
    (call.params.appId === undefined ? objectId : appId) === wanted;
  const app = [...call.world.apps.values()].find((each) => isWanted(each) && isHere(call, each));
  if (app === undefined) throw notFound(wanted);
  return app;
};

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, 'microsoft.graph.application', KNOWN);
  const filter = readFilter(call.query, FILTERABLE);
  const rows = [...call.world.apps.values()].filter((app) => isHere(call, app)).map((app) => row(call, app));
  return page(call, 'applications', rows.filter(filter.test), (each) => project(each, select));
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.application', KNOWN);
  return okay(withContext('applications/$entity', project(row(call, findApp(call)), select)));
};

const listExtensions = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$skiptoken']);
  const app = findApp(call);
  return page(call, 'applications/extensionProperties', app.extensionAttributes, (attribute) => ({
    id: `${app.objectId}.${attribute}`,
    appDisplayName: app.displayName,
    dataType: 'String',
    isMultiValued: false,
    isSyncedFromOnPremises: false,
    name: extensionName(app.appId, attribute),
    targetObjects: ['User'],
  }));
};

const listFederation = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$skiptoken']);
  return page(
    call,
    'applications/federatedIdentityCredentials',
    findApp(call).federatedCredentials,
    ({ id, name, issuer, subject, audience }) => ({
      id,
      name,
      issuer,
      subject,
      audiences: [audience],
      description: null,
    }),
  );
};

const APPLICATION = ['/applications/{application}', '/applications(appId)/{appId}'];

export const applicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/applications', needs: [READ_APPS], handle: list },
  ...APPLICATION.flatMap((path): Route[] => [
    { method: 'GET', path, needs: [READ_APPS], handle: read },
    { method: 'GET', path: `${path}/extensionProperties`, needs: [READ_APPS], handle: listExtensions },
    { method: 'GET', path: `${path}/federatedIdentityCredentials`, needs: [READ_APPS], handle: listFederation },
  ]),
];
