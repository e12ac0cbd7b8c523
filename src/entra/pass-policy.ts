import type { DirectoryFault } from '../engine/faults.js';
import type { PassPolicy } from '../engine/inspection.js';
import { MINUTE } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayRepeat } from './call.js';
import type { Graph } from './call.js';
import { faultOf, malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { passPolicyAnswer } from './inspection-answers.js';
import type { Patience } from './patience.js';
import type { Reach } from './reach.js';
import { readBody } from './read.js';

/** Each tenant's rules for Temporary Access Passes, remembered for a while, so that an access costs no round trip for them. */
export interface PassPolicies {
  /** Whoever asks while it is being read waits for the same answer. A failure is not remembered. */
  passPolicy(directoryId: string): Promise<Result<PassPolicy, DirectoryFault>>;
  /** The next who asks is told what the directory says then. */
  forget(directoryId: string): void;
}

/** Long enough for a burst of requests; somebody who changes the policy waits no longer than this. */
const REMEMBERED_MS = 10 * MINUTE;

interface Memory {
  readonly until: number;
  readonly policy: Promise<Result<PassPolicy, DirectoryFault>>;
}

export const createPassPolicies = ({ inTenant }: Reach, clock: Clock): PassPolicies => {
  const memories = new Map<string, Memory>();
  const now = (): number => clock.now().getTime();

  const read = async (directoryId: string): Promise<Result<PassPolicy, DirectoryFault>> =>
    inTenant(directoryId, async (graph, patience) => {
      const answer = await graph.send({ method: 'GET', path: PASS_POLICY }, patience);
      return answer.ok ? readPassPolicy(answer.value) : err(answer.error.fault);
    });

  return {
    passPolicy: async (directoryId) => {
      const key = directoryId.toLowerCase();
      const known = memories.get(key);
      if (known !== undefined && now() < known.until) return known.policy;
      const memory = { until: now() + REMEMBERED_MS, policy: read(key) };
      memories.set(key, memory);
      const forgetFailure = (): void => {
        if (memories.get(key) === memory) memories.delete(key);
      };
      memory.policy.then(({ ok: isKnown }) => isKnown || forgetFailure(), forgetFailure);
      return memory.policy;
    },
    forget: (directoryId) => void memories.delete(directoryId.toLowerCase()),
  };
};

export const PASS_POLICY =
  '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass';

const EVERYBODY = 'all_users';

export const readPassPolicy = (answer: GraphAnswer): Result<PassPolicy, DirectoryFault> => {
  const policy = readBody(passPolicyAnswer, answer);
  if (!policy.ok) return policy;
  const { state, isUsableOnce, minimumLifetimeInMinutes, maximumLifetimeInMinutes } = policy.value;
  const { includeTargets, excludeTargets } = policy.value;
  const includesAll = (includeTargets ?? []).some(({ id }) => id.toLowerCase() === EVERYBODY);
  return ok({
    enabled: state === 'enabled',
    leastMinutes: minimumLifetimeInMinutes,
    mostMinutes: maximumLifetimeInMinutes,
    onceOnly: isUsableOnce,
    everybody: includesAll && (excludeTargets ?? []).length === 0,
  });
};

const POLICY_FOR_ALL = {
  '@odata.type': '#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration',
  state: 'enabled',
  includeTargets: [{ targetType: 'group', id: EVERYBODY, isRegistrationRequired: false }],
};

/** Lets the tenant give passes to everybody. Doing it twice does no more than once, so it may be repeated. */
export const enablePasses = async (graph: Graph, patience: Patience): Promise<Result<void, DirectoryFault>> => {
  const change = { id: 'policy', method: 'PATCH', path: PASS_POLICY, body: POLICY_FOR_ALL } as const;
  for (let attempt = 1; ; attempt += 1) {
    const answers = await graph.batch([change], patience);
    if (!answers.ok) return err(answers.error.fault);
    const answer = answers.value.get(change.id);
    if (answer === undefined) return err(malformed('the batch has no answer for the change of the policy'));
    if (answer.status === 204 || answer.status === 200) return ok(undefined);
    if (!mayRepeat(answer, true) || !(await patience.pause(attempt, answer.retryAfterMs))) return err(faultOf(answer));
  }
};
