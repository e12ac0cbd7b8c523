import type { PersonId, VaultId } from '../engine/ids.js';
import { fingerprintOf } from '../engine/vault-keys.js';
import type { OrganizationVault, VaultKey } from '../engine/vault.js';
import type { AccountStatus, TenantStatus, Wrong } from '../flows/break-glass/status.js';
import { DAY, HOUR, MINUTE } from '../lib/clock.js';

/** How vaults are, in lines for a terminal. */

export interface VaultReport {
  readonly id: VaultId;
  /** Whose it is, in words. */
  readonly name: string;
  /** Absent: there are accounts, and nobody has chosen yet how their passwords are sealed. */
  readonly vault?: OrganizationVault;
  readonly keys: readonly VaultKey[];
  readonly people: ReadonlyMap<PersonId, string>;
  readonly tenants: readonly TenantStatus[];
}

export const statusLines = (report: VaultReport): readonly string[] => [
  `${report.name} (${report.id}): ${termsOf(report)}`,
  ...keyLines(report),
  ...report.tenants.flatMap(({ tenant, accounts }) => accounts.map((one) => `  ${tenant.name}: ${accountLine(one)}`)),
];

/** What somebody should do something about; the rest is as it is meant to be, or soon will be. */
export const isWrong = ({ tenants }: VaultReport): boolean =>
  tenants.some(({ accounts }) => accounts.some(({ wrong }) => wrong.some((one) => !HARMLESS.includes(one))));

const HARMLESS: readonly Wrong[] = ['stopped', 'drill-due'];

const termsOf = ({ vault }: VaultReport): string => {
  if (vault === undefined) return 'nobody has chosen yet how it is sealed';
  const to =
    vault.mode === 'server' ? 'the server, which can open it' : 'its recipients, and the server cannot open it';
  return `sealed to ${to}; passwords change every ${spanOf(vault.rotateEveryMs)}`;
};

const keyLines = ({ vault, keys, people }: VaultReport): readonly string[] => {
  if (vault === undefined || vault.mode === 'server') return [];
  const { recovery } = vault;
  return [
    ...keys.map((key) => `  key ${key.id}: ${people.get(key.person) ?? key.person}, ${standingOf(vault, key)}`),
    recovery === undefined
      ? '  no recovery key'
      : `  recovery key: made on ${dayOf(recovery.at)}, ends in ${fingerprintOf(recovery.recipient)}`,
  ];
};

const standingOf = (
  { members }: OrganizationVault,
  { state, person, sealedBy, enrolledAt, recipient }: VaultKey,
): string => {
  const since = `${sealedBy}, made on ${dayOf(enrolledAt)}, ends in ${fingerprintOf(recipient)}`;
  if (state === 'waiting') return `waits for a second person to confirm it; ${since}`;
  return members.includes(person) ? since : `no member any more, so nothing is sealed to it; ${since}`;
};

const accountLine = ({ account: { upn, trouble }, ageMs, unsettled, wrong }: AccountStatus): string => {
  const age = ageMs === undefined ? 'never changed' : `changed ${spanOf(ageMs)} ago`;
  const kept = `${unsettled} sealed ${unsettled === 1 ? 'password' : 'passwords'}`;
  const wrongs = wrong.map((one) => (one === 'trouble' && trouble !== undefined ? trouble.clause : WRONG[one]));
  return [`${upn} ${age}, ${kept}`, ...wrongs].join('; ');
};

const WRONG: Readonly<Record<Wrong, string>> = {
  'not-set-up': 'NOBODY CAN OPEN WHAT COMES: the vault is not set up',
  'no-recipients': 'NOBODY CAN OPEN WHAT COMES: no member has a key, and there is no recovery key',
  'never-rotated': 'NO PASSWORD is known to open it',
  'used-outside': 'USED while nobody had asked to look',
  overdue: 'OVERDUE',
  'not-administrator': 'not Global Administrator yet',
  trouble: 'it could not be changed',
  'one-recipient': 'a single key opens it',
  'drill-due': 'a drill is due',
  stopped: 'stopped',
};

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

const spanOf = (ms: number): string => {
  if (ms >= 2 * DAY) return `${Math.floor(ms / DAY)} days`;
  return ms >= HOUR ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / MINUTE)} min`;
};
