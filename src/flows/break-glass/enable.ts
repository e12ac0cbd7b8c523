/** Has Latchkey keep emergency administrators in a tenant: new ones, ones that are there, or ones that it kept before. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { adminNames } from '../standing.js';
import { candidatesFor } from './candidates.js';
import type { Candidates, Wanted } from './candidates.js';
import { checkAccount } from './check.js';
import type { CheckedAccount } from './check.js';
import { whileHeld } from './held.js';
import { rotateAll } from './rotate-now.js';
import type { RotatedAccount } from './rotate-now.js';
import type { RotateDeps } from './rotate.js';
import { unsealableFault, vaultTerms } from './vault-terms.js';

export type EnableDeps = RotateDeps & ChangeDeps & Pick<FlowDeps, 'keptUsers'>;

export interface EnableWish {
  /** Before the `@`; where nothing is said and nothing is adopted, two usual ones. */
  readonly names?: readonly string[];
  /** User principal names of users who are there. */
  readonly adopt?: readonly string[];
}

export type EnabledAccount = RotatedAccount & CheckedAccount;

/** The usual names. */
const USUAL: readonly string[] = ['emergency1', 'emergency2'];

/** On record first, then made and given a password at once; what fails there is tried again by itself. */
export const enableBreakGlass = async (
  deps: EnableDeps,
  admin: Admin,
  tenant: Tenant,
  { adopt = [], names = adopt.length === 0 ? USUAL : [] }: EnableWish,
): Promise<Result<readonly EnabledAccount[], Fault>> => {
  const found = await examine(deps, admin, tenant, { names, adopt });
  if (!found.ok) return found;
  const accounts: BreakGlassAccount[] = [];
  for (const wanted of found.value) {
    const kept = await keep(deps, admin, tenant, wanted);
    if (kept === undefined) return err({ code: 'busy' });
    accounts.push(kept);
  }
  const rotated = await rotateAll(deps, accounts);
  return ok(
    await Promise.all(
      rotated.map(async (one) => ({ ...(await checkAccount(deps, tenant, one.account)), rotated: one.rotated })),
    ),
  );
};

/** Nothing is put on record that could not be sealed, or that the directory would refuse right away. */
const examine = async (
  deps: EnableDeps,
  admin: Admin,
  tenant: Tenant,
  asked: Candidates,
): Promise<Result<readonly Wanted[], Fault>> => {
  const { organization, name } = tenant;
  const allowed = await mayTouch(deps, admin, organization);
  if (!allowed.ok) return allowed;
  if (tenant.leaving !== undefined) {
    return err({ code: 'tenant.leaving', tenant: name, admins: await adminNames(deps, organization) });
  }
  const terms = await vaultTerms(deps, organization);
  if (!terms.ok) return err(await unsealableFault(deps, terms.error, organization));
  const ready = await deps.breakGlassDirectory.ready(tenant);
  if (!ready.ok) return ready;
  return await candidatesFor(deps, admin, tenant, asked);
};

/** `undefined`: somebody else is at it in this moment. */
const keep = async (
  deps: EnableDeps,
  admin: Admin,
  tenant: Tenant,
  { account, before }: Wanted,
): Promise<BreakGlassAccount | undefined> => {
  await recordChange(deps, admin, {
    what: 'break-glass.enabled',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { account: account.upn, origin: account.origin, again: before !== undefined },
  });
  const now = deps.clock.now();
  const due = { ...account, keptSince: now, rotateAt: now, rotateFor: 'enabled' } as const;
  if (before === undefined) return (await deps.breakGlass.insert(due)) ? due : undefined;
  return await whileHeld(deps, account.id, async (held) => {
    const next = { ...due, candidates: held.account().candidates };
    await held.finish(next);
    return next;
  });
};
