import type { DirectoryFault } from './faults.js';
import type { Found, Inspection } from './inspection.js';
import type { Tenant } from './tenant.js';

/** What a checklist of a tenant is made of. */

/** One line of a tenant's checklist. */
export interface Finding {
  /** Which check it is, `permission:User.ReadWrite.All`; stays the same over time, so that changes can be told. */
  readonly check: string;
  /** `unknown`: it could not be looked at. */
  readonly state: 'ok' | 'warning' | 'missing' | 'unknown';
  /** What was found and what it is for, one plain sentence. */
  readonly says: string;
  /** What somebody can do about it: a command, or what to change where. Only what is `ok` has none. */
  readonly fix?: string;
}

/** All that one look at a tenant has brought. */
export interface Look {
  readonly tenant: Tenant;
  readonly inspection: Inspection;
  readonly domains: Found<readonly ListedDomain[]>;
  /** Whether the tenant has an app registration of its own. */
  readonly ownApp: boolean;
  /** A fault as one plain clause. */
  readonly say: (fault: DirectoryFault) => string;
}

export interface ListedDomain {
  readonly name: string;
  readonly verified: boolean;
  readonly managed: boolean;
}
