/** Who may have a key to a vault. */
import type { Fault } from '../../engine/faults.js';
import type { PersonId, VaultId } from '../../engine/ids.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { OrganizationVault } from '../../engine/vault.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Admin } from '../change.js';
import { changeVault, vaultName, whyLastKey } from './vaults.js';
import type { VaultDeps } from './vaults.js';

export const addMembers = async (
  deps: VaultDeps,
  admin: Admin,
  id: VaultId,
  joining: readonly PersonId[],
): Promise<Result<OrganizationVault, Fault>> => {
  const people = await deps.people.byIds(joining);
  const added = await changeVault(deps, admin, id, {
    event: 'vault.joined',
    about: joining,
    next: async (current) => {
      if (current.mode === 'server') return err({ code: 'vault.server-sealed', vault: await vaultName(deps, id) });
      const fresh = people.filter((person) => !current.members.some((member) => isNamedBy(person, member)));
      // A key that outlived an earlier membership must not count again by itself.
      for (const person of fresh) await forgetKeys(deps, id, person);
      return ok({ ...current, members: [...new Set([...current.members, ...fresh.map((person) => person.id)])] });
    },
  });
  return added;
};

/** Takes somebody out, with their keys; what they saw cannot be unseen, so that everything is rotated. */
export const removeMember = async (
  deps: VaultDeps,
  admin: Admin,
  id: VaultId,
  leaving: Person,
): Promise<Result<OrganizationVault, Fault>> => {
  const removed = await changeVault(deps, admin, id, {
    event: 'vault.left',
    about: [leaving.id],
    next: async (current) => {
      const members = current.members.filter((member) => !isNamedBy(leaving, member));
      if (members.length === current.members.length) {
        return err({ code: 'admin.unknown', what: 'member', asked: leaving.name });
      }
      const next = { ...current, members };
      const keys = await deps.vaults.keys(id);
      const last = await whyLastKey(deps, current, [current, keys], [next, keys]);
      return last === undefined ? ok(next) : err(last);
    },
  });
  if (removed.ok) await forgetKeys(deps, id, leaving);
  return removed;
};

const forgetKeys = async ({ vaults }: VaultDeps, id: VaultId, person: Person): Promise<void> => {
  for (const key of await vaults.keys(id)) if (isNamedBy(person, key.person)) await vaults.removeKey(key.id);
};
