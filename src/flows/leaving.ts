/** A tenant that is being disconnected: everything given there is taken back and proven to be, and then it is forgotten. */
import type { Account } from '../engine/account.js';
import type { AccountId } from '../engine/ids.js';
import { isLive } from '../engine/request.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { applyEvent, takes } from '../engine/transitions.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { ok } from '../lib/result.js';
import { announceOnce } from './announce-once.js';
import { owned } from './change.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { Notifier } from './ports.js';
import { transition } from './transition.js';

/** A tenant that is gone from here, and what is left of us there. */
export interface Departed {
  readonly tenant: Tenant;
  /** By whom it was asked for. */
  readonly by: string;
  /** Accounts of ours that its directory still holds, by name. */
  readonly accounts: readonly string[];
  /** Emergency administrators there whose last passwords the vault keeps, by name. */
  readonly breakGlass: readonly string[];
}

export type DrawDeparture<Card> = (departed: Departed, zone: string | undefined) => Card;

type LeavingDeps<Card> = FlowDeps & { readonly notifier: Notifier<Card> };

type Leaving = Tenant & Required<Pick<Tenant, 'leaving'>>;

const isLeaving = (tenant: Tenant): tenant is Leaving => tenant.leaving !== undefined;

/** Brings every tenant that is being disconnected a step further. */
export const continueLeaving = async <Card>(deps: LeavingDeps<Card>, draw: DrawDeparture<Card>): Promise<void> => {
  for (const tenant of (await deps.config.tenants.all()).filter(isLeaving)) {
    try {
      await endAllIn(deps, tenant);
      if (await isSettled(deps, tenant)) await depart(deps, tenant, draw);
    } catch (thrown) {
      deps.log.error({ tenant: tenant.id, ...describeError(thrown) }, 'a tenant could not be disconnected for now');
    }
  }
};

export const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active', 'closing'];

/** How many are ended in one go; the next look finds the rest. */
const MOST = 500;

export const openIn = ({ requests }: Pick<FlowDeps, 'requests'>, { id }: Tenant): Promise<readonly AccessRequest[]> =>
  requests.list({ tenant: id, states: OPEN }, MOST);

/** What waits is called off, what is live is taken away. */
export const endAllIn = async (
  deps: Pick<FlowDeps, 'clock' | 'log' | 'requests' | 'nudge'>,
  tenant: Leaving,
): Promise<void> => {
  const open = await openIn(deps, tenant);
  await Promise.all(open.map((request) => endOne(deps, tenant, request)));
};

const endOne = async (
  deps: Pick<FlowDeps, 'clock' | 'log' | 'requests' | 'nudge'>,
  { name, leaving }: Leaving,
  { id }: AccessRequest,
): Promise<void> => {
  const moved = await transition(deps, id, LATCHKEY, (request) => {
    const now = deps.clock.now();
    if (isLive(request)) return applyEvent(request, { type: 'end', cause: 'revoked', by: leaving.by }, now);
    if (request.merging === true || !takes(request.state, 'cancel')) return ok(request);
    return applyEvent(request, { type: 'cancel', calledOff: `${name} is being disconnected.` }, now);
  });
  if (!moved.ok) deps.log.warn({ request: id, fault: moved.error }, 'a request outlives its tenant for now');
};

/** Longer than any command takes: whoever asked before it was said has been heard. */
const LAST_ORDERS_MS = MINUTE;

/** Whether nothing that was given there is left, but what an owner has given up. */
const isSettled = async (deps: FlowDeps, tenant: Leaving): Promise<boolean> => {
  if (addMs(tenant.leaving.at, LAST_ORDERS_MS) > deps.clock.now()) return false;
  const [open, cancelled, unproven, accounts] = await Promise.all([
    openIn(deps, tenant),
    deps.requests.list({ tenant: tenant.id, states: ['cancelled'] }, MOST),
    deps.requests.list({ tenant: tenant.id, unconfirmed: true }, MOST),
    accountsIn(deps, tenant),
  ]);
  const givenUp = new Set(unproven.map(({ account }) => account));
  const isOwed = ({ id, owed }: Account): boolean => owed !== undefined && !givenUp.has(id);
  const hasLeft = ({ retryAt, account }: AccessRequest): boolean => retryAt === undefined || givenUp.has(account);
  return open.length === 0 && cancelled.every(hasLeft) && !accounts.some(isOwed) && !(await isNamed(deps, tenant));
};

