import type { BreakGlassId, OrganizationId, PersonId, TenantId, ViewId } from './ids.js';
import type { Platform } from './person.js';
import type { Verdict } from './request.js';
import type { Quorum } from './rule.js';

/** `open`: the passwords were shown, and have not been changed since. */
export type ViewState = 'pending' | 'approved' | 'open' | 'over' | 'denied' | 'lapsed' | 'cancelled';

/** One look at a tenant's break-glass passwords: asked for, agreed to, had once, and followed by other passwords. */
export interface BreakGlassView {
  readonly id: ViewId;
  readonly tenant: TenantId;
  readonly tenantName: string;
  readonly organization?: OrganizationId;
  readonly accounts: readonly BreakGlassId[];
  readonly requester: PersonId;
  readonly requesterName: string;
  readonly askedOn: Platform;
  readonly reason: string;
  /** Declared: nobody had to agree, and everybody was told at once. */
  readonly emergency: boolean;
  /** Whether a fresh access pass may be had as well. */
  readonly accessPass: boolean;
  readonly state: ViewState;
  /** What the rules demand; empty: one other member of the vault, or an owner. */
  readonly quorums: readonly Quorum[];
  readonly asked: readonly { readonly id: PersonId; readonly name: string }[];
  readonly approvals: readonly Verdict[];
  readonly denials: readonly Verdict[];
  readonly createdAt: Date;
  /** When the question, the approval or the look itself runs out. */
  readonly dueAt?: Date;
  readonly approvedAt?: Date;
  readonly shownAt?: Date;
  readonly overAt?: Date;
}

/** So long after they were shown, passwords are changed, unless their viewer is done sooner. */
export const VIEW_MS = 60 * 60_000;
