import type { AdministrativeUnit, ExistingUser } from '../../engine/access.js';
import type { DirectoryFault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import type { Result } from '../../lib/result.js';

/** Finding what somebody may name in a request or a rule. */
export interface DirectorySearch {
  /** Users whose name, user principal name or mail begins with these words, by name; at most 50. */
  users(tenant: Pick<Tenant, 'directoryId'>, words: string): Promise<Result<readonly ExistingUser[], DirectoryFault>>;
  /** The one user with this object id or user principal name; `undefined`: there is none. */
  user(tenant: Pick<Tenant, 'directoryId'>, key: string): Promise<Result<ExistingUser | undefined, DirectoryFault>>;
  /** Administrative units whose names begin with these words, or the one with this id; with no words, all of them. */
  units(
    tenant: Pick<Tenant, 'directoryId'>,
    words: string,
  ): Promise<Result<readonly AdministrativeUnit[], DirectoryFault>>;
}
