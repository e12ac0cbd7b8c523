import type { IdentityKey, PersonId } from '../../engine/ids.js';
import type { Identity, Platform } from '../../engine/person.js';

/** An identity on record, and whose it is. */
export interface KnownIdentity {
  readonly identity: Identity;
  /** May since have become an alias of another. */
  readonly person: PersonId;
}

/** The chat identities of everybody on record, one by one. */
export interface IdentityStore {
  /** Those of these that are on record. */
  byKeys(keys: readonly IdentityKey[]): Promise<readonly KnownIdentity[]>;
  /** Everybody's on a platform. */
  on(platform: Platform): Promise<readonly KnownIdentity[]>;
  deactivated(): Promise<readonly KnownIdentity[]>;
  /** Marks it, unless it is marked already; as it is afterwards. `undefined`: nobody on record has it. */
  deactivate(key: IdentityKey, at: Date): Promise<KnownIdentity | undefined>;
  /** Takes the mark of that moment off; `false`: it does not bear it. */
  reactivate(key: IdentityKey, deactivatedAt: Date): Promise<boolean>;
  /** Forgets every identity of these; whoever speaks with one again is somebody new. */
  forget(people: readonly PersonId[]): Promise<void>;
}
