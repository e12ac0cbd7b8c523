import type { AppTrial } from '../flows/ports/tenant-apps.js';
import { describeDirectory } from './describe.js';
import { createReach } from './reach.js';
import type { DirectoryOptions } from './reach.js';

/** Tries apps in tenants: each time from nothing, because a token that was kept knows nothing of newer grants. */
export const createAppTrial = (options: Omit<DirectoryOptions, 'appOf'>): AppTrial => ({
  describe: (directoryId, app) =>
    createReach({ ...options, appOf: () => Promise.resolve(app) }).inTenant(directoryId, (graph, patience) =>
      describeDirectory(graph, directoryId, patience),
    ),
});
