/** What of all that is set up lies in somebody's sight, in shape; `sight.ts` decides what that is. */
import type { GroupId, OrganizationId, PersonId, RuleId, TemplateId, TenantId } from '../engine/ids.js';
import type { Group } from '../engine/group.js';
import type { Organization } from '../engine/organization.js';
import type { Person } from '../engine/person.js';
import type { Rule } from '../engine/rule.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import type { PageOf, Reference } from './ports/config.js';

/** The part of a shelf that is in sight: the reading half of `Shelf`. */
export interface SeenShelf<T, Id> {
  byId(id: Id): Promise<T | undefined>;
  named(name: string): Promise<readonly T[]>;
  /** `limit` 0: all. */
  page(page: Omit<PageOf, 'organizations'>): Promise<{ readonly items: readonly T[]; readonly total: number }>;
  using(reference: Reference, limit: number): Promise<readonly T[]>;
}

export interface SeenShelves {
  readonly organizations: SeenShelf<Organization, OrganizationId>;
  readonly tenants: SeenShelf<Tenant, TenantId>;
  readonly groups: SeenShelf<Group, GroupId>;
  readonly rules: SeenShelf<Rule, RuleId>;
  readonly templates: SeenShelf<Template, TemplateId>;
}

export interface SeenPeople {
  byId(id: PersonId): Promise<Person | undefined>;
  /** By e-mail or by display name. */
  named(text: string): Promise<readonly Person[]>;
  /** By name. */
  all(): Promise<readonly Person[]>;
}

export interface Sight extends SeenShelves {
  readonly people: SeenPeople;
}
