/** Tells admins of rotations that are overdue, again and again, and has done what nobody has planned. */
import { isDeepStrictEqual } from 'node:util';
import { alarmOwed, latestRotation } from '../../engine/rotation.js';
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import { vaultOf } from '../../engine/ids.js';
import type { BreakGlassId, TenantId, VaultId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { announceOnce } from '../announce-once.js';
import type { FlowDeps } from '../deps.js';
import type { Notifier } from '../ports.js';
import { byTenant, isKept } from './schedule.js';
import { vaultTerms } from './vault-terms.js';
import type { VaultTerms } from './vault-terms.js';

/** A tenant whose break-glass passwords should have changed and have not. */
export interface OverdueRotation {
  readonly tenant: Tenant;
  readonly accounts: readonly { readonly account: BreakGlassAccount; readonly since: Date }[];
}

type WatchDeps<Card> = Pick<
  FlowDeps,
  'clock' | 'log' | 'breakGlass' | 'vaults' | 'config' | 'people' | 'settings' | 'announcements'
> & { readonly notifier: Notifier<Card> };

type Draw<Card> = (overdue: OverdueRotation, zone: string | undefined) => Card;

const PAGE = 500;

export const watchRotations = async <Card>(deps: WatchDeps<Card>, draw: Draw<Card>): Promise<void> => {
  const terms = termsOnce(deps);
  let page: readonly BreakGlassAccount[];
  let after: BreakGlassId | undefined;
  do {
    page = await deps.breakGlass.all(after, PAGE);
    after = page.at(-1)?.id;
    const kept = byTenant(page.filter(isKept));
    for (const tenant of await deps.config.tenants.byIds([...kept.keys()])) {
      await look(deps, { tenant, accounts: kept.get(tenant.id) ?? [] }, await terms(tenant), draw);
    }
  } while (page.length === PAGE);
};

interface Looked {
  readonly tenant: Tenant;
  readonly accounts: readonly BreakGlassAccount[];
}

type Terms = Awaited<ReturnType<typeof vaultTerms>>;

/** Thousands of tenants may have one vault. */
const termsOnce = (deps: Pick<FlowDeps, 'vaults'>): ((tenant: Tenant) => Promise<Terms>) => {
  const read = new Map<VaultId, Promise<Terms>>();
  return ({ organization }) => {
    const id = vaultOf(organization);
    const known = read.get(id) ?? vaultTerms(deps, organization);
    read.set(id, known);
    return known;
  };
};

const look = async <Card>(
  deps: WatchDeps<Card>,
  { tenant, accounts }: Looked,
  terms: Terms,
  draw: Draw<Card>,
): Promise<void> => {
  // It is told that its rotation stops as it is disconnected.
  if (tenant.leaving !== undefined) return;
  for (const account of accounts) if (terms.ok) await replan(deps, account, terms.value);
  await alarm(deps, tenant, accounts, draw);
};

/** A clock that was wrong, another interval, or other keys and another owner of the tenant, however they came about. */
const replan = async (
  { clock, log, breakGlass }: Pick<FlowDeps, 'clock' | 'log' | 'breakGlass'>,
  account: BreakGlassAccount,
  { everyMs, recipients }: VaultTerms,
): Promise<void> => {
  if (isSealedOtherwise(account, recipients)) {
    log.warn({ account: account.id }, 'a password is sealed to other keys than those of its vault');
    await breakGlass.rotateBy(account.id, clock.now(), 'recipients');
    return;
  }
  const latest = latestRotation(account, everyMs, clock.now());
  if (account.rotateAt === undefined || account.rotateAt <= latest) return;
  log.warn({ account: account.id, planned: account.rotateAt, latest }, 'a rotation was planned too late');
  await breakGlass.rotateBy(account.id, latest, 'schedule');
};

/** What is hindered, or asked for already, is sealed to the keys of its own time. */
const isSealedOtherwise = (
  { candidates: [newest], trouble, rotateFor }: BreakGlassAccount,
  recipients: readonly string[],
): boolean =>
  newest !== undefined &&
  trouble === undefined &&
  rotateFor === undefined &&
  !isDeepStrictEqual(newest.recipients.toSorted(), recipients.toSorted());

/** One message for all accounts of a tenant: what keeps them is mostly the same. */
const alarm = async <Card>(
  deps: WatchDeps<Card>,
  tenant: Tenant,
  accounts: readonly BreakGlassAccount[],
  draw: Draw<Card>,
): Promise<void> => {
  const now = deps.clock.now();
  const owed = accounts.flatMap((account) => {
    const alarmed = alarmOwed(account, now);
    return alarmed === undefined ? [] : [{ account, ...alarmed }];
  });
  const [first] = owed;
  if (first === undefined) return;
  const id = `overdue-rotation/${idOf(tenant.id, owed)}`;
  await announceOnce(deps, id, (zone) => draw({ tenant, accounts: owed }, zone), {
    concerned: tenant,
    settle: async () => {
      for (const { account, times } of owed) await deps.breakGlass.note(account.id, { alarmed: { times, at: now } });
    },
  });
};

/** The same in every process that is about to tell it. */
const idOf = (
  tenant: TenantId,
  owed: readonly { readonly account: BreakGlassAccount; readonly since: Date; readonly times: number }[],
): string =>
  [tenant, ...owed.map(({ account, since, times }) => `${account.name}@${since.toISOString()}#${times}`)].join('/');
