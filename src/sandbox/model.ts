import type { Table } from './table.js';

/** Everything the sandbox knows: what a login authority and a Graph service know of all tenants. */

export interface User {
  readonly id: string;
  /** Graph's own property names, directory extension attributes included. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  readonly password: Password;
}

export interface Password {
  readonly digest: string;
  readonly mustChange: boolean;
}

export interface DeletedUser {
  readonly user: User;
  /** Groups it was in, for the day it is restored. Roles do not come back. */
  readonly groupIds: readonly string[];
  readonly deletedAt: Date;
}

/** `all-users`: its rule makes everybody in the tenant a member. `mail-enabled` and `distribution`: kept by Exchange. */
export type GroupKind = 'security' | 'microsoft-365' | 'all-users' | 'mail-enabled' | 'distribution';

export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  readonly displayName: string;
  readonly description: string | null;
  readonly mailNickname: string;
  readonly isAssignableToRole: boolean;
  readonly createdDateTime: string;
}

export interface Membership {
  readonly groupId: string;
  readonly memberId: string;
}

export const membershipId = (groupId: string, memberId: string): string => `${groupId}:${memberId}`;

export interface RoleAssignment {
  readonly id: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}

export interface AccessPass {
  readonly id: string;
  readonly userId: string;
  readonly digest: string;
  readonly createdAt: Date;
  readonly startsAt: Date;
  readonly lifetimeInMinutes: number;
  readonly isUsableOnce: boolean;
  readonly used: boolean;
}

export interface AccessPassPolicy {
  readonly state: 'enabled' | 'disabled';
  readonly isUsableOnce: boolean;
  readonly defaultLength: number;
  readonly minimumLifetimeInMinutes: number;
  readonly maximumLifetimeInMinutes: number;
  readonly defaultLifetimeInMinutes: number;
  readonly includeTargets: readonly AccessPassTarget[];
}

export interface AccessPassTarget {
  /** A group id, or `all_users`. */
  readonly id: string;
  readonly targetType: 'group';
  readonly isRegistrationRequired: boolean;
}

export interface Domain {
  readonly id: string;
  readonly authenticationType: 'Managed' | 'Federated';
  readonly isInitial: boolean;
  readonly isDefault: boolean;
  readonly isVerified: boolean;
}

/** An app in one tenant. It exists exactly as long as the tenant consents. */
export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  /** Names of the Graph application permissions this tenant granted. */
  readonly permissions: readonly string[];
}

/** Entra ID Premium: P1, and P2, which brings Privileged Identity Management. */
export type Plan = 'P1' | 'P2';

export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly users: Table<User>;
  readonly deletedUsers: Table<DeletedUser>;
  readonly groups: Table<Group>;
  /** Of the groups whose members are named one by one; what a rule makes is in no table. */
  readonly memberships: Table<Membership>;
  readonly roleAssignments: Table<RoleAssignment>;
  readonly accessPasses: Table<AccessPass>;
  readonly servicePrincipals: Table<ServicePrincipal>;
  domains: readonly Domain[];
  accessPassPolicy: AccessPassPolicy;
  /** What the tenant has licences for. */
  plans: readonly Plan[];
}

/** An app registration, the same in every tenant. */
export interface App {
  readonly appId: string;
  readonly displayName: string;
  readonly secretDigest: string;
  /** Names of its directory extension attributes, without the `extension_…_` prefix. */
  readonly extensionAttributes: readonly string[];
}

export interface AccessToken {
  readonly tenantId: string;
  readonly appId: string;
  readonly expiresAt: Date;
  /** As granted when the token was issued: later grants need a new token. */
  readonly permissions: ReadonlySet<string>;
}

export interface SignIn {
  readonly at: string;
  readonly tenantId: string | null;
  readonly userPrincipalName: string;
  readonly method: 'password' | 'accessPass';
  readonly ok: boolean;
  readonly reason?: string;
}
