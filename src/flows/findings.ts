/** What a look at a tenant has found that should not be so, and what came of it. */
import type { Drift } from '../engine/drift.js';
import type { AccountId, DirectoryGroupId, OrganizationId, PersonId, RoleId, TenantId } from '../engine/ids.js';

/** How it stands: put right, noted in our own records, on its way, or somebody else's to put right. */
export type Remedy =
  | { readonly kind: 'repaired' }
  | { readonly kind: 'noted' }
  /** `clause`: what stood in the way of the first attempt. It is tried again. */
  | { readonly kind: 'under-way'; readonly clause?: string }
  | { readonly kind: 'theirs' };

/** Names of roles and groups, as far as anybody knows them. */
export type Names = ReadonlyMap<RoleId | DirectoryGroupId, string>;

export type Finding =
  | {
      readonly kind: 'drift';
      readonly account: AccountId;
      readonly upn: string;
      /** Whether somebody has the account at this moment. */
      readonly live: boolean;
      readonly person?: PersonId;
      readonly drift: Drift;
      readonly remedy: Remedy;
    }
  /** A user with a tag of ours that is not ours: the tag is forged, or our records are older than it. */
  | { readonly kind: 'stray'; readonly upn: string; readonly enabled: boolean; readonly objectId: string };

export type Outcome =
  | { readonly kind: 'looked'; readonly accounts: number; readonly findings: readonly Finding[]; readonly names: Names }
  | { readonly kind: 'paused'; readonly clause: string; readonly since: Date }
  /** `passing`: it will do by itself. */
  | { readonly kind: 'unread'; readonly clause: string; readonly passing: boolean };

export interface Report {
  readonly tenant: { readonly id: TenantId; readonly name: string; readonly organization?: OrganizationId };
  readonly outcome: Outcome;
}

/** Whether it needs no further look at: it is told once and never again. */
export const isDone = (finding: Finding): boolean =>
  finding.kind === 'drift' && (finding.remedy.kind === 'repaired' || finding.remedy.kind === 'noted');
