/** How a break-glass account is, in words. */
import type { CheckedAccount } from '../../flows/break-glass/check.js';
import type { Rotated } from '../../flows/break-glass/rotate.js';
import type { RotatedAccount } from '../../flows/break-glass/rotate-now.js';
import type { AccountStatus, Wrong } from '../../flows/break-glass/status.js';
import { troubleClause } from '../../flows/trouble.js';
import { code, line, sayDuration, sayList, sayMoment, strong } from '../say.js';
import type { Reading } from '../say.js';
import type { Line } from '../view.js';

const WRONG: Readonly<Record<Exclude<Wrong, 'trouble'>, string>> = {
  'not-set-up': 'the vault is not set up',
  'no-recipients': 'nobody has a key to the vault',
  'never-rotated': 'it has no password yet that is known to be set',
  'used-outside': 'it was used while nobody had opened its password',
  overdue: 'its password should have changed',
  'not-administrator': 'it is not known to be Global Administrator',
  'one-recipient': 'one person alone could open it, and there is no recovery key',
  'drill-due': 'nobody has tried it for 90 days',
  stopped: 'its password is not changed any more',
};

/** Worst first. */
export const wrongClauses = ({ account, wrong }: AccountStatus): readonly string[] =>
  wrong.map((one) => (one === 'trouble' ? (account.trouble?.clause ?? 'its rotation fails') : WRONG[one]));

export const sayAge = (ageMs: number | undefined): string =>
  ageMs === undefined ? 'never changed' : `changed ${sayDuration(ageMs)} ago`;

/** What came of changing a password. */
export const rotationLine = ({ account, rotated }: RotatedAccount, reading: Reading): Line =>
  line(
    strong(account.upn),
    ` ${rotatedWords(rotated)}${account.rotateAt === undefined ? '' : nextWords(account.rotateAt, reading)}`,
  );

const rotatedWords = (rotated: Rotated): string => {
  switch (rotated.kind) {
    case 'done':
      return 'has another password, and the vault holds it.';
    case 'troubled':
      return `has no other password yet: ${rotated.trouble.clause}. The vault still holds what opens it, and it is tried again.`;
    case 'elsewhere':
      return 'is being changed at this moment.';
    case 'waits':
      return 'has just been changed.';
    case 'stopped':
      return 'is not changed any more: its tenant is gone.';
    default:
      return rotated satisfies never;
  }
};

const nextWords = (at: Date, reading: Reading): string => ` Next ${sayMoment(at, reading)}.`;

/** Whether an account would work in an emergency; nothing where nothing is in its way. */
export const checkLines = (checked: CheckedAccount, tenant: string): readonly Line[] => {
  const { account, found, fault } = checked;
  const about = strong(account.upn);
  if (fault !== undefined) return [line(about, ` could not be looked at: ${troubleClause(fault)}.`)];
  if (found === undefined) return [line(about, ' is not in the directory yet; it is tried again by itself.')];
  const { user, policies, mayReset } = found;
  return [
    ...(user === undefined ? [line(about, ' was not found in the directory.')] : []),
    ...(user?.enabled === false ? [line(about, ' cannot sign in: it is disabled.')] : []),
    ...(user?.isAdministrator === false ? [line(about, ' is not Global Administrator for good.')] : []),
    ...(mayReset === false
      ? [
          line(
            about,
            ': the app may not change its password. Give the app Privileged Authentication Administrator there; better a second app, as in the README under BREAK_GLASS_CLIENT_ID.',
          ),
        ]
      : []),
    ...(policies === undefined
      ? [line(about, ': conditional access could not be read, so look there by hand whether a policy would stop it.')]
      : policyLines(about.text, policies, tenant)),
  ];
};

const policyLines = (upn: string, policies: readonly { readonly name: string }[], tenant: string): readonly Line[] =>
  policies.length === 0
    ? []
    : [
        line(
          strong(upn),
          ` would be stopped by conditional access: ${sayList(policies.map(({ name }) => name))}. Exclude it: `,
          code(`/jit admin break-glass check ${tenant} --exclude`),
        ),
      ];
