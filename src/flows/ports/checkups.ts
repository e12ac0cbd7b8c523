import type { Finding } from '../../engine/finding.js';
import type { Powers } from '../../engine/powers.js';
import type { TenantId } from '../../engine/ids.js';

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
  /** It works again since then, and what had to wait is being caught up with. */
  readonly resumedAt?: Date;
}

export interface CheckupStore {
  of(tenant: TenantId): Promise<Checkup | undefined>;
  ofTenants(tenants: readonly TenantId[]): Promise<readonly Checkup[]>;
  /** When each tenant was last looked at. */
  dates(): Promise<ReadonlyMap<TenantId, Date>>;
  /** Replaces the one before; where `before` says of when that was, only that very one. */
  save(checkup: Checkup, before?: Date): Promise<void>;
  pauseOf(tenant: TenantId): Promise<Pause | undefined>;
  pauses(): Promise<readonly Pause[]>;
  /** `false`: it is paused already. */
  pause(pause: Pause): Promise<boolean>;
  /** Records that admins were told, once for each `told`; `false`: another process was first, or it is over. */
  told(tenant: TenantId, times: number, at: Date): Promise<boolean>;
  /** It works again. `false`: it was not paused, or another process saw it first. */
  resumed(tenant: TenantId, at: Date): Promise<boolean>;
  /** The pause is over and done with. */
  endPause(tenant: TenantId): Promise<void>;
  /** Forgets everything about a tenant. */
  forget(tenant: TenantId): Promise<void>;
}
