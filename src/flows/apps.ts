import { redacted } from '../lib/redacted.js';
import type { FlowDeps } from './deps.js';
import type { AppProof, OwnApp, UsableApp } from './ports/tenant-apps.js';

type AppsDeps = Pick<FlowDeps, 'tenantApps' | 'vault' | 'settings'>;

/** The app of a tenant that has one of its own, its seal open; `undefined`: the server's. */
export type AppOf = (directoryId: string) => Promise<UsableApp | undefined>;

/** Reads the app each time, because another process may have changed it, and opens each version of it once. */
export const createAppOf = ({ tenantApps, vault, settings }: AppsDeps): AppOf => {
  const opened = new Map<string, UsableApp>();

  const proofOf = async ({ kind, sealed }: OwnApp): Promise<AppProof> => {
    if (kind === 'federated') return { kind, tokenFile: settings.tokenFile ?? '' };
    const secret = sealed === undefined ? redacted('') : await vault.open(sealed);
    return kind === 'secret' ? { kind, secret } : { kind: 'pem', pem: secret };
  };

  return async (directoryId) => {
    const app = await tenantApps.of(directoryId.toLowerCase());
    if (app === undefined) {
      opened.delete(directoryId);
      return undefined;
    }
    const version = app.changedAt.toISOString();
    const known = opened.get(directoryId);
    if (known?.version === version) return known;
    const usable = { clientId: app.clientId, cloud: app.cloud, version, credential: await proofOf(app) };
    opened.set(directoryId, usable);
    return usable;
  };
};
