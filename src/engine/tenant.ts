import type { GroupId, PersonId, RoleId, RuleId, TenantId } from './ids.js';

/** A connected Entra ID tenant. */
export interface Tenant {
  readonly id: TenantId;
  /** What technicians see. */
  readonly name: string;
  /** The tenant's GUID. */
  readonly directoryId: string;
  /** The verified, managed domain under which accounts are made. */
  readonly domain: string;
  readonly defaultDurationMs: number;
}

/** A directory role by the name it had when somebody chose it. */
export interface Role {
  readonly id: RoleId;
  readonly name: string;
}

/** A named set of people. */
export interface Group {
  readonly id: GroupId;
  readonly name: string;
  readonly members: readonly PersonId[];
}

/** So many people of this group must agree. */
export interface Quorum {
  readonly group: GroupId;
  readonly groupName: string;
  readonly count: number;
}

/** IF a person is in one of `subjects` THEN they may ask for these roles in these tenants, for so long, if `quorum` agrees. */
export interface Rule {
  readonly id: RuleId;
  readonly name: string;
  readonly subjects: readonly GroupId[];
  readonly tenants: readonly TenantId[];
  readonly roles: readonly Role[];
  readonly longestMs: number;
  /** Absent: no approval needed. */
  readonly quorum?: Quorum;
}
