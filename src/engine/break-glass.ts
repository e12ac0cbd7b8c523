import { addMs, DAY } from '../lib/clock.js';
import type { BreakGlassId, DirectoryUserId, PersonId, TenantId, ViewId } from './ids.js';

/** The custody of break-glass passwords: what may open an account is never let go before something newer surely does. */

/** An emergency Global Administrator of a tenant, kept by rotation. Whose vault holds it follows from the tenant. */
export interface BreakGlassAccount {
  readonly id: BreakGlassId;
  readonly tenant: TenantId;
  /** Before the `@`. */
  readonly name: string;
  readonly upn: string;
  /** `adopted`: it was there before Latchkey kept it. */
  readonly origin: 'made' | 'adopted';
  readonly objectId?: DirectoryUserId;
  /** Since when it is kept, or kept again. */
  readonly keptSince?: Date;
  /** When the directory was first asked to make it: from then on it may exist. */
  readonly creationSentAt?: Date;
  /** Whether the directory has confirmed its permanent role. */
  readonly isAdministrator: boolean;
  /** Newest first. */
  readonly candidates: readonly Candidate[];
  /** When its next password is due, or the next attempt at one; absent: its rotation is stopped. */
  readonly rotateAt?: Date;
  /** Why sooner than the interval, where something asked for it. */
  readonly rotateFor?: RotationCause;
  /** When a password was last answered with success. */
  readonly rotatedAt?: Date;
  readonly trouble?: RotationTrouble;
  /** How often the admins were told that it is overdue, and when last. */
  readonly alarmed?: { readonly times: number; readonly at: Date };
  readonly drilled?: { readonly at: Date; readonly by: PersonId };
  readonly used?: Use;
  /** An access pass was issued that may work until then. */
  readonly passUntil?: Date;
}

/** Why a password is changed. */
export type RotationCause = 'enabled' | 'schedule' | 'revealed' | 'demand' | 'recipients' | 'drill';

/** What keeps a rotation from succeeding. */
export interface RotationTrouble {
  readonly attempts: number;
  readonly since: Date;
  readonly code: string;
  /** One plain clause. */
  readonly clause: string;
}

/** A sign-in or a change by the account that the directory has on record. */
export interface Use {
  readonly at: Date;
  /** What it was, from where, as one line. */
  readonly says: string;
  /** The look within which it happened; absent: none was open. */
  readonly view?: ViewId;
}

/** One password, sealed, that may open the account. */
export interface Candidate {
  /** Counts up, with gaps. */
  readonly number: number;
  /** A `SealedEntry` in the age format, armored. */
  readonly sealed: string;
  /** The public keys it is sealed to. */
  readonly recipients: readonly string[];
  /** When it was put on record, which is before the directory is asked to set it. */
  readonly at: Date;
  /** What the directory said to it. `unclear`: it may be set, as while there is no answer at all. */
  readonly answer?: { readonly kind: 'set' | 'refused' | 'unclear'; readonly at: Date };
}

/** What is sealed: complete by itself, so that it can be read where nothing else is left. */
export interface SealedEntry {
  readonly tenant: string;
  /** The tenant's GUID. */
  readonly directoryId: string;
  readonly upn: string;
  readonly password: string;
  /** ISO 8601: when it was made. */
  readonly at: string;
}

/**
 * So long after a later password was set, some replica may still let an earlier one in; and so long after it was sent, a
 * password in doubt may still arrive.
 */
export const KEEP_MS = DAY;

/**
 * With one more password, before the directory hears of it. `turn` grows with each holder of the account, so that two of
 * them, of whom one was thought dead, never give two passwords the same number.
 */
export const withCandidate = (
  account: BreakGlassAccount,
  candidate: Omit<Candidate, 'number' | 'answer'>,
  turn = 0,
): BreakGlassAccount => ({
  ...account,
  candidates: [
    { ...candidate, number: numberOf(account, turn) },
    // What the directory has refused opens nothing: a day of them is enough to hold that against what it did.
    ...account.candidates.filter(({ answer, at }) => answer?.kind !== 'refused' || addMs(at, KEEP_MS) > candidate.at),
  ],
});

/** Under which its next password goes. */
export const numberOf = ({ candidates }: Pick<BreakGlassAccount, 'candidates'>, turn: number): number =>
  Math.max(turn, (candidates[0]?.number ?? 0) + 1);

/** With what the directory said to one of them. */
export const withAnswer = (
  account: BreakGlassAccount,
  number: number,
  kind: 'set' | 'refused' | 'unclear',
  at: Date,
): BreakGlassAccount => ({
  ...account,
  candidates: withoutSuperseded(
    account.candidates.map((one) => (one.number === number ? { ...one, answer: { kind, at } } : one)),
    at,
  ),
  ...(kind === 'set' ? { rotatedAt: at } : {}),
});

/** Without those that later ones have replaced for good. */
export const withoutSuperseded = (candidates: readonly Candidate[], now: Date): readonly Candidate[] =>
  candidates.filter((one) => !candidates.some((other) => hasReplaced(other, one, now)));

/**
 * Whether one password has taken the place of an earlier one for good. A refused one takes no place, and nor does one in
 * doubt. The place of one in doubt is taken only by one that was sent when the earlier could arrive no more: until then
 * it may come late, and replace what replaced it.
 */
const hasReplaced = (later: Candidate, earlier: Candidate, now: Date): boolean => {
  if (later.number <= earlier.number || later.answer?.kind !== 'set') return false;
  if (addMs(later.answer.at, KEEP_MS) > now) return false;
  return earlier.answer?.kind === 'set' || addMs(earlier.at, KEEP_MS) <= later.at;
};

/** What may open the account now, likeliest first: the newest that was set, then the others, newest first. */
export const openers = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const set = candidates.find(({ answer }) => answer?.kind === 'set');
  const others = candidates.filter((one) => one !== set && one.answer?.kind !== 'refused');
  return set === undefined ? others : [set, ...others];
};