/** Somebody has made a rule or a template for it meanwhile: it waits until that is gone. */
const isNamed = async ({ config, log }: FlowDeps, { id }: Tenant): Promise<boolean> => {
  const reference = { kind: 'tenant', id } as const;
  const [rules, templates] = await Promise.all([
    config.rules.using(reference, 1),
    config.templates.using(reference, 1),
  ]);
  const isUsed = rules.length + templates.length > 0;
  if (isUsed) log.warn({ tenant: id }, 'a tenant is not disconnected while a rule or a template names it');
  return isUsed;
};

const PAGE = 200;

export const accountsIn = async (
  { accounts }: Pick<FlowDeps, 'accounts'>,
  { id }: Tenant,
): Promise<readonly Account[]> => {
  const all: Account[] = [];
  for (let after: AccountId | undefined; ; after = all.at(-1)?.id) {
    const page = await accounts.byTenant(id, after, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
};

/** Those that we made and that were not deleted. */
export const remainingOf = (accounts: readonly Account[]): readonly string[] =>
  accounts
    .filter(({ kind, creationSent, deletion }) => kind !== 'existing' && creationSent && deletion === undefined)
    .map(({ upn }) => upn);

/** The tenant itself goes last, so that whoever dies over it leaves it to the next. */
const depart = async <Card>(
  deps: LeavingDeps<Card>,
  { leaving, ...tenant }: Leaving,
  draw: DrawDeparture<Card>,
): Promise<void> => {
  const accounts = await accountsIn(deps, tenant);
  if (!(await forgetSecrets(deps, accounts))) return;
  const emergency = await deps.breakGlass.ofTenant(tenant.id);
  const departed: Departed = {
    tenant,
    by: leaving.by,
    accounts: remainingOf(accounts),
    breakGlass: emergency.map(({ upn }) => upn),
  };
  const id = `tenant.removed/${tenant.id}/${leaving.at.toISOString()}`;
  await deps.audit.append(id, {
    what: 'tenant.removed',
    at: deps.clock.now(),
    by: LATCHKEY.by,
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: {
      tenant: tenant.id,
      directory: tenant.directoryId,
      askedBy: leaving.by,
      accounts: departed.accounts.slice(0, PAGE),
      breakGlass: departed.breakGlass,
    },
  });
  await deps.tenantApps.remove(tenant.directoryId);
  await announceOnce(deps, id, (zone) => draw(departed, zone), {
    concerned: tenant,
    settle: async () => {
      await deps.config.tenants.remove(tenant.id);
      await deps.checkups.forget(tenant.id);
      await deps.watches.forget(tenant.id);
      await deps.drills.forget(tenant.id);
    },
  });
};

const LEASE_MS = MINUTE;

/** `false`: somebody is at work on one of them. */
const forgetSecrets = async (deps: FlowDeps, accounts: readonly Account[]): Promise<boolean> => {
  for (const { id, credential, pass } of accounts) {
    const isSealed = (credential.use === 'lent' && credential.sealed !== undefined) || pass?.sealed !== undefined;
    if (isSealed && !(await forgetSecretsOf(deps, id))) return false;
  }
  return true;
};

const forgetSecretsOf = async ({ accounts, clock }: FlowDeps, id: AccountId): Promise<boolean> => {
  const now = clock.now();
  const leased = await accounts.lease(id, now, addMs(now, LEASE_MS));
  if (leased === undefined) return false;
  try {
    return await accounts.update(withoutSecrets(leased.account), leased.fence, addMs(now, LEASE_MS));
  } finally {
    await accounts.release(id, leased.fence);
  }
};

const withoutSecrets = ({ credential, pass, ...account }: Account): Account => {
  const bare = { ...credential };
  if (bare.use === 'lent') delete (bare as { sealed?: string }).sealed;
  if (pass === undefined) return { ...account, credential: bare };
  const { sealed: _, ...known } = pass;
  return { ...account, credential: bare, pass: known };
};
