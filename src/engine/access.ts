import type { DirectoryGroupId, RoleId } from './ids.js';

/** A directory role by the name it had when somebody chose it. */
export interface Role {
  readonly id: RoleId;
  readonly name: string;
  /** As the tenant's directory said when it was chosen. */
  readonly privileged?: boolean;
}

/** A group of a tenant's directory, by the name it had when somebody chose it. */
export interface DirectoryGroup {
  readonly id: DirectoryGroupId;
  readonly name: string;
  /** Whoever joins it may hold directory roles through it. */
  readonly roleAssignable: boolean;
}

/** Whose directory user is lent: the technician's own one there, one made for this request, or one that was there before. */
export type AccountKind = 'dedicated' | 'fresh' | 'existing';

/** What becomes of the account at the end, once its access is gone. */
export type ExpirationAction = 'keep' | 'disable' | 'delete';

/** How something is asked for, beyond what it is. */
export interface Manner {
  readonly account: AccountKind;
  readonly atEnd: ExpirationAction;
  readonly tap: boolean;
}

export const ORDINARY: Manner = { account: 'dedicated', atEnd: 'disable', tap: false };
