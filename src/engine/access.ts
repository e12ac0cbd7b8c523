import { roleId } from './ids.js';
import type { DirectoryGroupId, DirectoryUserId, RoleId, UnitId } from './ids.js';

/** A part of a tenant's directory, to which a role can be confined. */
export interface AdministrativeUnit {
  readonly id: UnitId;
  readonly name: string;
}

/** A directory role by the name it had when somebody chose it. */
export interface Role {
  readonly id: RoleId;
  readonly name: string;
  /** As the tenant's directory said when it was chosen. */
  readonly privileged?: boolean;
  /** Where it is confined to; absent: the whole directory. */
  readonly unit?: AdministrativeUnit;
}

/** The name under which a role is held: confined to a unit it is another thing than in the whole directory. */
export const heldAs = ({ id, unit }: Pick<Role, 'id' | 'unit'>): RoleId =>
  unit === undefined ? id : roleId(`${id}@/administrativeUnits/${unit.id}`);

/** A group of a tenant's directory, by the name it had when somebody chose it. */
export interface DirectoryGroup {
  readonly id: DirectoryGroupId;
  readonly name: string;
  /** Whoever joins it may hold directory roles through it. */
  readonly roleAssignable: boolean;
}

/** A user of a tenant's directory whom Latchkey has not made. */
export interface ExistingUser {
  readonly id: DirectoryUserId;
  readonly upn: string;
  readonly name: string;
  /** `synced`: kept in step with a directory on the premises. */
  readonly origin: 'cloud' | 'synced' | 'guest';
}

/** A user to be made for one request. `upn`: user name and a verified, managed domain of the tenant. */
export interface FreshUser {
  readonly firstName: string;
  readonly lastName: string;
  readonly upn: string;
}

/** Whose directory user is lent: the technician's own one there, one made for this request, or one that was there before. */
export type AccountKind = 'dedicated' | 'fresh' | 'existing';

/** What becomes of the account at the end, once its access is gone. Of an `existing` one always `keep`. */
export type ExpirationAction = 'keep' | 'disable' | 'delete';

/** How something is asked for, beyond what it is. */
export interface Manner {
  readonly account: AccountKind;
  readonly atEnd: ExpirationAction;
  /** A Temporary Access Pass as the credential, instead of a password. */
  readonly tap: boolean;
}

/** How things are asked for where nobody says otherwise: not a rule, not a template, not the tenant. */
export const ORDINARY: Manner = { account: 'dedicated', atEnd: 'disable', tap: false };

/** The same for one tenant, which may have an end of its own. */
export const ordinaryIn = ({ atEnd = ORDINARY.atEnd }: { readonly atEnd?: ExpirationAction }): Manner => ({
  ...ORDINARY,
  atEnd,
});
