import { fingerprintOf } from '../engine/vault-keys.js';
import type { OrganizationVault } from '../engine/vault.js';
import type { Enrolled } from '../flows/vault/enrol.js';
import type { RecoveryVisit } from '../flows/vault/recovery.js';
import { card } from './answers.js';
import { code, line, strong } from './say.js';
import type { Card } from './view.js';

/** What admins are told of the keys to a vault, at the moment that something happens to one. */

export const SEALED_BY = { passkey: 'a passkey', passphrase: 'a passphrase' } as const;

/** Somebody's first key, which counts, or another, which waits for one of those who read this. */
export const enrolledCard = ({ key, name, person }: Enrolled): Card => {
  const fingerprint = line(
    'Fingerprint: ',
    strong(fingerprintOf(key.recipient)),
    `, sealed by ${SEALED_BY[key.sealedBy]}.`,
  );
  if (key.state === 'current') {
    return card(`${person.name} has a key to the vault of ${name}`, [
      fingerprint,
      line(
        `It is their first, so it counts at once. If ${person.name} did not make it, take it away: `,
        removal(key.id),
      ),
    ]);
  }
  return card(
    `${person.name} made another key to the vault of ${name}`,
    [
      fingerprint,
      line(
        'It would take the place of the one they had, and waits. Call them, and confirm it only if they read you this very fingerprint.',
      ),
    ],
    [
      {
        verb: 'vault-confirm',
        id: key.id,
        label: 'Confirm',
        style: 'primary',
        confirm: `Has ${person.name} read you that fingerprint, in a voice you know?`,
      },
      { verb: 'vault-refuse', id: key.id, label: 'Turn it down', style: 'danger' },
    ],
  );
};

const removal = (id: string) => code(`/jit admin vault remove ${id}`);

export const recoveryCard = ({ admin, name, vault }: RecoveryVisit): Card =>
  card(`${admin.person.name} made a recovery key to the vault of ${name}`, [
    line('Fingerprint: ', strong(fingerprintOf(vault.recovery?.recipient ?? '')), '.'),
    line(
      'Whoever has the paper can open the break-glass passwords. If that should not be: ',
      code(`/jit admin vault recovery "${name}" --remove`),
    ),
  ]);

/** Who changed what about a vault, for those who did not do it themselves. */
export const vaultChangedCard = (by: string, name: string, what: string): Card =>
  card(`${by} ${what} the vault of ${name}`, [
    line('If that should not be, look: ', code(`/jit admin vault show "${name}"`)),
  ]);

/** What a way of sealing means, plainly. */
export const MEANING: Readonly<Record<OrganizationVault['mode'], string>> = {
  recipients: 'Passwords are sealed to the keys of its members: the server writes them and cannot read them.',
  server:
    "Passwords are sealed to the server's own key: whoever has its VAULT_IDENTITY and its database, or a backup of both, can read every one of them.",
};
