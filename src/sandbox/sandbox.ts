import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Random } from '../lib/random.js';
import { loadCertificate } from './certificate.js';
import { createFaultBook } from './faults.js';
import { createLimitBook } from './limits.js';
import { createRequestLog } from './request-log.js';
import { SANDBOX_APPS, SANDBOX_TENANTS, type TenantSeed } from './seed.js';
import { listen } from './server.js';
import { createSigner } from './signer.js';
import { buildApp, buildTenant } from './tenant-builder.js';
import { userPropertiesFor } from './user-properties.js';
import type { World } from './world.js';

/** A local Entra ID for trying, developing and testing: login authority and Graph over HTTPS on loopback, all in memory. */

export interface SandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Where the certificate is kept. */
  readonly folder: string;
  /** Default: Contoso and Fabrikam. */
  readonly tenants?: readonly TenantSeed[];
}

export interface Sandbox {
  /** `https://localhost:PORT`; the control plane is below `/_sandbox/`. */
  readonly url: string;
  /** For `GRAPH_BASE_URL`: without `/v1.0`. */
  readonly graphBaseUrl: string;
  /** For `ENTRA_AUTHORITY_HOST`. */
  readonly authorityHost: string;
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  readonly port: number;
  /** Direct sight of the state, for tests in the same process. */
  readonly world: World;
  /** Back to the seed: state, faults, latency, logs. Tokens stay good, with the seeded permissions. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

const refill = (world: World, clock: Clock, tenants: readonly TenantSeed[]): void => {
  world.apps.clear();
  world.tenants.clear();
  for (const app of SANDBOX_APPS) world.apps.set(app.clientId, buildApp(app, clock));
  world.userProperties = userPropertiesFor([...world.apps.values()]);
  for (const tenant of tenants) world.tenants.set(tenant.id, buildTenant(tenant, SANDBOX_APPS, clock));
  for (const [value, token] of world.tokens) {
    const principal = world.tenants.get(token.tenantId)?.servicePrincipals.withKey(token.appId)[0];
    world.tokens.set(value, { ...token, permissions: new Set(principal?.permissions) });
  }
  world.codes.clear();
  world.signIns.length = 0;
  world.requests.clear();
  world.faults.clear();
  world.limits.clear();
  world.latencyMs = 0;
};

const createWorld = ({ clock, random, tenants = SANDBOX_TENANTS }: SandboxOptions): World => {
  const world: World = {
    clock,
    random,
    apps: new Map(),
    tenants: new Map(),
    tokens: new Map(),
    codes: new Map(),
    signer: createSigner(),
    signIns: [],
    requests: createRequestLog(clock),
    userProperties: userPropertiesFor([]),
    faults: createFaultBook(),
    limits: createLimitBook(clock),
    latencyMs: 0,
    graphBaseUrl: '',
    reset: () => refill(world, clock, tenants),
  };
  world.reset();
  return world;
};

export const createSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const world = createWorld(options);
  const certificate = await loadCertificate(options.folder);
  const server = await listen(world, certificate, options);
  const url = `https://localhost:${server.port}`;
  world.graphBaseUrl = url;
  return {
    url,
    graphBaseUrl: url,
    authorityHost: url,
    caFile: certificate.caFile,
    port: server.port,
    world,
    reset: world.reset,
    close: server.close,
  };
};
