import type { Clock } from '../lib/clock.js';
import type { Random } from '../lib/random.js';
import type { FaultBook } from './faults.js';
import type { AccessToken, App, AuthorizationCode, ServicePrincipal, SignIn, Tenant } from './model.js';
import type { LimitBook } from './limits.js';
import type { RequestLog } from './request-log.js';
import type { Signer } from './signer.js';
import type { UserProperties } from './user-properties.js';

/** Everything that is, in one place: what the login authority, Graph and the control plane all look at. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly apps: Map<string, App>;
  readonly tenants: Map<string, Tenant>;
  readonly tokens: Map<string, AccessToken>;
  readonly codes: Map<string, AuthorizationCode>;
  /** Signs what the login authority says of users. */
  readonly signer: Signer;
  readonly signIns: SignIn[];
  readonly requests: RequestLog;
  readonly faults: FaultBook;
  readonly limits: LimitBook;
  /** Follows from the extension attributes that the apps registered. */
  userProperties: UserProperties;
  /** Added to every answer of Graph and the login authority. */
  latencyMs: number;
  /** Where this sandbox is reached; known once it listens. */
  graphBaseUrl: string;
  /** Back to the seed: state, faults, latency, logs. Tokens stay good, with the seeded permissions. */
  readonly reset: () => void;
}

/** A tenant by its id or one of its domains. */
export const findTenant = (world: World, idOrDomain: string): Tenant | undefined => {
  const wanted = idOrDomain.toLowerCase();
  const direct = world.tenants.get(wanted);
  if (direct !== undefined) return direct;
  return [...world.tenants.values()].find((tenant) => tenant.domains.some((domain) => domain.id === wanted));
};

export const servicePrincipalOf = (tenant: Tenant, appId: string): ServicePrincipal | undefined =>
  tenant.servicePrincipals.withKey(appId)[0];

/** Whether a tenant can know the app at all: it is at home there, or may be let in. */
export const isKnownIn = (app: App, tenant: Tenant): boolean => app.isMultitenant || app.homeTenantId === tenant.id;
