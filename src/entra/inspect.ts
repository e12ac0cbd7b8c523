import type { DirectoryFault } from '../engine/faults.js';
import type { Found, Inspection } from '../engine/inspection.js';
import type { Inspector } from '../flows/ports/inspection.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Graph } from './call.js';
import { faultOf, malformed } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import { LICENCES, readLicences } from './licences.js';
import { appPaths, readCredentials, readTagAttribute } from './own-app.js';
import { grantPaths, ownPrincipal, readPermissions, readPrincipal } from './own-grants.js';
import { takeRole } from './own-role.js';
import { enablePasses, PASS_POLICY, readPassPolicy } from './pass-policy.js';
import type { PassPolicies } from './pass-policy.js';
import type { Patience } from './patience.js';
import type { Reach } from './reach.js';
import { readTogether } from './read.js';

/** Looks at our own standing in a tenant, in two round trips: one part that fails says why and leaves the others be. */

export interface InspectorOptions {
  readonly clock: Clock;
  /** Told to forget a policy that was changed here. */
  readonly passPolicies: Pick<PassPolicies, 'forget'>;
}

export const createInspector = ({ inTenant }: Reach, { clock, passPolicies }: InspectorOptions): Inspector => ({
  inspect: async ({ directoryId }) => {
    const at = clock.now();
    const looked = await inTenant(directoryId, async (graph, patience) => ok(await look(graph, patience)));
    return { at, ...(looked.ok ? looked.value : unreached(looked.error)) };
  },
  enablePasses: async ({ directoryId }) => {
    const enabled = await inTenant(directoryId, enablePasses);
    // Whatever was answered, the change may have been made.
    passPolicies.forget(directoryId);
    return enabled;
  },
  takeRole: ({ directoryId }, role) => inTenant(directoryId, (graph, patience) => takeRole(graph, role, patience)),
});

type Look = Omit<Inspection, 'at'>;

type Call = Result<GraphAnswer, CallFailure>;

const pathsFor = (clientId: string) => ({
  ...grantPaths(clientId),
  ...appPaths(clientId),
  policy: PASS_POLICY,
  licences: LICENCES,
});

type Answers = Readonly<Record<keyof ReturnType<typeof pathsFor>, GraphAnswer>>;

const look = async (graph: Graph, patience: Patience): Promise<Look> => {
  // By itself, because only an answer of its own tells the directory's time.
  const alone = graph.send({ method: 'GET', path: ownPrincipal(graph.clientId) }, patience);
  const batch = readTogether(graph, pathsFor(graph.clientId), patience);
  const [own, together] = await Promise.all([alone, batch]);
  const parts = together.ok ? await readParts(graph, own, together.value, patience) : failedParts(together.error);
  return { token: tokenIn(graph, own), skewMs: skewIn(own), ...parts, throttling: graph.strain() };
};

type Parts = Omit<Look, 'token' | 'skewMs' | 'throttling'>;

const readParts = async (graph: Graph, own: Call, answers: Answers, patience: Patience): Promise<Parts> => {
  const [permissions, principal, licences, tagAttribute] = await Promise.all([
    readPermissions(graph, answers, patience),
    own.ok ? readPrincipal(graph, own.value, answers.roleGroups, patience) : err(own.error.fault),
    readLicences(graph, answers.licences, patience),
    readTagAttribute(graph, answers.extensions, patience),
  ]);
  return {
    permissions,
    principal,
    licences,
    tagAttribute,
    passPolicy: readPassPolicy(answers.policy),
    credentials: readCredentials(graph.clientId, answers.app),
  };
};

const UNAUTHORIZED = 401;

/** Any answer but a refusal of the token proves it. */
const tokenIn = ({ clientId }: Graph, own: Call): Inspection['token'] => {
  if (!own.ok) return err(own.error.fault);
  return own.value.status === UNAUTHORIZED ? err(faultOf(own.value)) : ok({ clientId });
};

const skewIn = (own: Call): Found<number> => {
  if (!own.ok) return err(own.error.fault);
  const { skewMs } = own.value;
  return skewMs === undefined ? err(malformed('the answer does not say when it was given')) : ok(skewMs);
};

const failedParts = (fault: DirectoryFault): Parts => {
  const failed = err(fault);
  return {
    permissions: failed,
    principal: failed,
    licences: failed,
    tagAttribute: failed,
    passPolicy: failed,
    credentials: failed,
  };
};

const unreached = (fault: DirectoryFault): Look => ({
  token: err(fault),
  skewMs: err(fault),
  ...failedParts(fault),
  throttling: { refused: 0, used: 0 },
});
