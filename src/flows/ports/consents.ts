import type { OrganizationId, PersonId, TenantId } from '../../engine/ids.js';
import type { Address } from '../../engine/person.js';
import type { Cloud } from '../../engine/tenant.js';

/**
 * A tenant being connected: who wants it, and how far the browser has come. Found by a hash of its state, which travels
 * through the browser; each step takes it once and leaves another.
 */
export interface Consent {
  readonly stateHash: string;
  readonly person: PersonId;
  /** Where the green check is shown. */
  readonly address: Address;
  /** The short name people will type. */
  readonly tenant: TenantId;
  readonly name?: string;
  readonly domain?: string;
  readonly organization?: OrganizationId;
  readonly cloud?: Cloud;
  /** The tenant that was asked for; absent: whichever the administrator belongs to. */
  readonly directoryId?: string;
  readonly expiresAt: Date;
  /** After the consent: the tenant that answered, waiting for the sign-in of whoever authorised it. */
  readonly signIn?: {
    readonly directoryId: string;
    readonly nonce: string;
    /** PKCE's verifier, sealed. */
    readonly verifier: string;
    /** Digest of the cookie of the browser that consented: no other one may bring the sign-in. */
    readonly browser: string;
  };
  /** After the sign-in: who authorised it, waiting for the directory to pass the consent on to all its parts. */
  readonly authorised?: SignedIn & { readonly at: Date };
}

export interface ConsentStore {
  insert(consent: Consent): Promise<void>;
  /** Takes it out, once; `undefined`: unknown, taken already, or expired. One atomic delete. */
  take(stateHash: string, now: Date): Promise<Consent | undefined>;
  /** Forgets what is long expired. */
  sweep(before: Date): Promise<void>;
}

/** Who signed in, as the login authority vouches for. */
export interface SignedIn {
  /** The tenant of the token, GUID. */
  readonly directoryId: string;
  readonly objectId: string;
  readonly name: string;
  readonly upn: string;
}
