/** The second person's word on a key that would replace another. */
import type { Fault } from '../../engine/faults.js';
import { isNamedBy, mayBeSameHuman } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { VaultKey } from '../../engine/vault.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Admin } from '../change.js';
import { factsOf } from './enrol.js';
import { keySeen, membershipOf, recordVault, resealing, vaultName } from './vaults.js';
import type { VaultDeps } from './vaults.js';

export interface JudgedKey {
  readonly key: VaultKey;
  /** Whose vault. */
  readonly name: string;
  /** Whose key. */
  readonly person: Person;
}

/** From now on the key counts in the place of the others that this person had, and everything is sealed to it. */
export const confirmKey = async (deps: VaultDeps, admin: Admin, asked: string): Promise<Result<JudgedKey, Fault>> => {
  const judged = await keyToJudge(deps, admin, asked);
  if (!judged.ok || judged.value.key.state === 'current') return judged;
  const { key, person } = judged.value;
  const membership = await membershipOf(deps, person, key.vault);
  if (!membership.ok) return err({ code: 'vault.no-such-key', asked });
  const others = (await deps.vaults.keys(key.vault)).filter(
    (other) => other.id !== key.id && isNamedBy(person, other.person),
  );
  await recordVault(deps, admin, 'vault.confirmed', { id: key.vault }, { facts: factsOf(key), about: [person.id] });
  const counts = await resealing(deps, key.vault, async () => {
    if (!(await deps.vaults.makeCurrent(key.id, admin.person.id))) {
      await restore(deps, person, others);
      return false;
    }
    // Of somebody who was joined from two people, each may have had a key.
    for (const { id } of others) await deps.vaults.removeKey(id);
    return true;
  });
  return counts ? ok(judged.value) : err({ code: 'vault.no-such-key', asked });
};

/** A key that was withdrawn in that very moment must not have cost its person the one they had. */
const restore = async ({ vaults }: VaultDeps, person: Person, others: readonly VaultKey[]): Promise<void> => {
  for (const key of others.filter(({ state }) => state === 'current')) {
    const now = await vaults.keys(key.vault);
    if (!now.some((other) => other.state === 'current' && isNamedBy(person, other.person))) await vaults.addKey(key);
  }
};

/** The key is not taken in, and what its person had goes on. */
export const refuseKey = async (deps: VaultDeps, admin: Admin, asked: string): Promise<Result<JudgedKey, Fault>> => {
  const judged = await keyToJudge(deps, admin, asked);
  if (!judged.ok) return judged;
  const { key, person } = judged.value;
  if (key.state === 'current') return err({ code: 'vault.no-such-key', asked });
  await recordVault(deps, admin, 'vault.turned-down', { id: key.vault }, { facts: factsOf(key), about: [person.id] });
  await deps.vaults.removeKey(key.id);
  return judged;
};

const keyToJudge = async (deps: VaultDeps, admin: Admin, asked: string): Promise<Result<JudgedKey, Fault>> => {
  const seen = await keySeen(deps, admin, asked);
  if (!seen.ok) return seen;
  const key = seen.value;
  const person = await deps.people.byId(key.person);
  if (person === undefined) return err({ code: 'vault.no-such-key', asked });
  if (mayBeSameHuman(admin.person, person)) return err({ code: 'vault.own-key' });
  return ok({ key, person, name: await vaultName(deps, key.vault) });
};
