/** Taking a key away from somebody who stays a member: it is lost, or was never theirs. */
import type { Fault } from '../../engine/faults.js';
import type { VaultKey } from '../../engine/vault.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Admin } from '../change.js';
import { factsOf } from './enrol.js';
import { keySeen, recordVault, resealing, vaultName, whyLastKey } from './vaults.js';
import type { KeptDeps, VaultDeps } from './vaults.js';

export const removeKey = async (deps: VaultDeps, admin: Admin, asked: string): Promise<Result<VaultKey, Fault>> => {
  const seen = await keySeen(deps, admin, asked);
  if (!seen.ok) return seen;
  const key = seen.value;
  const last = await whyLastWithout(deps, key);
  if (last !== undefined) return err(last);
  await recordVault(deps, admin, 'vault.key-removed', { id: key.vault }, { facts: factsOf(key), about: [key.person] });
  return dropKey(deps, key);
};

/** Has everything sealed anew without it; to be on record before. */
export const dropKey = (deps: KeptDeps, key: VaultKey): Promise<Result<VaultKey, Fault>> =>
  resealing(deps, key.vault, async () => {
    if (!(await deps.vaults.removeKey(key.id))) return err({ code: 'vault.no-such-key', asked: key.id });
    // Somebody else may have removed the other one in that very moment.
    if ((await whyLastWithout(deps, key)) === undefined) return ok(key);
    await deps.vaults.addKey(key);
    return err({ code: 'vault.last-key', vault: await vaultName(deps, key.vault) });
  });

export const whyLastWithout = async (deps: KeptDeps, key: VaultKey): Promise<Fault | undefined> => {
  const vault = key.state === 'current' ? await deps.vaults.of(key.vault) : undefined;
  if (vault === undefined) return undefined;
  const others = (await deps.vaults.keys(key.vault)).filter(({ id }) => id !== key.id);
  return whyLastKey(deps, vault, [vault, [...others, key]], [vault, others]);
};
