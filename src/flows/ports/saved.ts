import type { Tenant } from '../../engine/tenant.js';
import type { LoadedRequest, StoredRequest } from '../ports.js';
import type { Holding } from './accounts.js';
import type { Checkup, Pause } from './checkups.js';

/** What is known of a tenant. */
export interface Ground {
  readonly tenant: Tenant | undefined;
  readonly checkup: Checkup | undefined;
  readonly pause: Pause | undefined;
}

/** What converging an account begins with, looked up while what makes it necessary is still being saved. */
export interface Outlook {
  readonly ground: Promise<Ground>;
  readonly holding: Promise<Holding | undefined>;
}

/** A request as it was just saved. */
export interface SavedRequest extends LoadedRequest {
  readonly outlook?: Outlook;
  readonly toDeliver?: ToDeliver;
}

/** A request, as it was just saved, whose effects no other process may perform before `until`. */
export interface ToDeliver {
  readonly stored: StoredRequest;
  readonly until: Date;
  /** Whether this process may have performed some of them since. */
  readonly isOutdated: () => boolean;
}
