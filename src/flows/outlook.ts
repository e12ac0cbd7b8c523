import { tenantOf } from '../engine/ids.js';
import type { AccountId, TenantId } from '../engine/ids.js';
import { CONCERNED } from '../engine/request.js';
import type { FlowDeps } from './deps.js';
import type { LoadedRequest } from './ports.js';
import type { LeasedAccount } from './ports/accounts.js';
import type { Ground, Outlook } from './ports/saved.js';

type OutlookDeps = Pick<FlowDeps, 'config' | 'checkups' | 'accounts' | 'requests'>;

export const groundIn = async ({ config, checkups }: OutlookDeps, id: TenantId): Promise<Ground> => {
  const [tenant, checkup, pause] = await Promise.all([config.tenants.byId(id), checkups.of(id), checkups.pauseOf(id)]);
  return { tenant, checkup, pause };
};

export const outlookOn = (deps: OutlookDeps, account: AccountId): Outlook => {
  const outlook = { ground: groundIn(deps, tenantOf(account)), holding: deps.accounts.holding(account) };
  // Whoever needs it meets what failed; perhaps nobody does.
  for (const looked of Object.values(outlook)) looked.catch(() => undefined);
  return outlook;
};

/** The requests of an account, read before it was known whether we get its lease. */
export interface EarlyLook {
  /** `undefined`: somebody else may have had the lease since, and have closed what was read as live. */
  under(lease: LeasedAccount): Promise<readonly LoadedRequest[] | undefined>;
}

export const lookEarly = ({ requests }: OutlookDeps, account: AccountId, { holding }: Outlook): EarlyLook => {
  const look = async () => {
    const before = await holding;
    if (before === undefined || before.isHeld) return undefined;
    return { fence: before.fence, loaded: await requests.byAccount(account, CONCERNED) };
  };
  const looking = look();
  looking.catch(() => undefined);
  return {
    under: async ({ fence }) => {
      const looked = await looking;
      return looked?.fence === fence - 1 ? looked.loaded : undefined;
    },
  };
};
