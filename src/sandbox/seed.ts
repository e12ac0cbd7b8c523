import { createHash } from 'node:crypto';

import type { Clock } from '../lib/clock.js';
import { membershipId, type AccessPassPolicy, type App, type Domain, type Tenant, type User } from './model.js';
import type { Permission } from './permissions.js';
import { ROLE, roleByNameOrId } from './role-catalog.js';
import { digest } from './secrets.js';
import { createTable } from './table.js';

/** What a fresh sandbox holds: two apps, two customers, and as many more tenants as a benchmark asks for. */

export interface AppSeed {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly displayName: string;
  readonly extensionAttributes: readonly string[];
  readonly permissions: readonly Permission[];
  /** Role definition ids that its service principal holds in every seeded tenant. */
  readonly roles: readonly string[];
}

/** The everyday app. */
export const SANDBOX_APP: AppSeed = {
  clientId: '1a7c4e11-0000-4000-8000-000000000001',
  clientSecret: 'sandbox-secret-not-a-real-one',
  displayName: 'Latchkey',
  extensionAttributes: ['latchkey'],
  permissions: [
    'User.ReadWrite.All',
    'User.EnableDisableAccount.All',
    'User-PasswordProfile.ReadWrite.All',
    'User.RevokeSessions.All',
    'User.DeleteRestore.All',
    'RoleManagement.ReadWrite.Directory',
    'GroupMember.ReadWrite.All',
    'UserAuthMethod-TAP.ReadWrite.All',
    'Policy.Read.AuthenticationMethod',
    'Domain.Read.All',
    'Organization.Read.All',
    'Application.Read.All',
    'AuditLog.Read.All',
  ],
  roles: [ROLE.userAdministrator],
};

/** The app that rotates break-glass accounts, apart so that the everyday one need not outrank Global Administrators. */
export const SANDBOX_BREAK_GLASS_APP: AppSeed = {
  clientId: '1a7c4e11-0000-4000-8000-000000000002',
  clientSecret: 'sandbox-break-glass-secret-not-a-real-one',
  displayName: 'Latchkey break-glass',
  extensionAttributes: [],
  permissions: SANDBOX_APP.permissions,
  roles: [ROLE.privilegedAuthenticationAdministrator],
};

export const SANDBOX_APPS: readonly AppSeed[] = [SANDBOX_APP, SANDBOX_BREAK_GLASS_APP];

export interface UserSeed {
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
  readonly roles?: readonly string[];
}

export interface GroupSeed {
  readonly displayName: string;
  readonly isAssignableToRole?: boolean;
  /** Names of users. */
  readonly members?: readonly string[];
}

export interface TenantSeed {
  readonly id: string;
  readonly displayName: string;
  /** The first is the initial one, the last verified and managed one the default. */
  readonly domains: readonly {
    readonly id: string;
    readonly isVerified?: boolean;
    readonly authenticationType?: 'Managed' | 'Federated';
  }[];
  readonly users: readonly UserSeed[];
  readonly groups: readonly GroupSeed[];
}

export const CONTOSO: TenantSeed = {
  id: 'c0470500-1111-4111-8111-111111111111',
  displayName: 'Contoso',
  domains: [{ id: 'contoso.onmicrosoft.com' }, { id: 'contoso.com' }, { id: 'pending.contoso.com', isVerified: false }],
  users: [
    { name: 'megan', displayName: 'Megan Bowen', password: 'Teal-Harbour-41' },
    { name: 'alex', displayName: 'Alex Wilber', password: 'Quiet-Meadow-52' },
    { name: 'lynne', displayName: 'Lynne Robbins', password: 'Amber-Station-63', roles: ['Helpdesk Administrator'] },
    { name: 'grace', displayName: 'Grace Global', password: 'Silver-Lantern-74', roles: ['Global Administrator'] },
  ],
  groups: [
    { displayName: 'Sales', members: ['megan', 'alex'] },
    { displayName: 'SharePoint owners', members: ['alex'] },
    { displayName: 'Tier 1 admins', isAssignableToRole: true },
  ],
};

