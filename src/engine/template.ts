import type { AccountKind, DirectoryGroup, ExpirationAction, Role } from './access.js';
import type { GroupId, OrganizationId, TemplateId, TenantId } from './ids.js';
import type { Tenant } from './tenant.js';

/** A named, pre-filled request. Where it says nothing, the form's own defaults hold. */
export interface Template {
  readonly id: TemplateId;
  readonly name: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  readonly description: string;
  /** Empty: every tenant of its organization; of the owners' ones, every tenant. */
  readonly tenants: readonly TenantId[];
  readonly roles: readonly Role[];
  readonly groups: readonly DirectoryGroup[];
  readonly durationMs?: number;
  readonly account: AccountKind;
  /** What a fresh account is called, `{person}-{ticket}`. */
  readonly namePattern?: string;
  readonly atEnd: ExpirationAction;
  readonly tap: boolean;
  /** Groups whose members are told when the access is live and when it has ended. */
  readonly notify: readonly GroupId[];
  /** Whether the form starts with it. One for each tenant at most: the one that names the tenant wins. */
  readonly isDefault: boolean;
}

/** Whether a template is meant for a tenant. One of an organization never is for another's. */
export const isTemplateFor = (template: Template, { id, organization }: Pick<Tenant, 'id' | 'organization'>): boolean =>
  (template.organization === undefined || template.organization === organization) &&
  (template.tenants.length === 0 || template.tenants.includes(id));

/** The template that the form starts with: of several the one that names the tenant, then the organization's own. */
export const defaultAmong = (templates: readonly Template[], tenant: Pick<Tenant, 'id'>): Template | undefined => {
  const rank = ({ tenants, organization }: Template): number =>
    (tenants.includes(tenant.id) ? 0 : 2) + (organization === undefined ? 1 : 0);
  return templates.filter(({ isDefault }) => isDefault).toSorted((one, other) => rank(one) - rank(other))[0];
};
