import { systemClock } from '../../src/lib/clock.js';
import { createLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { createSandbox } from '../../src/sandbox/sandbox.js';
import { SANDBOX_APP } from '../../src/sandbox/seed.js';
import { tagAttribute, writeTag } from '../../src/entra/tag.js';
import { benchTenant, benchTenants, shutAccounts } from './tenants.js';

/**
 * A local Entra ID in a process of its own, forked by the bench: FOLDER TENANTS ACCOUNTS. So many accounts of ours are in
 * each tenant, shut. It ends with the process that forked it.
 */

const [folder = '', tenants = '1', accounts = '0'] = process.argv.slice(2);
const sandbox = await createSandbox({
  clock: systemClock,
  random: systemRandom,
  log: createLog('error'),
  folder,
  tenants: benchTenants(Number(tenants)),
});
for (let index = 0; index < Number(tenants) && Number(accounts) > 0; index += 1) {
  const tenant = benchTenant(index);
  const { users } = sandbox.world.tenants.get(tenant.id)!;
  for (const account of shutAccounts(tenant, Number(accounts))) {
    users.set(account.objectId, {
      id: account.objectId,
      userPrincipalName: account.upn,
      accountEnabled: false,
      password: { digest: '', mustChange: false },
      properties: {
        displayName: account.displayName,
        userType: 'Member',
        [tagAttribute(SANDBOX_APP.clientId)]: writeTag(account.id, account.credential.generation),
      },
    });
  }
}
process.once('disconnect', () => process.exit(0));
process.send?.({ url: sandbox.url });
