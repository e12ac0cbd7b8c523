import type { Directory } from '../flows/ports.js';
import { ok } from '../lib/result.js';
import { applySteps } from './apply.js';
import { CLOUDS } from './credential.js';
import { describeDirectory } from './describe.js';
import { readGroups } from './groups.js';
import { createNewcomers } from './newcomers.js';
import { observe } from './observe.js';
import { createReach } from './reach.js';
import type { DirectoryOptions } from './reach.js';
import { readRoles } from './roles.js';
import { tagAttribute } from './tag.js';

/** The directories of all tenants, through Microsoft Graph. */

export const createDirectory = (options: DirectoryOptions): Directory => {
  const { config, clock } = options;
  const { inTenant } = createReach(options);
  const attribute = tagAttribute(config.clientId);
  const newcomers = createNewcomers(clock);
  return {
    observe: ({ directoryId }, user) =>
      inTenant(directoryId, (graph, patience) => observe({ graph, patience, tagAttribute: attribute }, user)),
    apply: async ({ directoryId }, user, steps, password) => {
      const subject = { user, password, tagAttribute: attribute, graphAddress: CLOUDS[config.cloud].graphBaseUrl };
      const applied = await inTenant(directoryId, async (graph, patience) =>
        ok(await applySteps({ graph, patience, subject, newcomers }, steps)),
      );
      if (applied.ok) return applied.value;
      return steps.map(() => ({ kind: 'failed', fault: applied.error, unclear: false }));
    },
    roles: ({ directoryId }) => inTenant(directoryId, readRoles),
    groups: ({ directoryId }, words) => inTenant(directoryId, (graph, patience) => readGroups(graph, words, patience)),
    describe: (directoryId) =>
      inTenant(directoryId, (graph, patience) => describeDirectory(graph, directoryId, patience)),
  };
};
