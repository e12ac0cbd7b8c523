import { fixedId } from './fixed-id.js';
import type { GroupKind, Plan } from './model.js';
import type { Permission } from './permissions.js';
import { ROLE } from './role-catalog.js';

/** What a fresh sandbox holds: two apps, two customers, and as many more tenants as a benchmark asks for. */

export interface AppSeed {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly displayName: string;
  readonly extensionAttributes: readonly string[];
  readonly permissions: readonly Permission[];
  /** The tenant it is registered in. */
  readonly homeTenantId: string;
  readonly redirectUris: readonly string[];
  /** Role definition ids that its service principal holds in every seeded tenant. */
  readonly roles: readonly string[];
}

const CONTOSO_ID = 'c0470500-1111-4111-8111-111111111111';

// Without a port: for loopback alone, Entra leaves the port out of the comparison.
const LOOPBACK_URIS = ['http://localhost', 'http://127.0.0.1'].flatMap((origin) => [
  `${origin}/entra/consent/callback`,
  `${origin}/entra/sign-in/callback`,
]);

/** The everyday app. */
export const SANDBOX_APP: AppSeed = {
  clientId: '1a7c4e11-0000-4000-8000-000000000001',
  clientSecret: 'sandbox-secret-not-a-real-one',
  displayName: 'Latchkey',
  extensionAttributes: ['latchkey'],
  permissions: [
    'User.ReadWrite.All',
    'User-PasswordProfile.ReadWrite.All',
    'RoleManagement.ReadWrite.Directory',
    'RoleAssignmentSchedule.ReadWrite.Directory',
    'AdministrativeUnit.Read.All',
    'GroupMember.ReadWrite.All',
    'UserAuthMethod-TAP.ReadWrite.All',
    'Policy.Read.AuthenticationMethod',
    'Domain.Read.All',
    'Organization.Read.All',
    'Application.Read.All',
    'LicenseAssignment.Read.All',
  ],
  homeTenantId: CONTOSO_ID,
  redirectUris: LOOPBACK_URIS,
  roles: [ROLE.userAdministrator],
};

/** The app that rotates break-glass accounts, apart so that the everyday one need not outrank Global Administrators. */
export const SANDBOX_BREAK_GLASS_APP: AppSeed = {
  clientId: '1a7c4e11-0000-4000-8000-000000000002',
  clientSecret: 'sandbox-break-glass-secret-not-a-real-one',
  displayName: 'Latchkey break-glass',
  extensionAttributes: ['latchkey'],
  permissions: [
    'User.ReadWrite.All',
    'User-PasswordProfile.ReadWrite.All',
    'RoleManagement.ReadWrite.Directory',
    'Domain.Read.All',
    'Application.Read.All',
    'UserAuthMethod-TAP.ReadWrite.All',
    'Policy.Read.AuthenticationMethod',
    'Policy.Read.All',
    'Policy.ReadWrite.ConditionalAccess',
    'AuditLog.Read.All',
    'Directory.Read.All',
    'RoleAssignmentSchedule.Read.Directory',
  ],
  homeTenantId: CONTOSO_ID,
  redirectUris: LOOPBACK_URIS,
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
  /** Default: security. */
  readonly kind?: GroupKind;
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
  /** Default: none. */
  readonly plans?: readonly Plan[];
  readonly users: readonly UserSeed[];
  readonly groups: readonly GroupSeed[];
  /** Names of administrative units. */
  readonly administrativeUnits?: readonly string[];
  /** Names of policies that demand a second factor of everybody. */
  readonly conditionalAccessPolicies?: readonly string[];
}

export const CONTOSO: TenantSeed = {
  id: CONTOSO_ID,
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
  administrativeUnits: ['Branch offices'],
};

export const FABRIKAM: TenantSeed = {
  id: 'fab41ca0-2222-4222-8222-222222222222',
  displayName: 'Fabrikam',
  plans: ['P1', 'P2'],
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
  administrativeUnits: ['Factory', 'Laboratory'],
  conditionalAccessPolicies: ['Require multifactor authentication for all users'],
};

export const SANDBOX_TENANTS: readonly TenantSeed[] = [CONTOSO, FABRIKAM];

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
