import { setTimeout as sleepFor } from 'node:timers/promises';
import type { DirectoryFault } from '../engine/faults.js';
import type { Cloud } from '../engine/tenant.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Random } from '../lib/random.js';
import { err } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { createBudget } from './budget.js';
import type { Budget } from './budget.js';
import { createGraph } from './call.js';
import type { Graph } from './call.js';
import { createClient } from './client.js';
import { CLOUDS, createCredential } from './credential.js';
import type { AppCredential, TenantApp } from './credential.js';
import { createPatience } from './patience.js';
import type { Patience } from './patience.js';
import { createSession } from './session.js';
import { createTokens } from './tokens.js';

/** The way to the Graph of any tenant. One for the whole process: with it go the limits, the tokens and the connections. */

export interface EntraConfig {
  readonly clientId: string;
  readonly credential: AppCredential;
  readonly cloud: Cloud;
  /** Another login authority than the cloud's own; https. */
  readonly authorityHost?: string;
  /** Another Graph than the cloud's own, without a version; https. */
  readonly graphBaseUrl?: string;
  /** How long one call may take, its sign-in included. Default 20 s. */
  readonly deadlineMs?: number;
}

export interface DirectoryOptions {
  readonly config: EntraConfig;
  /** The app of a tenant that has one of its own; absent, or `undefined`: the configured one. */
  readonly appOf?: (directoryId: string) => Promise<TenantApp | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sleep?: (ms: number) => Promise<void>;
}

type ReachOptions = Required<Pick<DirectoryOptions, 'sleep'>> & DirectoryOptions;

const DEADLINE_MS = 20_000;

const TENANT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const connect = (options: ReachOptions, directoryId: string, app: TenantApp, budget: Budget): Graph => {
  const { config, clock, random } = options;
  const { clientId, credential } = app;
  const { deadlineMs = DEADLINE_MS } = config;
  const { authorityHost, graphBaseUrl: graphAddress } = CLOUDS[app.cloud];
  const baseUrl = config.graphBaseUrl ?? graphAddress;
  const log = options.log.child({ directory: directoryId });
  // What the token is for is always the cloud's own Graph, wherever this one is reached.
  const scope = `${graphAddress}/.default`;
  const signIn = async () => {
    const proof = { directoryId, clientId, credential, authorityHost: config.authorityHost ?? authorityHost };
    return await createCredential(proof).getToken(scope);
  };
  const session = createSession(() => {
    const tokens = createTokens({ signIn, deadlineMs, clock, random, log });
    return { tokens, client: createClient({ tokens, graphBaseUrl: baseUrl }) };
  });
  return createGraph({ session, budget, clientId, baseUrl, graphAddress, deadlineMs, clock, log });
};

interface Reached {
  readonly app: TenantApp;
  readonly budget: Budget;
  readonly graph: Graph;
}

/** Each tenant's Graph, made once for each version of its app. The limits are the app's, whatever its credential. */
const createGraphs = (options: ReachOptions): ((directoryId: string) => Promise<Graph>) => {
  const { config, appOf = () => Promise.resolve(undefined) } = options;
  const configured: TenantApp = { ...config, version: '' };
  const reached = new Map<string, Reached>();

  return async (directoryId) => {
    const app = (await appOf(directoryId)) ?? configured;
    const known = reached.get(directoryId);
    const isSameApp = known?.app.clientId === app.clientId;
    if (isSameApp && known.app.version === app.version) return known.graph;
    const budget = isSameApp ? known.budget : createBudget(options);
    const graph = connect(options, directoryId, app, budget);
    reached.set(directoryId, { app, budget, graph });
    return graph;
  };
};

const noSuchTenant = (directoryId: string): DirectoryFault => ({
  code: 'directory.not-found',
  detail: `'${directoryId}' is not the id of a tenant`,
});

export interface Reach {
  /** Does something in a tenant, with patience of its own; refused for whatever is no tenant's id. */
  inTenant<T>(
    directoryId: string,
    act: (graph: Graph, patience: Patience) => Promise<Result<T, DirectoryFault>>,
  ): Promise<Result<T, DirectoryFault>>;
}

// Ids go into the addresses of the login authority, so that nothing but an id may pass.
export const createReach = (options: DirectoryOptions): Reach => {
  const { clock, random, sleep = sleepFor } = options;
  const graphOf = createGraphs({ ...options, sleep });
  return {
    inTenant: async (directoryId, act) => {
      if (!TENANT_ID.test(directoryId)) return err(noSuchTenant(directoryId));
      const graph = await graphOf(directoryId.toLowerCase());
      return await act(graph, createPatience({ clock, random, sleep }));
    },
  };
};
