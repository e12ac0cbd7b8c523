import type { Clock } from '../lib/clock.js';
import { newSecret } from './app-keys.js';
import { NO_USERS } from './conditional-access.js';
import { fixedId } from './fixed-id.js';
import { membershipId, type AccessPassPolicy, type App, type Domain, type Tenant, type User } from './model.js';
import { DEFAULT_PIM_POLICY } from './pim-policy.js';
import { roleByNameOrId } from './role-catalog.js';
import { isActive, isNotOver } from './role-schedules.js';
import { digest } from './secrets.js';
import type { AppSeed, GroupSeed, TenantSeed, UserSeed } from './seed.js';
import { createTable } from './table.js';

/** Makes living tenants and apps of seeds. */

const accessPassPolicy: AccessPassPolicy = {
  state: 'enabled',
  isUsableOnce: false,
  defaultLength: 8,
  minimumLifetimeInMinutes: 60,
  maximumLifetimeInMinutes: 480,
  defaultLifetimeInMinutes: 60,
  includeTargets: [{ id: 'all_users', targetType: 'group', isRegistrationRequired: false }],
};

const planDomains = (seed: TenantSeed): readonly Domain[] => {
  const usable = seed.domains.findLastIndex(
    ({ isVerified = true, authenticationType = 'Managed' }) => isVerified && authenticationType === 'Managed',
  );
  return seed.domains.map(({ id, isVerified = true, authenticationType = 'Managed' }, index) => ({
    id,
    authenticationType,
    isVerified,
    isInitial: index === 0,
    isDefault: index === usable,
  }));
};

const emptyTenant = (seed: TenantSeed, clock: Clock): Tenant => ({
  id: seed.id,
  displayName: seed.displayName,
  createdDateTime: clock.now().toISOString(),
  users: createTable({ clock, keyOf: (user) => user.userPrincipalName.toLowerCase() }),
  deletedUsers: createTable({ clock }),
  groups: createTable({ clock }),
  memberships: createTable({ clock, keyOf: (membership) => membership.memberId }),
  roleAssignments: createTable({ clock, keyOf: (assignment) => assignment.principalId, isThere: isActive }),
  activatedRoles: new Set(),
  roleSchedules: createTable({ clock, keyOf: (schedule) => schedule.assignment.principalId, isThere: isNotOver }),
  roleScheduleRequests: createTable({ clock, keyOf: (request) => request.principalId }),
  administrativeUnits: createTable({ clock }),
  accessPasses: createTable({ clock, keyOf: (pass) => pass.userId }),
  servicePrincipals: createTable({ clock, keyOf: (principal) => principal.appId }),
  conditionalAccessPolicies: createTable({ clock }),
  signInLog: createTable({ clock, keyOf: (logged) => logged.userId }),
  changeLog: createTable({ clock, keyOf: (logged) => logged.userId }),
  domains: planDomains(seed),
  accessPassPolicy,
  pimPolicy: DEFAULT_PIM_POLICY,
  plans: seed.plans ?? [],
});

const grantRoles = (tenant: Tenant, principalId: string, roles: readonly string[]): void => {
  for (const nameOrId of roles) {
    const role = roleByNameOrId(nameOrId);
    if (role === undefined) throw new Error(`the seed names an unknown role: ${nameOrId}`);
    const id = `${fixedId('assignment', tenant.id, principalId, role.id).replaceAll('-', '')}-1`;
    tenant.roleAssignments.set(id, { id, principalId, roleDefinitionId: role.id, directoryScopeId: '/' });
  }
};

const seedUser = (tenant: Tenant, seed: UserSeed, now: string): void => {
  const domain = tenant.domains.find((each) => each.isDefault)?.id ?? '';
  const [givenName = null, ...rest] = seed.displayName.split(' ');
  const user: User = {
    id: fixedId('user', tenant.id, seed.name),
    userPrincipalName: `${seed.name}@${domain}`,
    accountEnabled: true,
    password: { digest: digest(seed.password), mustChange: false },
    properties: {
      businessPhones: [],
      createdDateTime: now,
      displayName: seed.displayName,
      givenName,
      lastPasswordChangeDateTime: now,
      mail: `${seed.name}@${domain}`,
      mailNickname: seed.name,
      signInSessionsValidFromDateTime: now,
      surname: rest.length === 0 ? null : rest.join(' '),
      userType: 'Member',
    },
  };
  tenant.users.set(user.id, user);
  grantRoles(tenant, user.id, seed.roles ?? []);
};

const seedUnit = (tenant: Tenant, displayName: string): void => {
  const id = fixedId('administrative unit', tenant.id, displayName);
  tenant.administrativeUnits.set(id, {
    id,
    displayName,
    description: null,
    isMemberManagementRestricted: false,
    memberIds: [],
  });
};

const seedPolicy = (tenant: Tenant, displayName: string, now: string): void => {
  const id = fixedId('conditional access policy', tenant.id, displayName);
  tenant.conditionalAccessPolicies.set(id, {
    id,
    displayName,
    state: 'enabled',
    createdDateTime: now,
    modifiedDateTime: null,
    users: { ...NO_USERS, includeUsers: ['All'] },
    builtInControls: ['mfa'],
  });
};

const seedGroup = (tenant: Tenant, seed: GroupSeed, now: string): void => {
  const id = fixedId('group', tenant.id, seed.displayName);
  tenant.groups.set(id, {
    id,
    kind: seed.kind ?? 'security',
    displayName: seed.displayName,
    description: null,
    mailNickname: seed.displayName.toLowerCase().replaceAll(' ', '-'),
    isAssignableToRole: seed.isAssignableToRole === true,
    createdDateTime: now,
  });
  for (const name of seed.members ?? []) {
    const memberId = fixedId('user', tenant.id, name);
    tenant.memberships.set(membershipId(id, memberId), { groupId: id, memberId });
  }
};

/** The service principal that a tenant's consent brings into being, with these permissions of Graph. */
export const consentTo = (tenant: Tenant, app: App, permissions: readonly string[] = app.permissions): void => {
  const id = servicePrincipalId(tenant, app.appId);
  tenant.servicePrincipals.set(id, { id, appId: app.appId, displayName: app.displayName, permissions });
};

const servicePrincipalId = (tenant: Tenant, appId: string): string => fixedId('service principal', tenant.id, appId);

export const buildTenant = (seed: TenantSeed, apps: readonly AppSeed[], clock: Clock): Tenant => {
  const tenant = emptyTenant(seed, clock);
  const now = clock.now().toISOString();
  for (const user of seed.users) seedUser(tenant, user, now);
  for (const group of seed.groups) seedGroup(tenant, group, now);
  for (const unit of seed.administrativeUnits ?? []) seedUnit(tenant, unit);
  for (const policy of seed.conditionalAccessPolicies ?? []) seedPolicy(tenant, policy, now);
  for (const app of apps) {
    consentTo(tenant, buildApp(app, clock));
    grantRoles(tenant, servicePrincipalId(tenant, app.clientId), app.roles);
  }
  return tenant;
};

export const buildApp = (seed: AppSeed, clock: Clock): App => ({
  appId: seed.clientId,
  objectId: fixedId('application', seed.clientId),
  displayName: seed.displayName,
  homeTenantId: seed.homeTenantId,
  isMultitenant: true,
  redirectUris: seed.redirectUris,
  secrets: [newSecret(fixedId('secret', seed.clientId), seed.clientSecret, clock.now())],
  certificates: [],
  federatedCredentials: [],
  extensionAttributes: seed.extensionAttributes,
  permissions: seed.permissions,
});
