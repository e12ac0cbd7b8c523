/** A lost key, taken away by whoever runs the server, where nobody is left who could do it in a chat. */
import type { Fault } from '../../engine/faults.js';
import { organizationOf } from '../../engine/ids.js';
import { recipientsOf } from '../../engine/vault.js';
import type { VaultKey } from '../../engine/vault.js';
import { randomId } from '../../lib/random.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { isKept } from '../break-glass/schedule.js';
import { owned } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { OPERATOR } from '../effects.js';
import { factsOf } from './enrol.js';
import { dropKey, whyLastWithout } from './remove-key.js';
import { tenantsOf, vaultName } from './vaults.js';

export type RekeyDeps = Pick<FlowDeps, 'clock' | 'random' | 'config' | 'vaults' | 'breakGlass' | 'audit'>;

/** What comes of taking a key away. */
export interface Rekeying {
  readonly key: VaultKey;
  /** Whose vault it is, in words. */
  readonly vault: string;
  /** How many public keys everything is sealed to afterwards. */
  readonly left: number;
  /** Accounts whose password is changed at once. */
  readonly changed: readonly string[];
  /** Accounts whose rotation is stopped: the lost key goes on opening what they have. */
  readonly untouched: readonly string[];
}

/** Changes nothing. */
export const planRekey = async (deps: RekeyDeps, id: string): Promise<Result<Rekeying, Fault>> => {
  const key = await deps.vaults.key(id);
  if (key === undefined) return err({ code: 'vault.no-such-key', asked: id });
  const last = await whyLastWithout(deps, key);
  if (last !== undefined) return err(last);
  const [vault, keys, tenants] = await Promise.all([
    deps.vaults.of(key.vault),
    deps.vaults.keys(key.vault),
    tenantsOf(deps, key.vault),
  ]);
  const others = keys.filter((one) => one.id !== id);
  const accounts = (await Promise.all(tenants.map((tenant) => deps.breakGlass.ofTenant(tenant.id)))).flat();
  return ok({
    key,
    vault: await vaultName(deps, key.vault),
    left: vault === undefined || vault.mode === 'server' ? 0 : recipientsOf(vault, others).length,
    changed: accounts.filter(isKept).map(({ upn }) => upn),
    untouched: accounts.filter((one) => !isKept(one) && one.candidates.length > 0).map(({ upn }) => upn),
  });
};

/** Whatever is running seals anew as soon as it next looks. */
export const rekey = async (deps: RekeyDeps, { key, vault }: Rekeying): Promise<Result<VaultKey, Fault>> => {
  await deps.audit.append(`change/${randomId(deps.random)}`, {
    what: 'vault.key-removed',
    at: deps.clock.now(),
    ...OPERATOR,
    ...owned(organizationOf(key.vault)),
    about: [key.person],
    facts: { vault: key.vault, name: vault, ...factsOf(key) },
  });
  return dropKey(deps, key);
};
