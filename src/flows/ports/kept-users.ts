import type { ExistingUser } from '../../engine/access.js';
import type { DirectoryUserId, TenantId } from '../../engine/ids.js';

/** Which users of a tenant's directory Latchkey keeps itself: those are lent by no rule. */
export interface KeptUsers {
  /**
   * Those of these users who are accounts made for a technician or a request, or break-glass accounts, kept now or before,
   * whether they go by object id or by name.
   */
  among(tenant: TenantId, users: readonly Pick<ExistingUser, 'id' | 'upn'>[]): Promise<readonly DirectoryUserId[]>;
}
