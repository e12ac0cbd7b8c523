import type { DirectoryFault } from '../../engine/faults.js';
import type { Cloud } from '../../engine/tenant.js';
import type { Redacted } from '../../lib/redacted.js';
import type { Result } from '../../lib/result.js';
import type { DirectoryDescription } from '../ports.js';

/** An app registration that a tenant has of its own, instead of the server's. */
export interface OwnApp {
  /** The tenant's GUID, lower case. */
  readonly directoryId: string;
  readonly clientId: string;
  readonly cloud: Cloud;
  /** `federated`: the token file of the server's platform; nothing secret of it is kept. */
  readonly kind: 'secret' | 'certificate' | 'federated';
  /** The secret, or certificate and private key as PEM, sealed. */
  readonly sealed?: string;
  /** When the credential ends, where that is known. */
  readonly expiresAt?: Date;
  readonly changedAt: Date;
}

/** How an app proves who it is, ready for use. */
export type AppProof =
  | { readonly kind: 'secret'; readonly secret: Redacted<string> }
  /** Certificate and private key, as PEM. */
  | { readonly kind: 'pem'; readonly pem: Redacted<string> }
  | { readonly kind: 'federated'; readonly tokenFile: string };

/** An app as the directory uses it. */
export interface UsableApp {
  readonly clientId: string;
  readonly cloud: Cloud;
  readonly credential: AppProof;
  /** Another one whenever anything of the app changes. */
  readonly version: string;
}

/** Tries an app in a tenant: with a token that is fetched for this alone, and none that was kept. */
export interface AppTrial {
  /** Without an app: the server's. */
  describe(directoryId: string, app?: UsableApp): Promise<Result<DirectoryDescription, DirectoryFault>>;
}

export interface TenantAppStore {
  of(directoryId: string): Promise<OwnApp | undefined>;
  /** `false`: the directory has one, which stays. */
  putIfAbsent(app: OwnApp): Promise<boolean>;
  put(app: OwnApp): Promise<void>;
  /** Forgets the app with its secret; with `only`, this very one and none that took its place. `false`: there was none. */
  remove(directoryId: string, only?: Pick<OwnApp, 'clientId' | 'changedAt'>): Promise<boolean>;
  all(): Promise<readonly OwnApp[]>;
}
