import { systemClock } from '../../src/lib/clock.js';
import { createLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { createSandbox } from '../../src/sandbox/sandbox.js';
import { benchTenants } from './tenants.js';

/** A local Entra ID in a process of its own, forked by the bench: FOLDER TENANTS. It ends with the process that forked it. */

const [folder = '', tenants = '1'] = process.argv.slice(2);
const sandbox = await createSandbox({
  clock: systemClock,
  random: systemRandom,
  log: createLog('error'),
  folder,
  tenants: benchTenants(Number(tenants)),
});
process.once('disconnect', () => process.exit(0));
process.send?.({ url: sandbox.url });
