import type { Result } from '../lib/result.js';
import type { DirectoryFault } from './faults.js';

/** What a look at our own standing in a tenant can find. */

/** One part of an inspection: what was found, or why it could not be looked at. */
export type Found<T> = Result<T, DirectoryFault>;

/** The tenant's rules for Temporary Access Passes, lifetimes in minutes. */
export interface PassPolicy {
  readonly enabled: boolean;
  readonly leastMinutes: number;
  readonly mostMinutes: number;
  /** Whether every pass is for one sign-in only. */
  readonly onceOnly: boolean;
  /** Whether everybody may be given one; otherwise only members of some groups. */
  readonly everybody: boolean;
}

/** A secret or certificate of the app, as its home tenant lists it. */
export interface ListedCredential {
  readonly kind: 'secret' | 'certificate';
  readonly name: string;
  readonly expiresAt: Date;
}

/** What the directory says about our standing in it. */
export interface Inspection {
  /** When it was begun. */
  readonly at: Date;
  readonly token: Found<{ readonly clientId: string }>;
  /** Names of the Graph application permissions that were truly granted. */
  readonly permissions: Found<readonly string[]>;
  /** Template ids of the directory roles that our service principal holds, and its object id. */
  readonly principal: Found<{ readonly objectId: string; readonly roles: readonly string[] }>;
  readonly passPolicy: Found<PassPolicy>;
  readonly licences: Found<{ readonly p1: boolean; readonly p2: boolean }>;
  /** How far the directory's clock is ahead of ours, in milliseconds. */
  readonly skewMs: Found<number>;
  /** How many calls were throttled of late, and how much of the budget for the last ten seconds was used, 0 to 1. */
  readonly throttling: { readonly refused: number; readonly used: number };
  /** The app's own credentials; absent where this tenant is not the app's home. */
  readonly credentials: Found<readonly ListedCredential[] | undefined>;
  /** Whether the attribute that tags accounts exists on the app; absent where this tenant is not the app's home. */
  readonly tagAttribute: Found<boolean | undefined>;
}
