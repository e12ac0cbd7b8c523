import type { Step } from '../engine/plan.js';
import type { Directory } from '../flows/ports.js';
import type { Clock } from '../lib/clock.js';
import { ok } from '../lib/result.js';
import { applySteps } from './apply.js';
import { describeDirectory } from './describe.js';
import { readGroups } from './groups.js';
import { createNewcomers } from './newcomers.js';
import { observe } from './observe.js';
import type { PassPolicies } from './pass-policy.js';
import { passTermsUnder } from './pass-terms.js';
import type { Reach } from './reach.js';
import { readRoles } from './roles.js';
import type { PassTerms } from './steps.js';
import { tagAttribute } from './tag.js';

/** The directories of all tenants, through Microsoft Graph. */

export interface DirectoryParts {
  readonly clock: Clock;
  readonly passPolicies: PassPolicies;
}

const isPass = (step: Step): boolean => step.do === 'issue-pass';

/** For steps that issue none. */
const NO_PASSES: PassTerms = { minutes: () => 0, onceOnly: false };

export const createDirectory = ({ inTenant }: Reach, { clock, passPolicies }: DirectoryParts): Directory => {
  const newcomers = createNewcomers(clock);
  return {
    observe: ({ directoryId }, user, look = {}) =>
      inTenant(directoryId, (graph, patience) =>
        observe({ graph, patience, tagAttribute: tagAttribute(graph.clientId), look }, user),
      ),
    // Whoever needs the policy asks for it again, and meets what failed.
    anticipatePass: ({ directoryId }) => void passPolicies.passPolicy(directoryId).catch(() => undefined),
    apply: async ({ directoryId }, user, steps, password) => {
      const terms = steps.some(isPass)
        ? passTermsUnder(await passPolicies.passPolicy(directoryId), clock)
        : ok(NO_PASSES);
      const applied = await inTenant(directoryId, async (graph, patience) => {
        const { clientId, graphAddress } = graph;
        const subject = { user, password, tagAttribute: tagAttribute(clientId), graphAddress };
        const passTerms = terms.ok ? terms.value : NO_PASSES;
        const barred = terms.ok ? undefined : terms.error;
        return ok(await applySteps({ graph, patience, subject: { ...subject, passTerms }, newcomers }, steps, barred));
      });
      if (!applied.ok) return steps.map(() => ({ kind: 'failed', fault: applied.error, unclear: false }));
      // What was refused may have been asked for under a policy that holds no more.
      const isRefused = steps.some((step, index) => isPass(step) && applied.value[index]?.kind === 'failed');
      if (isRefused) passPolicies.forget(directoryId);
      return applied.value;
    },
    roles: ({ directoryId }) => inTenant(directoryId, readRoles),
    groups: ({ directoryId }, words) => inTenant(directoryId, (graph, patience) => readGroups(graph, words, patience)),
    describe: (directoryId) =>
      inTenant(directoryId, (graph, patience) => describeDirectory(graph, directoryId, patience)),
  };
};
