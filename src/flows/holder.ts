/** Whether the account that somebody wants can be had, before anything is recorded. */
import type { ExpirationAction, FreshUser } from '../engine/access.js';
import type { Fault } from '../engine/faults.js';
import type { Tenant } from '../engine/tenant.js';
import { isUntouchable } from '../engine/untouchable.js';
import type { FlowDeps } from './deps.js';
import { chooseDomain } from './domains.js';
import type { Question } from './consult.js';

/** What can be told without asking anybody. */
export const whyNotHeld = (
  { account, atEnd, user }: Pick<Question, 'account' | 'atEnd' | 'user'>,
  fresh: FreshUser | undefined,
): Fault | undefined => {
  if (account === 'fresh') {
    if (atEnd === 'keep') return { code: 'account.end', kind: account };
    return fresh === undefined ? { code: 'fresh.missing' } : undefined;
  }
  if (account === 'dedicated') return undefined;
  if (atEnd !== 'keep') return { code: 'account.end', kind: account };
  return user === undefined ? { code: 'user.missing' } : undefined;
};

/** What becomes of an account of this kind where nobody says it: what is usual, as far as the kind allows it. */
export const endFor = (account: Question['account'], usual: ExpirationAction): ExpirationAction => {
  if (account === 'existing') return 'keep';
  return account === 'fresh' && usual === 'keep' ? 'disable' : usual;
};

type LookDeps = Pick<FlowDeps, 'directory' | 'search' | 'keptUsers'>;

/** What only the directory and our own records can tell. */
export const whyUnavailable = async (
  deps: LookDeps,
  { tenant, user }: Pick<Question, 'tenant' | 'user'>,
  fresh: FreshUser | undefined,
): Promise<Fault | undefined> => {
  if (user !== undefined) {
    const kept = await deps.keptUsers.among(tenant.id, [user]);
    return isUntouchable(user, kept) ? { code: 'user.kept', upn: user.upn } : undefined;
  }
  if (fresh === undefined) return undefined;
  return (await whyNoDomain(deps, tenant, fresh)) ?? whyTaken(deps, tenant, fresh);
};

/** Accounts are made under a verified domain whose passwords are Entra's own. */
const whyNoDomain = async ({ directory }: LookDeps, tenant: Tenant, { upn }: FreshUser): Promise<Fault | undefined> => {
  const domain = upn.slice(upn.indexOf('@') + 1);
  if (domain === tenant.domain.toLowerCase()) return undefined;
  const described = await directory.describe(tenant.directoryId);
  if (!described.ok) return described.error;
  const chosen = chooseDomain(described.value.domains, domain);
  return chosen.ok ? undefined : chosen.error;
};

const MOST_TRIES = 5;

const whyTaken = async (deps: LookDeps, tenant: Tenant, { upn }: FreshUser): Promise<Fault | undefined> => {
  const found = await deps.search.user(tenant, upn);
  if (!found.ok) return found.error;
  if (found.value === undefined) return undefined;
  const [local = '', domain = ''] = upn.split('@');
  for (let number = 2; number < 2 + MOST_TRIES; number += 1) {
    const free = `${local}${number}`;
    const other = await deps.search.user(tenant, `${free}@${domain}`);
    if (other.ok && other.value === undefined) return { code: 'user.taken', upn, tenant: tenant.name, free };
  }
  return { code: 'user.taken', upn, tenant: tenant.name };
};
