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
  /** `/`, or `/administrativeUnits/` and the id of one. */
  readonly directoryScopeId: string;
  /** When Privileged Identity Management made it: it begins and ends by itself. */
  readonly span?: Span;
}

export interface Span {
  readonly from: Date;
  /** null: for good. */
  readonly until: Date | null;
}

/** What Privileged Identity Management keeps of an assignment that it made, also before that begins. */
export interface RoleSchedule {
  readonly id: string;
  readonly assignment: RoleAssignment & { readonly span: Span };
  readonly requestId: string;
  readonly createdAt: Date;
}

export interface RoleScheduleRequest {
  readonly id: string;
  readonly principalId: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** What the customer demands of active assignments: the settings of every role alike. */
export interface PimPolicy {
  readonly justificationRequired: boolean;
  readonly ticketRequired: boolean;
  /** Longest time-bound assignment; null: any length, and for good. */
  readonly maximumMinutes: number | null;
}

export interface AdministrativeUnit {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  /** Its members are out of reach for everybody whose role is not scoped to it. */
  readonly isMemberManagementRestricted: boolean;
  readonly memberIds: readonly string[];
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

/** Which users a conditional access policy is about: object ids, or words like `All`. */
export interface PolicyUsers {
  readonly includeUsers: readonly string[];
  readonly excludeUsers: readonly string[];
  readonly includeGroups: readonly string[];
  readonly excludeGroups: readonly string[];
  /** Role definition ids. */
  readonly includeRoles: readonly string[];
  readonly excludeRoles: readonly string[];
}

export interface ConditionalAccessPolicy {
  readonly id: string;
  readonly displayName: string;
  readonly state: 'enabled' | 'disabled' | 'enabledForReportingButNotEnforced';
  readonly createdDateTime: string;
  readonly modifiedDateTime: string | null;
  readonly users: PolicyUsers;
  /** What it demands. */
  readonly builtInControls: readonly string[];
}

/** A sign-in as the tenant's own log has it. */
export interface LoggedSignIn {
  readonly id: string;
  readonly at: Date;
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly app: string;
  readonly ipAddress: string;
  /** 0: it succeeded; otherwise the number of an `AADSTS…`. */
  readonly errorCode: number;
}

/** A change to the directory by a user. */
export interface LoggedChange {
  readonly id: string;
  readonly at: Date;
  readonly activity: string;
  readonly category: string;
  readonly result: 'success' | 'failure';
  readonly userId: string;
  readonly userPrincipalName: string;
  readonly ipAddress: string;
  readonly target?: { readonly id: string; readonly name: string };
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
  /** Role definition ids that somebody activated, beside those that somebody holds. */
  readonly activatedRoles: Set<string>;
  readonly roleSchedules: Table<RoleSchedule>;
  readonly roleScheduleRequests: Table<RoleScheduleRequest>;
  readonly administrativeUnits: Table<AdministrativeUnit>;
  readonly accessPasses: Table<AccessPass>;
  readonly servicePrincipals: Table<ServicePrincipal>;
  readonly conditionalAccessPolicies: Table<ConditionalAccessPolicy>;
  readonly signInLog: Table<LoggedSignIn>;
  readonly changeLog: Table<LoggedChange>;
  domains: readonly Domain[];
  accessPassPolicy: AccessPassPolicy;
  pimPolicy: PimPolicy;
  /** What the tenant has licences for. */
  plans: readonly Plan[];
}

/** An app registration: it lives in one tenant, and is known in those that consent to it. */
export interface App {
  readonly appId: string;
  /** Of the registration itself, in its home tenant; the same number nowhere else. */
  readonly objectId: string;
  readonly displayName: string;
  readonly homeTenantId: string;
  /** Whether tenants other than its home may consent to it. */
  readonly isMultitenant: boolean;
  readonly redirectUris: readonly string[];
  readonly secrets: readonly AppSecret[];
  readonly certificates: readonly AppCertificate[];
  readonly federatedCredentials: readonly FederatedCredential[];
  /** Names of its directory extension attributes, without the `extension_…_` prefix. */
  readonly extensionAttributes: readonly string[];
  /** Names of the Graph application permissions it asks a tenant for. */
  readonly permissions: readonly string[];
}

interface CredentialLife {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export interface AppSecret extends CredentialLife {
  readonly digest: string;
  /** Its first three characters, as Graph shows them. */
  readonly hint: string;
}

export interface AppCertificate extends CredentialLife {
  readonly publicKeyPem: string;
  /** Base64url, as an assertion names it: SHA-1 in `x5t`, SHA-256 in `x5t#S256`. */
  readonly thumbprint: string;
  readonly thumbprint256: string;
}

/** Another issuer whose tokens the app may prove itself with. They never run out by themselves. */
export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly publicKeyPem: string;
}

/** A sign-in that the app has yet to fetch. */
export interface AuthorizationCode {
  readonly tenantId: string;
  readonly appId: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | null;
  /** S256. */
  readonly challenge: string | null;
  readonly expiresAt: Date;
  readonly redeemed: boolean;
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
