import type { Group } from '../../engine/group.js';
import type { GroupId, IdentityKey, OrganizationId, PersonId, RuleId, TemplateId, TenantId } from '../../engine/ids.js';
import type { Organization } from '../../engine/organization.js';
import type { Address } from '../../engine/person.js';
import type { Rule, Subject } from '../../engine/rule.js';
import type { Template } from '../../engine/template.js';
import type { Tenant } from '../../engine/tenant.js';

/** Something that other things name. */
export interface Reference {
  readonly kind: 'organization' | 'tenant' | 'group' | 'template' | 'person';
  readonly id: string;
}

/** A part of a long list. */
export interface PageOf {
  /** Only what belongs to one of these; absent: everything. */
  readonly organizations?: readonly OrganizationId[];
  /** Only names that hold this text. */
  readonly words?: string;
  readonly skip: number;
  readonly limit: number;
}

/** One kind of thing that admins set up. Lists come by name. */
export interface Shelf<T, Id> {
  all(): Promise<readonly T[]>;
  byId(id: Id): Promise<T | undefined>;
  byIds(ids: readonly Id[]): Promise<readonly T[]>;
  /** By name, whatever its case: several, where several organizations use it. */
  named(name: string): Promise<readonly T[]>;
  page(page: PageOf): Promise<{ readonly items: readonly T[]; readonly total: number }>;
  /** Those that name this thing. */
  using(reference: Reference, limit: number): Promise<readonly T[]>;
  /** `false`: its id or its name is taken. */
  add(item: T): Promise<boolean>;
  /** Compare-and-swap. `false`: somebody changed or removed it since `previous` was read, or the new name is taken. */
  replace(next: T, previous: T): Promise<boolean>;
  remove(id: Id): Promise<boolean>;
}

/** What admins set up. */
export interface ConfigStore {
  readonly organizations: Shelf<Organization, OrganizationId> & {
    administeredBy(people: readonly PersonId[]): Promise<readonly Organization[]>;
  };
  readonly tenants: Shelf<Tenant, TenantId>;
  readonly groups: Shelf<Group, GroupId> & {
    ofPeople(people: readonly PersonId[]): Promise<readonly Group[]>;
    addMembers(id: GroupId, people: readonly PersonId[]): Promise<void>;
    removeMembers(id: GroupId, people: readonly PersonId[]): Promise<void>;
  };
  readonly rules: Shelf<Rule, RuleId> & {
    /** Rules about one of these subjects; with `tenant`, those alone that reach it. Reads no others. */
    concerning(subjects: readonly Subject[], tenant?: Pick<Tenant, 'id' | 'organization'>): Promise<readonly Rule[]>;
  };
  readonly templates: Shelf<Template, TemplateId>;
  readonly offices: Single<Offices>;
  readonly settings: Single<BotSettings>;
}

/** A document of which there is one. */
export interface Single<T> {
  read(): Promise<T>;
  /** Compare-and-swap; `false`: somebody changed it since `previous` was read. */
  replace(next: T, previous: T): Promise<boolean>;
}

/** Who holds an office in Latchkey itself, beside the first owners whom the environment names. */
export interface Offices {
  readonly owners: readonly PersonId[];
  /** First owners who are owners no more. */
  readonly dismissed: readonly IdentityKey[];
  readonly auditors: readonly PersonId[];
}

/** What an admin may set for the whole bot. */
export interface BotSettings {
  /** Where approval cards also go, beside the channels that the environment names. */
  readonly approvalChannels: readonly Address[];
  /** Where alarms and the daily head of the audit log also go. */
  readonly adminChannels: readonly Address[];
  /** How long a request waits before its approvers are reminded, and between two reminders; 0: never. */
  readonly remindEveryMs: number;
}
