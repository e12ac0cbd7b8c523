/** How every break-glass account in somebody's sight is, worst first. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import { openers } from '../../engine/break-glass.js';
import { drillDueAt } from '../../engine/drill.js';
import { vaultOf } from '../../engine/ids.js';
import type { BreakGlassId, VaultId } from '../../engine/ids.js';
import { maySee } from '../../engine/organization.js';
import { isOverdue } from '../../engine/rotation.js';
import type { Tenant } from '../../engine/tenant.js';
import { recipientsOf } from '../../engine/vault.js';
import type { OrganizationVault } from '../../engine/vault.js';
import { addMs, DAY } from '../../lib/clock.js';
import type { Admin } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { byTenant, isKept } from './schedule.js';

/** What is wrong with an account, worst first. */
export const WRONGS = [
  /** Nothing more can be sealed for it. */
  'not-set-up',
  'no-recipients',
  /** It was never answered that it has a password. */
  'never-rotated',
  'used-outside',
  'overdue',
  'not-administrator',
  'trouble',
  /** Only one key opens it, and no recovery key. */
  'one-recipient',
  'drill-due',
  'stopped',
] as const;

export type Wrong = (typeof WRONGS)[number];

export interface AccountStatus {
  readonly account: BreakGlassAccount;
  /** Since a password was last answered with success, in ms. */
  readonly ageMs?: number;
  /** How many passwords may open it. */
  readonly unsettled: number;
  readonly wrong: readonly Wrong[];
}

export interface TenantStatus {
  readonly tenant: Tenant;
  /** Absent: the vault is not set up. */
  readonly vault?: { readonly mode: OrganizationVault['mode']; readonly recipients: number };
  readonly accounts: readonly AccountStatus[];
}

type StatusDeps = Pick<FlowDeps, 'clock' | 'breakGlass' | 'vaults' | 'config'>;

/** Of the tenants that this admin may see and that have such an account. */
export const breakGlassStatus = async (
  deps: StatusDeps,
  { standing }: Pick<Admin, 'standing'>,
): Promise<readonly TenantStatus[]> => {
  const accounts = byTenant(await everyAccount(deps));
  const tenants = await deps.config.tenants.byIds([...accounts.keys()]);
  const seen = tenants.filter(({ organization }) => maySee(standing, organization));
  const vaults = await readVaults(deps, [...new Set(seen.map(({ organization }) => vaultOf(organization)))]);
  const now = deps.clock.now();
  return seen
    .map((tenant): TenantStatus => {
      const vault = vaults.get(vaultOf(tenant.organization));
      const all = (accounts.get(tenant.id) ?? []).map((account) => statusOf(account, vault, now));
      return { tenant, ...(vault === undefined ? {} : { vault }), accounts: all.toSorted(worstFirst) };
    })
    .toSorted((one, other) => worst(one.accounts) - worst(other.accounts) || byName(one.tenant, other.tenant));
};

const PAGE = 500;

const everyAccount = async ({ breakGlass }: StatusDeps): Promise<readonly BreakGlassAccount[]> => {
  const all: BreakGlassAccount[] = [];
  for (let after: BreakGlassId | undefined; ; after = all.at(-1)?.id) {
    const page = await breakGlass.all(after, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
};

interface VaultStatus extends NonNullable<TenantStatus['vault']> {
  readonly hasRecovery: boolean;
}

const readVaults = async (
  { vaults }: StatusDeps,
  ids: readonly VaultId[],
): Promise<ReadonlyMap<VaultId, VaultStatus>> => {
  const wanted = (await vaults.all()).filter(({ id }) => ids.includes(id));
  const read = wanted.map(async (vault) => {
    const recipients = vault.mode === 'server' ? [] : recipientsOf(vault, await vaults.keys(vault.id));
    const status = { mode: vault.mode, recipients: recipients.length, hasRecovery: vault.recovery !== undefined };
    return [vault.id, status] as const;
  });
  return new Map(await Promise.all(read));
};

/** What is known of one account and its vault. */
export const statusOf = (account: BreakGlassAccount, vault: VaultStatus | undefined, now: Date): AccountStatus => {
  const { rotatedAt, candidates } = account;
  const found = new Set<Wrong>([...wrongsOf(account, now), ...wrongsOfVault(vault)]);
  return {
    account,
    ...(rotatedAt === undefined ? {} : { ageMs: Math.max(0, now.getTime() - rotatedAt.getTime()) }),
    unsettled: openers(candidates).length,
    wrong: WRONGS.filter((wrong) => found.has(wrong)),
  };
};

const wrongsOf = (account: BreakGlassAccount, now: Date): readonly Wrong[] => {
  if (!isKept(account)) return ['stopped'];
  const { rotatedAt, isAdministrator, trouble, used } = account;
  return [
    ...(rotatedAt === undefined ? (['never-rotated'] as const) : []),
    ...(isAdministrator ? [] : (['not-administrator'] as const)),
    ...(isOverdue(account, now) ? (['overdue'] as const) : []),
    ...(trouble === undefined ? [] : (['trouble'] as const)),
    ...(used !== undefined && used.view === undefined && addMs(used.at, USE_SHOWN_MS) > now
      ? (['used-outside'] as const)
      : []),
    ...(isDrillDue(account, now) ? (['drill-due'] as const) : []),
  ];
};

/** A use that nobody announced stays at the top for so long. */
const USE_SHOWN_MS = 7 * DAY;

const isDrillDue = (account: BreakGlassAccount, now: Date): boolean => {
  const dueAt = drillDueAt(account);
  return dueAt !== undefined && dueAt <= now;
};

const wrongsOfVault = (vault: VaultStatus | undefined): readonly Wrong[] => {
  if (vault === undefined) return ['not-set-up'];
  if (vault.mode === 'server') return [];
  if (vault.recipients === 0) return ['no-recipients'];
  return vault.recipients === 1 && !vault.hasRecovery ? ['one-recipient'] : [];
};

const rank = ({ wrong }: AccountStatus): number => {
  const [first] = wrong;
  return first === undefined ? WRONGS.length : WRONGS.indexOf(first);
};

const worst = (accounts: readonly AccountStatus[]): number => Math.min(WRONGS.length, ...accounts.map(rank));

const worstFirst = (one: AccountStatus, other: AccountStatus): number =>
  rank(one) - rank(other) || byName(one.account, other.account);

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name);
