import type { OrganizationId, PersonId, VaultId, ViewId, TenantId } from '../../engine/ids.js';
import type { BreakGlassView, ViewState } from '../../engine/break-glass-view.js';
import type { OrganizationVault, VaultKey } from '../../engine/vault.js';

export interface VaultStore {
  of(id: VaultId): Promise<OrganizationVault | undefined>;
  all(): Promise<readonly OrganizationVault[]>;
  /** Compare-and-swap on what was read, `undefined` where there was none; `false`: somebody else was first. */
  save(next: OrganizationVault, previous: OrganizationVault | undefined): Promise<boolean>;
  keys(vault: VaultId): Promise<readonly VaultKey[]>;
  key(id: string): Promise<VaultKey | undefined>;
  /** `false`: that public key, or that id, is there already. */
  addKey(key: VaultKey): Promise<boolean>;
  /** In one write each: first the person's other keys to the vault go, then this one counts. `false`: it is gone or counts already. */
  makeCurrent(id: string, by: PersonId): Promise<boolean>;
  removeKey(id: string): Promise<boolean>;
}

/** What is absent does not matter. */
export interface ViewFilter {
  readonly tenant?: TenantId;
  readonly states?: readonly ViewState[];
  readonly requesters?: readonly PersonId[];
  /** Who may have to decide. */
  readonly askedOf?: readonly PersonId[];
  readonly organizations?: readonly OrganizationId[];
}

export interface ViewStore {
  /** `false`: the id is taken. */
  insert(view: BreakGlassView): Promise<boolean>;
  load(id: ViewId): Promise<{ readonly view: BreakGlassView; readonly version: number } | undefined>;
  /** Compare-and-swap; `false`: somebody else was first. */
  save(next: BreakGlassView, version: number): Promise<boolean>;
  /** Newest first. */
  list(filter: ViewFilter, limit: number): Promise<readonly BreakGlassView[]>;
  /** Those whose `dueAt` has come. */
  due(now: Date, limit: number): Promise<readonly ViewId[]>;
}
