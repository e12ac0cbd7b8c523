import { DAY } from '../lib/clock.js';
import type { PersonId, VaultId } from './ids.js';

/** Who can open what is sealed for an organization. */

/** How an organization's break-glass passwords are sealed. */
export interface OrganizationVault {
  readonly id: VaultId;
  /**
   * `recipients`: to the keys of people, so that the server writes and cannot read. `server`: to the server's own key,
   * which only an explicit choice brings about.
   */
  readonly mode: 'recipients' | 'server';
  /** Who may have a key to it. */
  readonly members: readonly PersonId[];
  /** Whoever has had a key to it: any other key of theirs waits for a second person. */
  readonly enrolled?: readonly PersonId[];
  /** A key kept offline, to which everything is sealed as well. */
  readonly recovery?: { readonly recipient: string; readonly at: Date; readonly by: PersonId };
  readonly rotateEveryMs: number;
}

export const ROTATE_EVERY_MS = DAY;

/** One person's key to one vault. The server holds the identity only as their browser sealed it. */
export interface VaultKey {
  readonly id: string;
  readonly vault: VaultId;
  readonly person: PersonId;
  /** `age1…` */
  readonly recipient: string;
  /** An age file, armored, that only the person's passkey or passphrase opens. */
  readonly sealedIdentity: string;
  readonly sealedBy: 'passkey' | 'passphrase';
  /** Which passkey, as the age format names it to a browser; no secret. Absent with a passphrase. */
  readonly passkey?: string;
  /** `waiting`: it would replace another, and nobody else has confirmed that. */
  readonly state: 'waiting' | 'current';
  readonly enrolledAt: Date;
  readonly confirmedBy?: PersonId;
}

/** To whom a vault's passwords are sealed now, each key once and in a fixed order; empty: nobody could open them. */
export const recipientsOf = (
  { members, recovery }: Pick<OrganizationVault, 'members' | 'recovery'>,
  keys: readonly VaultKey[],
): readonly string[] => {
  const current = keys.filter(({ state, person }) => state === 'current' && members.includes(person));
  const all = [...current.map(({ recipient }) => recipient), ...(recovery === undefined ? [] : [recovery.recipient])];
  return [...new Set(all)].toSorted();
};
