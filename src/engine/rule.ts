import type { AccountKind, AdministrativeUnit, DirectoryGroup, ExpirationAction, Role } from './access.js';
import type {
  DirectoryGroupId,
  DirectoryUserId,
  GroupId,
  OrganizationId,
  PersonId,
  RoleId,
  RuleId,
  TemplateId,
  TenantId,
} from './ids.js';
import type { Tenant } from './tenant.js';
import type { Window } from './window.js';

/** Whom a rule is about. */
export type Subject =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group'; readonly id: GroupId }
  | { readonly kind: 'person'; readonly id: PersonId };

/** Where a rule holds. */
export type Where =
  | { readonly kind: 'all' }
  | { readonly kind: 'organization'; readonly id: OrganizationId }
  | { readonly kind: 'tenant'; readonly id: TenantId };

/**
 * One thing by its id, or many by a pattern over their names, in which `*` stands for any characters. `unit`, of a role
 * alone: only where it is confined to that unit.
 */
export type Selector<Id> =
  | { readonly kind: 'one'; readonly id: Id; readonly name: string; readonly unit?: AdministrativeUnit }
  | { readonly kind: 'pattern'; readonly pattern: string };

/**
 * What a rule is about. For a rule that allows, an absent part means the ordinary: the dedicated account, disabled at
 * the end, without access pass. For a rule that denies, an absent part means any.
 */
export interface What {
  readonly roles: readonly Selector<RoleId>[];
  readonly groups: readonly Selector<DirectoryGroupId>[];
  /** Whatever these templates hold, for requests made from them. */
  readonly templates: readonly TemplateId[];
  readonly accounts?: readonly AccountKind[];
  readonly atEnd?: readonly ExpirationAction[];
  readonly tap?: boolean;
  /** Of existing accounts: which users, a pattern being held against the user principal name; absent: none. */
  readonly users?: readonly Selector<DirectoryUserId>[];
  /** Of existing accounts: whether guests and users kept in step with a directory elsewhere are among them. */
  readonly outsiders?: boolean;
  /** It is about looking at break-glass passwords, and about nothing else; `tap`: with a fresh access pass. */
  readonly breakGlass?: true;
}

/** So many people of this group must agree. */
export interface Quorum {
  readonly group: GroupId;
  readonly groupName: string;
  readonly count: number;
  /** After so long this group is asked as well, and its members count, too. */
  readonly escalation?: Escalation;
}

export interface Escalation {
  readonly afterMs: number;
  readonly group: GroupId;
  readonly groupName: string;
  /** On a request: when it happened. */
  readonly at?: Date;
  /** On a request: when to look again, where it was not needed at its time. */
  readonly lookAt?: Date;
}

/** What an allowing rule asks for in return. */
export interface Demands {
  readonly longestMs: number;
  /** A reference is needed; `pattern`: an RE2 expression that all of it must match. */
  readonly ticket?: { readonly pattern?: string };
  /** Empty: nobody needs to agree. */
  readonly quorums: readonly Quorum[];
  /** Whether a requester who is in such a group may agree to their own request. */
  readonly selfApproval: boolean;
  /** How many denials end it. */
  readonly denials: number;
  /** How long it waits for a decision. */
  readonly pendingMs: number;
  /** Whether agreeing needs a passkey. */
  readonly secondFactor: boolean;
}

interface RuleHead {
  readonly id: RuleId;
  readonly name: string;
  /** Absent: the owners'. One of an organization reaches its tenants alone. */
  readonly organization?: OrganizationId;
  readonly subjects: readonly Subject[];
  readonly where: readonly Where[];
  readonly what: What;
  /** Of an allowing rule: when the access must begin. Of a denying one: what it may not touch. Absent: at any time. */
  readonly when?: Window;
}

/** IF a person is one of `subjects` THEN they may ask for up to `what`, `where`, if the demands are met; or may never. */
export type Rule =
  (RuleHead & { readonly effect: 'allow'; readonly demands: Demands }) | (RuleHead & { readonly effect: 'deny' });

export type AllowRule = Extract<Rule, { effect: 'allow' }>;

export const reaches = (
  rule: Pick<Rule, 'organization' | 'where'>,
  { id, organization }: Pick<Tenant, 'id' | 'organization'>,
): boolean => {
  if (rule.organization !== undefined && rule.organization !== organization) return false;
  for (const where of rule.where) {
    if (where.kind === 'all') return true;
    if (where.kind === 'tenant' ? where.id === id : organization !== undefined && where.id === organization)
      return true;
  }
  return false;
};

/** Role or group: what a selector is held against. */
export type Thing = Role | DirectoryGroup;
