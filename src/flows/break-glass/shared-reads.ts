import type { TenantId } from '../../engine/ids.js';
import { batching } from '../../lib/batching.js';
import type { FlowDeps } from '../deps.js';

type Read = Pick<FlowDeps, 'config' | 'checkups' | 'vaults'>;

/** Has rotations that run side by side read together what they all need: thousands of them have a few vaults. */
export const sharingReads = <Deps extends Read>(deps: Deps): Deps => {
  const { config, checkups, vaults } = deps;
  const tenant = batching(async (ids: readonly TenantId[]) => {
    const found = await config.tenants.byIds(ids);
    return new Map(found.map((one) => [one.id, one]));
  });
  const pause = batching(async () => new Map((await checkups.pauses()).map((one) => [one.tenant, one])));
  const vault = batching(each(vaults.of));
  const keys = batching(each(vaults.keys));
  return {
    ...deps,
    config: { ...config, tenants: { ...config.tenants, byId: tenant } },
    checkups: { ...checkups, pauseOf: pause },
    vaults: { ...vaults, of: vault, keys: async (id: Parameters<typeof keys>[0]) => (await keys(id)) ?? [] },
  };
};

const each =
  <Key, Value>(read: (key: Key) => Promise<Value>) =>
  async (keys: readonly Key[]): Promise<ReadonlyMap<Key, Value>> =>
    new Map(await Promise.all(keys.map(async (key) => [key, await read(key)] as const)));