export const FABRIKAM: TenantSeed = {
  id: 'fab41ca0-2222-4222-8222-222222222222',
  displayName: 'Fabrikam',
  domains: [
    { id: 'fabrikam.onmicrosoft.com' },
    { id: 'fabrikam.com' },
    { id: 'corp.fabrikam.com', authenticationType: 'Federated' },
  ],
  users: [
    { name: 'robin', displayName: 'Robin Kline', password: 'Copper-Valley-85' },
    { name: 'sam', displayName: 'Sam Carter', password: 'Violet-Compass-96' },
    { name: 'gil', displayName: 'Gil Global', password: 'Golden-Anchor-17', roles: ['Global Administrator'] },
  ],
  groups: [
    { displayName: 'Engineering', members: ['robin'] },
    { displayName: 'Privileged access', isAssignableToRole: true },
  ],
};

export const SANDBOX_TENANTS: readonly TenantSeed[] = [CONTOSO, FABRIKAM];

/** The same id for the same words at every start, so that scripts and tests may name it. */
const fixedId = (...words: readonly string[]): string => {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** `count` small tenants besides the two customers, for benchmarks. */
export const extraTenants = (count: number): readonly TenantSeed[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `tenant${String(index + 1).padStart(4, '0')}`;
    return {
      id: fixedId('tenant', name),
      displayName: `Tenant ${index + 1}`,
      domains: [{ id: `${name}.onmicrosoft.com` }],
      users: [
        { name: 'grace', displayName: 'Grace Global', password: 'Silver-Lantern-74', roles: ['Global Administrator'] },
      ],
      groups: [{ displayName: 'Admins', isAssignableToRole: true }],
    };
  });

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
  roleAssignments: createTable({ clock, keyOf: (assignment) => assignment.principalId }),
  accessPasses: createTable({ clock, keyOf: (pass) => pass.userId }),
  servicePrincipals: createTable({ clock, keyOf: (principal) => principal.appId }),
  domains: planDomains(seed),
  accessPassPolicy,
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
  const user: User = {
    id: fixedId('user', tenant.id, seed.name),
    userPrincipalName: `${seed.name}@${domain}`,
    accountEnabled: true,
    password: { digest: digest(seed.password), mustChange: false },
    properties: {
      businessPhones: [],
      createdDateTime: now,
      displayName: seed.displayName,
      lastPasswordChangeDateTime: now,
      mail: `${seed.name}@${domain}`,
      mailNickname: seed.name,
      signInSessionsValidFromDateTime: now,
      userType: 'Member',
    },
  };
  tenant.users.set(user.id, user);
  grantRoles(tenant, user.id, seed.roles ?? []);
};

const seedGroup = (tenant: Tenant, seed: GroupSeed, now: string): void => {
  const id = fixedId('group', tenant.id, seed.displayName);
  tenant.groups.set(id, {
    id,
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

/** The service principal that a tenant's consent brings into being. */
export const consentTo = (tenant: Tenant, app: AppSeed): void => {
  const id = fixedId('service principal', tenant.id, app.clientId);
  tenant.servicePrincipals.set(id, {
    id,
    appId: app.clientId,
    displayName: app.displayName,
    permissions: app.permissions,
  });
};

export const buildTenant = (seed: TenantSeed, apps: readonly AppSeed[], clock: Clock): Tenant => {
  const tenant = emptyTenant(seed, clock);
  const now = clock.now().toISOString();
  for (const user of seed.users) seedUser(tenant, user, now);
  for (const group of seed.groups) seedGroup(tenant, group, now);
  for (const app of apps) {
    consentTo(tenant, app);
    grantRoles(tenant, fixedId('service principal', tenant.id, app.clientId), app.roles);
  }
  return tenant;
};

export const buildApp = (seed: AppSeed): App => ({
  appId: seed.clientId,
  displayName: seed.displayName,
  secretDigest: digest(seed.clientSecret),
  extensionAttributes: seed.extensionAttributes,
});
