/** An admin has a tenant leave, or stay after all. */
import type { Fault } from '../engine/faults.js';
import type { TenantId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { isKept } from './break-glass/schedule.js';
import type { Admin, ChangeDeps } from './change.js';
import { mayTouch } from './change.js';
import type { FlowDeps } from './deps.js';
import { edit } from './edit.js';
import type { Editing } from './edit.js';
import { accountsIn, endAllIn, openIn, remainingOf } from './leaving.js';

type DisconnectDeps = ChangeDeps & Pick<FlowDeps, 'log' | 'requests' | 'accounts' | 'breakGlass' | 'nudge'>;

/** What there is of us in a tenant. */
export interface Stake {
  readonly open: readonly AccessRequest[];
  /** Accounts that we made there, by name. */
  readonly accounts: readonly string[];
  /** Emergency administrators whose passwords change no more, by name. */
  readonly breakGlass: readonly string[];
}

/** What disconnecting it would end, for those who may do it. */
export const stakeIn = async (deps: DisconnectDeps, admin: Admin, tenant: Tenant): Promise<Result<Stake, Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const [open, accounts, emergency] = await Promise.all([
    openIn(deps, tenant),
    accountsIn(deps, tenant),
    deps.breakGlass.ofTenant(tenant.id),
  ]);
  const breakGlass = emergency.filter(isKept).map(({ upn }) => upn);
  return ok({ open, accounts: remainingOf(accounts), breakGlass });
};

/** From now on nothing new begins there, and what there is ends; the rest comes by itself, over restarts, too. */
export const disconnect = async (deps: DisconnectDeps, admin: Admin, id: TenantId): Promise<Result<Tenant, Fault>> => {
  const leaving = { by: admin.person.name, at: deps.clock.now() };
  const marked = await edit(deps, admin, deps.config.tenants, id, {
    ...EDITING(id),
    event: 'tenant.leaving',
    next: (current) => ok(current.leaving === undefined ? { ...current, leaving } : current),
  });
  if (!marked.ok) return marked;
  await endAllIn(deps, { ...marked.value, leaving: marked.value.leaving ?? leaving });
  return marked;
};

/** It stays connected. What was ended stays so. */
export const stay = (deps: ChangeDeps, admin: Admin, id: TenantId): Promise<Result<Tenant, Fault>> =>
  edit(deps, admin, deps.config.tenants, id, {
    ...EDITING(id),
    event: 'tenant.staying',
    next: ({ leaving, ...current }) =>
      leaving === undefined
        ? err({ code: 'admin.invalid', field: '--stay', problem: `${current.name} is not being disconnected` })
        : ok(current),
  });

const EDITING = (id: TenantId): Pick<Editing<Tenant>, 'what' | 'ownerOf' | 'factsOf' | 'about'> => ({
  what: 'tenant',
  ownerOf: ({ organization }) => organization,
  factsOf: ({ leaving }) => ({ leaving: leaving?.by ?? null }),
  about: { tenant: id },
});
