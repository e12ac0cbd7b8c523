import type { RosterFault } from '../../engine/faults.js';
import type { Follow } from '../../engine/follow.js';
import type { IdentityKey } from '../../engine/ids.js';
import type { Identity } from '../../engine/person.js';
import type { Result } from '../../lib/result.js';

/** Where a list of people is looked for: an Entra group lives in one directory. */
export type RosterPlace =
  { readonly kind: 'slack' } | { readonly kind: 'teams' } | { readonly kind: 'entra'; readonly directoryId: string };

/** Lists of people that are kept elsewhere. */
export interface Rosters {
  /** Everybody in the list whose account is live, bots apart. An answer is the whole list, to its end. */
  membersOf(follow: Follow): Promise<Result<readonly Identity[], RosterFault>>;
  /** The list that somebody means by a name, an id or a mention. */
  find(place: RosterPlace, typed: string): Promise<Result<Follow, RosterFault>>;
}

/** Whether an account that people speak with still is one. */
export type Standing = 'active' | 'deactivated';

/** What platforms say of the accounts of people on record. */
export interface Standings {
  /** Those of whom the platform says anything certain; whoever is missing may be either. */
  of(identities: readonly Identity[]): Promise<Result<ReadonlyMap<IdentityKey, Standing>, RosterFault>>;
}
