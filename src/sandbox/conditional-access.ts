import { noContent, okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import type { ConditionalAccessPolicy, PolicyUsers, Tenant } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import type { AnyOf } from './permissions.js';
import { isRecord, readBody, type Body, type Shape } from './properties.js';
import { GraphRefusal, invalidValue, notFound } from './refusal.js';

/** `/identity/conditionalAccess/policies`: what a tenant demands of whom at sign-in. Kept and changed here, never enforced. */

const READ_POLICIES: AnyOf = ['Policy.Read.All'];
const WRITE_POLICIES: AnyOf = ['Policy.ReadWrite.ConditionalAccess'];

export const NO_USERS: PolicyUsers = {
  includeUsers: [],
  excludeUsers: [],
  includeGroups: [],
  excludeGroups: [],
  includeRoles: [],
  excludeRoles: [],
};

export const POLICY_STATES = ['enabled', 'disabled', 'enabledForReportingButNotEnforced'] as const;

const policyRow = (policy: ConditionalAccessPolicy): Row => ({
  id: policy.id,
  templateId: null,
  displayName: policy.displayName,
  createdDateTime: policy.createdDateTime,
  modifiedDateTime: policy.modifiedDateTime,
  state: policy.state,
  sessionControls: null,
  conditions: {
    userRiskLevels: [],
    signInRiskLevels: [],
    clientAppTypes: ['all'],
    platforms: null,
    locations: null,
    devices: null,
    clientApplications: null,
    applications: { includeApplications: ['All'], excludeApplications: [], includeUserActions: [] },
    users: { ...policy.users, includeGuestsOrExternalUsers: null, excludeGuestsOrExternalUsers: null },
  },
  grantControls: {
    operator: 'OR',
    builtInControls: policy.builtInControls,
    customAuthenticationFactors: [],
    termsOfUse: [],
  },
});

const PROPERTIES = new Set([
  'id',
  'templateId',
  'displayName',
  'createdDateTime',
  'modifiedDateTime',
  'state',
  'conditions',
  'grantControls',
  'sessionControls',
]);

const TYPE = 'microsoft.graph.conditionalAccessPolicy';

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, TYPE, PROPERTIES);
  const filter = readFilter(call.query, new Set(['displayName', 'id', 'state']));
  const rows = call.tenant.conditionalAccessPolicies.all(call.readAt).map(policyRow).filter(filter.test);
  return page(call, 'identity/conditionalAccess/policies', rows, (row) => project(row, select));
};

const findPolicy = (call: GraphCall, at: number | undefined): ConditionalAccessPolicy => {
  const id = param(call, 'policy').toLowerCase();
  const policy = call.tenant.conditionalAccessPolicies.get(id, at);
  if (policy === undefined) throw notFound(id);
  return policy;
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, TYPE, PROPERTIES);
  const row = policyRow(findPolicy(call, call.readAt));
  return okay(withContext('identity/conditionalAccess/policies/$entity', project(row, select)));
};

const usersShape: Shape = {
  includeUsers: { type: 'strings' },
  excludeUsers: { type: 'strings' },
  includeGroups: { type: 'strings' },
  excludeGroups: { type: 'strings' },
  includeRoles: { type: 'strings' },
  excludeRoles: { type: 'strings' },
};

const policyShape: Shape = {
  displayName: { type: 'string' },
  state: { type: 'string' },
  conditions: { type: { users: { type: usersShape } } },
};

const WORDS = ['all', 'none', 'guestsorexternalusers'];

/** Whoever is added has to exist; who was there before may have gone since. */
const checkAdded = (tenant: Tenant, before: readonly string[], after: readonly string[]): void => {
  for (const name of after) {
    const isKnown = before.includes(name) || WORDS.includes(name.toLowerCase());
    if (!isKnown && tenant.users.get(name.toLowerCase()) === undefined) {
      throw new GraphRefusal(400, 'BadRequest', `1040: Policy contains an invalid user: ${name}.`);
    }
  }
};

const requireLicence = ({ plans }: Tenant): void => {
  if (plans.length === 0) {
    throw new GraphRefusal(403, 'AccessDenied', 'Your tenant is not licensed for this feature.');
  }
};

/** What a body says of the users; what it does not say stays. */
const readUsers = (before: PolicyUsers, body: Body): PolicyUsers => {
  const { users } = isRecord(body.conditions) ? body.conditions : {};
  return isRecord(users) ? { ...before, ...(users as Partial<PolicyUsers>) } : before;
};

const isState = (value: unknown): value is ConditionalAccessPolicy['state'] =>
  POLICY_STATES.some((state) => state === value);

const update = (call: GraphCall): GraphAnswer => {
  const { tenant, now } = call;
  const body = readBody(call.body, policyShape, 'conditionalAccessPolicy');
  const policy = findPolicy(call, call.aimAt);
  requireLicence(tenant);
  const { state = policy.state, displayName = policy.displayName } = body;
  if (!isState(state)) throw invalidValue('state', 'conditionalAccessPolicy');
  const users = readUsers(policy.users, body);
  checkAdded(tenant, policy.users.includeUsers, users.includeUsers);
  checkAdded(tenant, policy.users.excludeUsers, users.excludeUsers);
  tenant.conditionalAccessPolicies.set(policy.id, {
    ...policy,
    state,
    displayName: String(displayName),
    users,
    modifiedDateTime: now.toISOString(),
  });
  return noContent;
};

const POLICIES = '/identity/conditionalAccess/policies';

export const conditionalAccessRoutes: readonly Route[] = [
  { method: 'GET', path: POLICIES, needs: [READ_POLICIES], handle: list },
  { method: 'GET', path: `${POLICIES}/{policy}`, needs: [READ_POLICIES], handle: read },
  { method: 'PATCH', path: `${POLICIES}/{policy}`, needs: [READ_POLICIES, WRITE_POLICIES], handle: update },
];
