import type { BreakGlassId, OrganizationId, PersonId, RuleId, TenantId, ViewId } from './ids.js';
import type { Address, Platform } from './person.js';
import type { Verdict } from './request.js';
import type { Quorum } from './rule.js';

/** `open`: the passwords were shown. `over`: their time is over, or their viewer was done; others were asked for at once. */
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
  /** Those that let it be asked for. */
  readonly rules: readonly { readonly id: RuleId; readonly name: string }[];
  /** What the rules demand; empty: one other member of the vault, or an owner. */
  readonly quorums: readonly Quorum[];
  readonly asked: readonly { readonly id: PersonId; readonly name: string }[];
  readonly approvals: readonly Verdict[];
  readonly denials: readonly Verdict[];
  readonly createdAt: Date;
  /** When the question is too old to be answered. */
  readonly lapsesAt: Date;
  /** How long what was shown stays what opens the accounts. */
  readonly lastsMs: number;
  /** Where it is told of, so that each message is changed and none is sent twice. */
  readonly messages: readonly ViewMessage[];
  /** What the directory recorded of the accounts while it lasted, in the order in which it was read. */
  readonly uses?: readonly ViewUse[];
  /** When somebody must be told, or the question, the approval or the look itself runs out. */
  readonly dueAt?: Date;
  readonly approvedAt?: Date;
  readonly shownAt?: Date;
  readonly overAt?: Date;
}

/** A message about a look, and what it shows. */
export interface ViewMessage {
  /** What it is for and where it stands, `approval/slack:D1`. */
  readonly key: string;
  readonly address: Address;
  readonly message: string;
  /** Fingerprint of what it shows. */
  readonly shown: string;
}

/** One sign-in or change that fell within a look. */
export interface ViewUse {
  /** The directory's own id of the record. */
  readonly id: string;
  readonly at: Date;
  readonly says: string;
}

/**
 * So long after they were shown, passwords are changed, unless their viewer is done sooner; and so long a question waits,
 * and an approval. A rule may say another time for the first two.
 */
export const VIEW_MS = 60 * 60_000;
