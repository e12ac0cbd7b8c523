import type { Cloud } from '../../engine/tenant.js';

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

export interface TenantAppStore {
  of(directoryId: string): Promise<OwnApp | undefined>;
  put(app: OwnApp): Promise<void>;
  /** Forgets the app with its secret; `false`: there was none. */
  remove(directoryId: string): Promise<boolean>;
  all(): Promise<readonly OwnApp[]>;
}
