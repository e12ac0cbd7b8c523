import { organizationOf } from '../../engine/ids.js';
import { maySee } from '../../engine/organization.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person } from '../../engine/person.js';
import type { OrganizationVault, VaultKey } from '../../engine/vault.js';
import { fingerprintOf } from '../../engine/vault-keys.js';
import { vaultName } from '../../flows/vault/vaults.js';
import { card, listCard } from '../answers.js';
import { code, line, sayDuration, sayTime, strong } from '../say.js';
import { MEANING, SEALED_BY } from '../vault-cards.js';
import type { Card, Fact, Line } from '../view.js';
import type { AdminContext } from './noun.js';

/** Every vault in sight, a line each. */
export const vaultsCard = async ({ deps, standing }: AdminContext): Promise<Card> => {
  const seen = (await deps.vaults.all()).filter(({ id }) => maySee(standing, organizationOf(id)));
  const lines = await Promise.all(
    seen.map(async ({ id, mode, members }) => {
      const current = (await deps.vaults.keys(id)).filter(({ state }) => state === 'current').length;
      const count = `${members.length} ${members.length === 1 ? 'member' : 'members'}, ${current} with a key`;
      return line(strong(await vaultName(deps, id)), mode === 'server' ? ': sealed to the server' : `: ${count}`);
    }),
  );
  return listCard('Vaults', lines, 'None yet. /jit admin vault set ORGANIZATION --sealed-to recipients sets one up.');
};

/** One of them, key by key. */
export const vaultCard = async (
  { deps, turn }: AdminContext,
  vault: OrganizationVault,
  name: string,
): Promise<Card> => {
  const [keys, people] = await Promise.all([deps.vaults.keys(vault.id), deps.people.byIds(vault.members)]);
  const { recovery, rotateEveryMs, mode } = vault;
  const at = (moment: Date): string => sayTime(moment, turn.reading);
  const keyLine = ({ id, state, sealedBy, enrolledAt, recipient }: VaultKey): string =>
    `${id} ${state === 'current' ? 'since' : 'waits since'} ${at(enrolledAt)}, ${SEALED_BY[sealedBy]}, ${fingerprintOf(recipient)}`;
  const memberFact = (person: Person): Fact => {
    const own = keys.filter((key) => isNamedBy(person, key.person)).map(keyLine);
    return { label: person.name, value: line(own.length === 0 ? 'no key yet' : own.join('; ')) };
  };
  const paper = recovery === undefined ? 'none' : `since ${at(recovery.at)}, ${fingerprintOf(recovery.recipient)}`;
  const facts: Fact[] = [
    ...(mode === 'server' ? [] : people.map(memberFact)),
    ...(mode === 'server' ? [] : [{ label: 'Recovery key', value: line(paper) }]),
    { label: 'Passwords change', value: line(`every ${sayDuration(rotateEveryMs)}`) },
  ];
  return { ...card(`The vault of ${name}`, [line(MEANING[mode]), nextFor(name, vault)]), facts };
};

const nextFor = (name: string, { mode, recovery }: OrganizationVault): Line => {
  if (mode === 'server') return line('Change that: ', code(`/jit admin vault set "${name}" --sealed-to recipients`));
  return recovery === undefined
    ? line('Next: ', code(`/jit admin vault recovery "${name}"`))
    : line('Next: ', code(`/jit admin vault add "${name}" @somebody`));
};
