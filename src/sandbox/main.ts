import { join } from 'node:path';

import { systemClock } from '../lib/clock.js';
import { createLog } from '../lib/log.js';
import { systemRandom } from '../lib/random.js';
import { createSandbox, type Sandbox } from './sandbox.js';
import { extraTenants, SANDBOX_APP, SANDBOX_BREAK_GLASS_APP, SANDBOX_TENANTS, type TenantSeed } from './seed.js';

/** `npm run sandbox`: the local Entra ID alone, until it is told to stop. */

const DEFAULT_PORT = 4433;

const readCount = (name: string, fallback: number): number => {
  const text = process.env[name];
  const value = text === undefined || text === '' ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new RangeError(`${name} must be a whole number below 65536, not ${text}`);
  return value;
};

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Whoever reaches the control plane rules the directory, so nobody but this machine may. */
const readHost = (host = '127.0.0.1'): string => {
  if (!LOOPBACK.includes(host)) throw new RangeError(`HOST must be one of ${LOOPBACK.join(', ')}, not ${host}`);
  return host;
};

const announcement = (sandbox: Sandbox, tenants: readonly TenantSeed[]): string =>
  [
    `The local Entra ID listens at ${sandbox.url}. For the bot:`,
    '',
    `ENTRA_CLIENT_ID=${SANDBOX_APP.clientId}`,
    `ENTRA_CLIENT_SECRET=${SANDBOX_APP.clientSecret}`,
    `BREAK_GLASS_CLIENT_ID=${SANDBOX_BREAK_GLASS_APP.clientId}`,
    `BREAK_GLASS_CLIENT_SECRET=${SANDBOX_BREAK_GLASS_APP.clientSecret}`,
    `ENTRA_AUTHORITY_HOST=${sandbox.authorityHost}`,
    `GRAPH_BASE_URL=${sandbox.graphBaseUrl}`,
    `NODE_EXTRA_CA_CERTS=${sandbox.caFile}`,
    '',
    'Tenants:',
    ...tenants.map(
      ({ displayName, id, domains }) => `  ${id}  ${displayName}  (${domains.map((domain) => domain.id).join(', ')})`,
    ),
    '',
    `Look inside: curl --cacert ${sandbox.caFile} ${sandbox.url}/_sandbox/state`,
    '',
  ].join('\n');

const run = async (): Promise<void> => {
  const log = createLog(process.env.LOG_LEVEL ?? 'info');
  const tenants = [...SANDBOX_TENANTS, ...extraTenants(readCount('SANDBOX_EXTRA_TENANTS', 0))];
  const sandbox = await createSandbox({
    clock: systemClock,
    random: systemRandom,
    log,
    host: readHost(process.env.HOST),
    port: readCount('PORT', DEFAULT_PORT),
    folder: process.env.DATA_DIR ?? join(process.cwd(), '.data'),
    tenants,
  });
  process.stdout.write(announcement(sandbox, tenants));

  const stop = (): void => {
    void sandbox.close().then(() => log.info({}, 'the local Entra ID stopped'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

run().catch((thrown: unknown) => {
  process.stderr.write(
    `The local Entra ID could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
  );
  process.exitCode = 1;
});
