import type { DirectoryFault } from '../../engine/faults.js';
import type { Inspection } from '../../engine/inspection.js';
import type { RoleId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import type { Result } from '../../lib/result.js';

export interface Inspector {
  inspect(tenant: Tenant): Promise<Inspection>;
  /** Lets the tenant give access passes to everybody; needs `Policy.ReadWrite.AuthenticationMethod`. */
  enablePasses(tenant: Tenant): Promise<Result<void, DirectoryFault>>;
  /** Gives our own service principal a role in the whole directory; needs `RoleManagement.ReadWrite.Directory`. */
  takeRole(tenant: Tenant, role: RoleId): Promise<Result<void, DirectoryFault>>;
}
