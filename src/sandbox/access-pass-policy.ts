import { noContent, okay, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import { groupsOf } from './memberships.js';
import type { AccessPassPolicy, Tenant } from './model.js';
import { checkOptions } from './odata.js';
import type { AnyOf } from './permissions.js';
import { readBody, type Shape } from './properties.js';
import { invalidValue } from './refusal.js';

/** A tenant's policy on Temporary Access Passes: whether, for whom, how long, how often. */

const READ_POLICY: AnyOf = [
  'Policy.Read.AuthenticationMethod',
  'Policy.ReadWrite.AuthenticationMethod',
  'Policy.Read.All',
];
const WRITE_POLICY: AnyOf = ['Policy.ReadWrite.AuthenticationMethod'];

/** Whether this user may have a pass, and use one that is there. */
export const allows = (tenant: Tenant, userId: string): boolean => {
  const { state, includeTargets } = tenant.accessPassPolicy;
  const isIncluded = includeTargets.some(
    ({ id }) => id === 'all_users' || groupsOf(tenant, userId).some((group) => group.id === id),
  );
  return state === 'enabled' && isIncluded;
};

const POLICY = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass';
const POLICY_TYPE = '#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration';

const readPolicy = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  return okay(
    withContext('authenticationMethodConfigurations/$entity', {
      '@odata.type': POLICY_TYPE,
      id: 'TemporaryAccessPass',
      ...call.tenant.accessPassPolicy,
    }),
  );
};

const policyShape: Shape = {
  state: { type: 'string' },
  isUsableOnce: { type: 'boolean' },
  defaultLength: { type: 'integer' },
  minimumLifetimeInMinutes: { type: 'integer' },
  maximumLifetimeInMinutes: { type: 'integer' },
  defaultLifetimeInMinutes: { type: 'integer' },
  includeTargets: { type: 'objects' },
};

const SHORTEST_LIFETIME = 10;
const LONGEST_LIFETIME = 43_200;

/** The policy with the changes in `body`, if it still makes sense. */
export const changePolicy = (before: AccessPassPolicy, body: unknown): AccessPassPolicy => {
  const resource = 'temporaryAccessPassAuthenticationMethodConfiguration';
  const { '@odata.type': _, ...changes } = readBody(body, policyShape, resource);
  const after: AccessPassPolicy = { ...before, ...changes };
  const { minimumLifetimeInMinutes: low, maximumLifetimeInMinutes: high, defaultLifetimeInMinutes: usual } = after;
  if (!['enabled', 'disabled'].includes(after.state)) throw invalidValue('state', resource);
  if (low < SHORTEST_LIFETIME || high > LONGEST_LIFETIME) throw invalidValue('maximumLifetimeInMinutes', resource);
  if (low > usual || usual > high) throw invalidValue('defaultLifetimeInMinutes', resource);
  if (after.defaultLength < 8 || after.defaultLength > 48) throw invalidValue('defaultLength', resource);
  return after;
};

const updatePolicy = (call: GraphCall): GraphAnswer => {
  call.tenant.accessPassPolicy = changePolicy(call.tenant.accessPassPolicy, call.body);
  return noContent;
};

export const accessPassPolicyRoutes: readonly Route[] = [
  { method: 'GET', path: POLICY, needs: [READ_POLICY], handle: readPolicy },
  { method: 'PATCH', path: POLICY, needs: [WRITE_POLICY], handle: updatePolicy },
];
