import type { BreakGlassId, PersonId, TenantId } from '../../engine/ids.js';

/** How far the use of a tenant's break-glass accounts is known. */
export interface Watch {
  readonly tenant: TenantId;
  /** Since when each is watched: what it did before is nobody's news. */
  readonly accounts: readonly { readonly id: BreakGlassId; readonly from: Date }[];
  /** What was on record then has been read; absent: nothing has. */
  readonly readTo?: Date;
  /** Why the directory's log cannot be read, and since when. */
  readonly trouble?: WatchTrouble;
}

export interface WatchTrouble {
  /** A directory fault's. */
  readonly code: string;
  /** What people read. */
  readonly clause: string;
  readonly since: Date;
}

/** A look that somebody has begun, and has the sole right to until then. */
export interface BegunWatch {
  readonly watch: Watch;
  readonly until: Date;
}

export interface WatchStore {
  of(tenant: TenantId): Promise<Watch | undefined>;
  /** When the next look at each tenant is due. */
  dates(): Promise<ReadonlyMap<TenantId, Date>>;
  /**
   * Takes the sole right to look, until then. `undefined`: it is not due, or somebody is at it. What is due only after
   * `latest` was set by a clock that was wrong, and counts as due.
   */
  begin(
    tenant: TenantId,
    now: Date,
    { until, latest }: { readonly until: Date; readonly latest: Date },
  ): Promise<BegunWatch | undefined>;
  /** Keeps what was seen. `false`: it took so long that another has begun. */
  end(seen: Watch, begun: Pick<BegunWatch, 'until'>, next: Date): Promise<boolean>;
  forget(tenant: TenantId): Promise<void>;
}

/** A drill that somebody has begun: whether they get in is not known yet. */
export interface Drill {
  readonly tenant: TenantId;
  readonly by: PersonId;
  readonly begunAt: Date;
}

export interface DrillStore {
  of(tenant: TenantId): Promise<Drill | undefined>;
  /** Replaces one that was begun before. */
  begin(drill: Drill): Promise<void>;
  /** `false`: another was begun meanwhile, or it is over. */
  end(drill: Pick<Drill, 'tenant' | 'begunAt'>): Promise<boolean>;
  forget(tenant: TenantId): Promise<void>;
}
