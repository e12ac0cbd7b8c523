/** Ids that cannot be mixed up by accident: a request's id is not a tenant's. */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** Short and readable aloud, `R-7K2M`. */
export type RequestId = Id<'request'>;
export type PersonId = Id<'person'>;
/** The short name people type, `contoso`. The Entra tenant's GUID is `Tenant.directoryId`. */
export type TenantId = Id<'tenant'>;
/** The short name people type, as with tenants. */
export type OrganizationId = Id<'organization'>;
export type TemplateId = Id<'template'>;
export type GroupId = Id<'group'>;
export type RuleId = Id<'rule'>;
export type AccountId = Id<'account'>;
/** `contoso/emergency1`: the tenant and the name before the `@`. */
export type BreakGlassId = Id<'break-glass'>;
/** Whose vault: an organization's, or the owners' own for what belongs to none. */
export type VaultId = Id<'vault'>;
/** One look at break-glass passwords, readable aloud, `V-7K2M`. */
export type ViewId = Id<'view'>;
/** One chat identity, `slack:U0123` or `teams:<aadObjectId>`. */
export type IdentityKey = Id<'identity'>;
/**
 * The template id of a directory role, the same GUID in every tenant for built-in roles. Where it says which role is
 * held, one that is confined to part of the directory has that part after an `@`: see `heldAs`.
 */
export type RoleId = Id<'role'>;
/** The object id of a group in a tenant's directory. */
export type DirectoryGroupId = Id<'directory-group'>;
/** The object id of an administrative unit. */
export type UnitId = Id<'unit'>;
/** The object id of a user in a tenant's directory. */
export type DirectoryUserId = Id<'directory-user'>;

export const requestId = (text: string): RequestId => text as RequestId;
export const personId = (text: string): PersonId => text as PersonId;
export const tenantId = (text: string): TenantId => text as TenantId;
export const organizationId = (text: string): OrganizationId => text as OrganizationId;
export const templateId = (text: string): TemplateId => text as TemplateId;
export const groupId = (text: string): GroupId => text as GroupId;
export const ruleId = (text: string): RuleId => text as RuleId;
export const roleId = (text: string): RoleId => text as RoleId;
export const directoryGroupId = (text: string): DirectoryGroupId => text as DirectoryGroupId;
export const unitId = (text: string): UnitId => text as UnitId;
export const directoryUserId = (text: string): DirectoryUserId => text as DirectoryUserId;
export const accountId = (text: string): AccountId => text as AccountId;
export const breakGlassId = (tenant: TenantId, name: string): BreakGlassId => `${tenant}/${name}` as BreakGlassId;
export const viewId = (text: string): ViewId => text as ViewId;

/** No organization has a name like this. */
const OWNERS_VAULT = '@owners' as VaultId;

export const vaultOf = (organization: OrganizationId | undefined): VaultId =>
  organization === undefined ? OWNERS_VAULT : (organization as string as VaultId);

/** Whose vault it is; `undefined`: the owners'. */
export const organizationOf = (vault: VaultId): OrganizationId | undefined =>
  vault === OWNERS_VAULT ? undefined : organizationId(vault);

export const identityKey = (platform: 'slack' | 'teams', user: string): IdentityKey =>
  `${platform}:${platform === 'slack' ? user.toUpperCase() : user.toLowerCase()}` as IdentityKey;

/** A technician has one dedicated account in each tenant, so the pair names it. */
export const dedicatedAccountId = (tenant: TenantId, person: PersonId): AccountId => accountId(`${tenant}/${person}`);

/** One made for a single request; `mark`: whatever tells it from all others of the tenant. */
export const freshAccountId = (tenant: TenantId, mark: string): AccountId => accountId(`${tenant}/fresh/${mark}`);

/** A user who was there before is the same account for whoever borrows it. */
export const existingAccountId = (tenant: TenantId, user: DirectoryUserId): AccountId =>
  accountId(`${tenant}/existing/${user}`);

/** The tenant that an account is in: every account's id begins with it. */
export const tenantOf = (account: AccountId): TenantId => tenantId(account.slice(0, account.indexOf('/')));
