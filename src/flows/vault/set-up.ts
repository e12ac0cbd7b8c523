/** Choosing how an organization's break-glass passwords are sealed: nobody and nothing chooses it in silence. */
import type { Fault } from '../../engine/faults.js';
import { organizationOf } from '../../engine/ids.js';
import type { PersonId, VaultId } from '../../engine/ids.js';
import { ROTATE_EVERY_MS } from '../../engine/vault.js';
import type { OrganizationVault } from '../../engine/vault.js';
import { DAY, HOUR } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch } from '../change.js';
import type { Admin } from '../change.js';
import { changeVault, factsOf, recordVault, vaultName } from './vaults.js';
import type { VaultDeps } from './vaults.js';

const SHORTEST_MS = HOUR;
const LONGEST_MS = 90 * DAY;

/** What is absent stays as it is. */
export interface VaultWish {
  readonly mode?: OrganizationVault['mode'];
  readonly members?: readonly PersonId[];
  readonly rotateEveryMs?: number;
}

/** Sets a vault up; for that `mode` has to be said. */
export const setUpVault = async (
  deps: VaultDeps,
  admin: Admin,
  id: VaultId,
  wish: VaultWish,
): Promise<Result<OrganizationVault, Fault>> => {
  const unfit = whyUnfit(wish);
  if (unfit !== undefined) return err(unfit);
  const allowed = await mayTouch(deps, admin, organizationOf(id));
  if (!allowed.ok) return allowed;
  if ((await deps.vaults.of(id)) !== undefined) return changeSetUp(deps, admin, id, wish);
  if (wish.mode === undefined) {
    return err({ code: 'admin.invalid', field: '--sealed-to', problem: 'say recipients or server' });
  }
  const { mode, members = [], rotateEveryMs = ROTATE_EVERY_MS } = wish;
  const vault: OrganizationVault = { id, mode, members: [...new Set(members)], rotateEveryMs };
  await recordVault(deps, admin, 'vault.set-up', vault, { about: vault.members, after: factsOf(vault) });
  if (await deps.vaults.save(vault, undefined)) return ok(vault);
  return err({ code: 'vault.set-up-already', vault: await vaultName(deps, id) });
};

const whyUnfit = ({ rotateEveryMs: every }: VaultWish): Fault | undefined =>
  every === undefined || (every >= SHORTEST_MS && every <= LONGEST_MS)
    ? undefined
    : { code: 'admin.invalid', field: '--every', problem: 'say an hour at least, and 90 days at most' };

/** Members join by a word of their own, which says who they are and checks that they hold no key yet. */
const changeSetUp = (
  deps: VaultDeps,
  admin: Admin,
  id: VaultId,
  { mode, rotateEveryMs }: VaultWish,
): Promise<Result<OrganizationVault, Fault>> =>
  changeVault(deps, admin, id, {
    event: 'vault.changed',
    next: async (current) => {
      const next = { ...current, mode: mode ?? current.mode, rotateEveryMs: rotateEveryMs ?? current.rotateEveryMs };
      if (next.mode !== current.mode || next.rotateEveryMs !== current.rotateEveryMs) return ok(next);
      return err({ code: 'vault.set-up-already', vault: await vaultName(deps, id) });
    },
  });
