import type { Powers } from '../../engine/powers.js';
import type { TenantId } from '../../engine/ids.js';

/** One line of a tenant's checklist. */
export interface Finding {
  /** Which check it is, `permission:User.ReadWrite.All`; stays the same over time, so that changes can be told. */
  readonly check: string;
  /** `unknown`: it could not be looked at. */
  readonly state: 'ok' | 'warning' | 'missing' | 'unknown';
  /** What was found and what it is for, one plain sentence. */
  readonly says: string;
  /** What somebody can do about it: a command, or what to change where. */
  readonly fix?: string;
}

/** What the last look at a tenant found. */
export interface Checkup {
  readonly tenant: TenantId;
  readonly at: Date;
  readonly findings: readonly Finding[];
  readonly powers: Powers;
}

/** A tenant that cannot be worked in until somebody gives the app back its place there. */
export interface Pause {
  readonly tenant: TenantId;
  readonly since: Date;
  /** The directory fault's code, and the clause that people read. */
  readonly code: string;
  readonly clause: string;
  /** When admins were last told, and how often. */
  readonly toldAt?: Date;
  readonly told: number;
}

export interface CheckupStore {
  of(tenant: TenantId): Promise<Checkup | undefined>;
  /** Replaces the one before. */
  save(checkup: Checkup): Promise<void>;
  pauseOf(tenant: TenantId): Promise<Pause | undefined>;
  pauses(): Promise<readonly Pause[]>;
  /** `false`: it is paused already. */
  pause(pause: Pause): Promise<boolean>;
  /** Records that admins were told, once for each `told`; `false`: another process was first, or it is over. */
  told(tenant: TenantId, times: number, at: Date): Promise<boolean>;
  /** `false`: it was not paused. */
  resume(tenant: TenantId): Promise<boolean>;
  /** Forgets everything about a tenant. */
  forget(tenant: TenantId): Promise<void>;
}
