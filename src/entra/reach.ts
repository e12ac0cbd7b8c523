import { setTimeout as sleepFor } from 'node:timers/promises';
import type { DirectoryFault } from '../engine/faults.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Random } from '../lib/random.js';
import { err } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { createGraph } from './call.js';
import type { Graph } from './call.js';
import { createClient } from './client.js';
import { CLOUDS, createCredential } from './credential.js';
import type { AppCredential, Cloud } from './credential.js';
import { createPatience } from './patience.js';
import type { Patience } from './patience.js';
import { createSession } from './session.js';

/** The way to the Graph of any tenant. */

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
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sleep?: (ms: number) => Promise<void>;
}

const DEADLINE_MS = 20_000;

const TENANT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Each tenant's Graph, made once: with it go its token, until Graph refuses it, and its connections. */
const createGraphs = ({ config, clock, log }: DirectoryOptions): ((directoryId: string) => Graph) => {
  const { clientId, credential, deadlineMs = DEADLINE_MS } = config;
  const cloud = CLOUDS[config.cloud];
  const authorityHost = config.authorityHost ?? cloud.authorityHost;
  const baseUrl = config.graphBaseUrl ?? cloud.graphBaseUrl;
  const scope = `${cloud.graphBaseUrl}/.default`;
  const graphs = new Map<string, Graph>();

  return (directoryId) => {
    const known = graphs.get(directoryId);
    if (known !== undefined) return known;
    const session = createSession(() =>
      createClient({
        credential: createCredential({ directoryId, clientId, credential, authorityHost }),
        graphBaseUrl: baseUrl,
        scope,
        deadlineMs,
      }),
    );
    const graph = createGraph({ session, baseUrl, deadlineMs, clock, log: log.child({ directory: directoryId }) });
    graphs.set(directoryId, graph);
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
  const graphOf = createGraphs(options);
  return {
    inTenant: async (directoryId, act) =>
      TENANT_ID.test(directoryId)
        ? await act(graphOf(directoryId.toLowerCase()), createPatience({ clock, random, sleep }))
        : err(noSuchTenant(directoryId)),
  };
};
