import { okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import type { LoggedChange, LoggedSignIn, Tenant } from './model.js';
import { checkOptions, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import type { AnyOf } from './permissions.js';
import { GraphRefusal, notFound } from './refusal.js';

/** `/auditLogs`: who signed in, and what users changed. Newest first; for tenants with a premium licence alone. */

// Both are needed, by the reference of either list.
const NEEDS: readonly AnyOf[] = [['AuditLog.Read.All'], ['Directory.Read.All', 'Directory.ReadWrite.All']];

const requireLicence = ({ plans }: Tenant): void => {
  if (plans.length === 0) {
    throw new GraphRefusal(
      403,
      'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
      "Neither tenant is B2C or tenant doesn't have premium license",
    );
  }
};

const OPTIONS = ['$filter', '$top', '$skiptoken'];

const signInRow = (logged: LoggedSignIn): Row => ({
  id: logged.id,
  createdDateTime: logged.at.toISOString(),
  userPrincipalName: logged.userPrincipalName,
  userId: logged.userId,
  appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  appDisplayName: logged.app,
  ipAddress: logged.ipAddress,
  clientAppUsed: 'Browser',
  isInteractive: true,
  conditionalAccessStatus: 'notApplied',
  riskState: 'none',
  status: {
    errorCode: logged.errorCode,
    failureReason: logged.errorCode === 0 ? 'Other.' : `AADSTS${logged.errorCode}`,
    additionalDetails: null,
  },
  location: { city: 'Lisbon', state: 'Lisboa', countryOrRegion: 'PT' },
});

const SIGN_IN_FILTERS = new Set(['id', 'userId', 'userPrincipalName', 'appDisplayName', 'ipAddress']);

const listSignIns = (call: GraphCall): GraphAnswer => {
  requireLicence(call.tenant);
  checkOptions(call.query, OPTIONS);
  const filter = readFilter(call.query, SIGN_IN_FILTERS, new Set(['createdDateTime']));
  const rows = call.tenant.signInLog.all(call.readAt).map(signInRow).filter(filter.test);
  return page(call, 'auditLogs/signIns', rows.toReversed(), (row) => row);
};

const changeRow = (logged: LoggedChange): Row => ({
  id: logged.id,
  category: logged.category,
  correlationId: logged.id,
  result: logged.result,
  resultReason: '',
  activityDisplayName: logged.activity,
  activityDateTime: logged.at.toISOString(),
  loggedByService: 'Core Directory',
  operationType: 'Update',
  initiatedBy: {
    app: null,
    user: {
      id: logged.userId,
      displayName: null,
      userPrincipalName: logged.userPrincipalName,
      ipAddress: logged.ipAddress,
    },
  },
  targetResources: logged.target === undefined ? [] : [targetRow(logged.target)],
  additionalDetails: [],
});

const targetRow = ({ id, name }: NonNullable<LoggedChange['target']>): Row => ({
  id,
  displayName: null,
  type: 'User',
  userPrincipalName: name,
  groupType: null,
  modifiedProperties: [],
});

const BY_USER = 'initiatedBy/user/id';
const BY_NAME = 'initiatedBy/user/userPrincipalName';

const listChanges = (call: GraphCall): GraphAnswer => {
  requireLicence(call.tenant);
  checkOptions(call.query, OPTIONS);
  const filterable = new Set(['activityDisplayName', 'category', 'loggedByService', BY_USER, BY_NAME]);
  const filter = readFilter(call.query, filterable, new Set(['activityDateTime']));
  const changes = call.tenant.changeLog.all(call.readAt);
  const found = changes.filter((logged) =>
    filter.test({ ...changeRow(logged), [BY_USER]: logged.userId, [BY_NAME]: logged.userPrincipalName }),
  );
  return page(call, 'auditLogs/directoryAudits', found.toReversed(), changeRow);
};

const readSignIn = (call: GraphCall): GraphAnswer => {
  requireLicence(call.tenant);
  checkOptions(call.query, []);
  const logged = call.tenant.signInLog.get(param(call, 'signIn').toLowerCase(), call.readAt);
  if (logged === undefined) throw notFound(param(call, 'signIn'));
  return okay(withContext('auditLogs/signIns/$entity', signInRow(logged)));
};

export const auditLogRoutes: readonly Route[] = [
  { method: 'GET', path: '/auditLogs/signIns', needs: NEEDS, handle: listSignIns },
  { method: 'GET', path: '/auditLogs/signIns/{signIn}', needs: NEEDS, handle: readSignIn },
  { method: 'GET', path: '/auditLogs/directoryAudits', needs: NEEDS, handle: listChanges },
];
