import type { Observed } from '../../engine/account.js';
import type { DirectoryFault } from '../../engine/faults.js';
import type { AccountId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import type { Result } from '../../lib/result.js';
import type { DirectoryUser } from '../ports.js';

/** A user of the directory that carries a tag of ours. */
export interface TaggedUser {
  readonly objectId: string;
  readonly upn: string;
  readonly displayName: string;
  readonly enabled: boolean;
  /** The account that the tag names; it may be forged, or older than our records. */
  readonly account: AccountId;
}

/** One look at a tenant as a whole. */
export interface Survey {
  /** When the read was begun. */
  readonly at: Date;
  /** What it says of each account that was asked about; a user who is nowhere is `exists: false`. */
  readonly observed: ReadonlyMap<AccountId, Observed>;
  /** The names that users we know by object id have now. */
  readonly upns: ReadonlyMap<AccountId, string>;
  /** Everybody with a tag of ours, known or not. */
  readonly tagged: readonly TaggedUser[];
}

/** A user found by a name pattern, to be adopted. */
export interface NamedUser {
  readonly objectId: string;
  readonly upn: string;
  readonly displayName: string;
  readonly enabled: boolean;
  readonly origin: 'cloud' | 'synced' | 'guest';
  readonly tagged: boolean;
}

export interface DirectorySurvey {
  /** Reads all these accounts and everybody tagged ours, in as few round trips as Graph allows: one for five accounts. */
  survey(tenant: Tenant, users: readonly DirectoryUser[]): Promise<Result<Survey, DirectoryFault>>;
  /** Users whose user principal name begins so. */
  named(tenant: Tenant, prefix: string): Promise<Result<readonly NamedUser[], DirectoryFault>>;
}
