import type { AppTrial } from '../flows/ports/tenant-apps.js';
import { createEntra } from './entra.js';
import type { DirectoryOptions } from './reach.js';

/** Tries apps in tenants: each time from nothing, because a token that was kept knows nothing of newer grants. */
export const createAppTrial = (options: Omit<DirectoryOptions, 'appOf'>): AppTrial => ({
  describe: (directoryId, app) =>
    createEntra({ ...options, appOf: () => Promise.resolve(app) }).directory.describe(directoryId),
});
