/** Has Latchkey let a tenant's break-glass accounts be: nothing is changed any more, and the users go as the admin says. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { Fault } from '../../engine/faults.js';
import type { BreakGlassId, DirectoryUserId } from '../../engine/ids.js';
import { SETTLE_MS } from '../../engine/rotation.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs, SECOND } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import type { FoundUser } from '../ports/break-glass.js';
import { whileHeld } from './held.js';
import type { HeldBreakGlass } from './held.js';
import { FOREIGN, hindranceOf } from './hindrance.js';
import { stopped } from './rotate.js';

/** What becomes of the users. Whoever is kept keeps the last password, and the vault keeps it, too. */
export type Fate = 'keep' | 'disable' | 'delete';

/** `unconfirmed`: the directory did not show it yet; said once more, it is done and looked at again. */
export type Ended =
  | { readonly upn: string; readonly outcome: 'kept' | 'disabled' | 'deleted' | 'never-made' }
  | { readonly upn: string; readonly outcome: 'unconfirmed'; readonly clause: string };

type DisableDeps = ChangeDeps & Pick<FlowDeps, 'breakGlass' | 'breakGlassDirectory' | 'copies' | 'sleep'>;

export const disableBreakGlass = async (
  deps: DisableDeps,
  admin: Admin,
  tenant: Tenant,
  fate: Fate,
): Promise<Result<readonly Ended[], Fault>> => {
  const allowed = await mayTouch(deps, admin, tenant.organization);
  if (!allowed.ok) return allowed;
  const accounts = await deps.breakGlass.ofTenant(tenant.id);
  if (accounts.length === 0) return err({ code: 'break-glass.none', tenant: tenant.name });
  await recordChange(deps, admin, {
    what: 'break-glass.disabled',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { accounts: accounts.map(({ upn }) => upn), users: fate },
  });
  const ended: Ended[] = [];
  for (const { id } of accounts) {
    const one = await whenFree(deps, id, (held) => end(deps, tenant, held, fate));
    if (one === undefined) return err({ code: 'busy' });
    ended.push(one);
  }
  return ok(ended);
};

/** A rotation that is under way is over soon. */
const WAITS_MS: readonly number[] = [1, 2, 4].map((seconds) => seconds * SECOND);

const whenFree = async <T>(
  deps: DisableDeps,
  id: BreakGlassId,
  act: (held: HeldBreakGlass) => Promise<T>,
): Promise<T | undefined> => {
  for (const wait of WAITS_MS) {
    const done = await whileHeld(deps, id, act);
    if (done !== undefined) return done;
    await deps.sleep(wait);
  }
  return await whileHeld(deps, id, act);
};

const end = async (deps: DisableDeps, tenant: Tenant, held: HeldBreakGlass, fate: Fate): Promise<Ended> => {
  const account = stopped(held.account());
  const { upn } = account;
  // First of all, and whatever comes of the rest.
  await held.write(account);
  const done = fate === 'keep' ? ({ upn, outcome: 'kept' } as const) : await endUser(deps, tenant, account, fate);
  if (done.outcome !== 'deleted' && done.outcome !== 'never-made') {
    await held.finish(account);
    return done;
  }
  // Copies first: left over, they would be taken for those of a later account of that name.
  await deps.copies.prune(account.id, Number.MAX_SAFE_INTEGER);
  await deps.breakGlass.forget(account.id, held.fence);
  return done;
};

const endUser = async (
  deps: DisableDeps,
  tenant: Tenant,
  account: BreakGlassAccount,
  fate: Exclude<Fate, 'keep'>,
): Promise<Ended> => {
  const { upn, objectId, creationSentAt } = account;
  if (objectId === undefined && creationSentAt === undefined) return { upn, outcome: 'never-made' };
  const found = await deps.breakGlassDirectory.find(tenant, objectId === undefined ? { upn } : { objectId });
  if (!found.ok) return { upn, outcome: 'unconfirmed', clause: hindranceOf(found.error, 'look').clause };
  if (found.value === undefined) {
    return mayStillAppear(account, deps.clock.now())
      ? { upn, outcome: 'unconfirmed', clause: NOT_SHOWN }
      : { upn, outcome: 'deleted' };
  }
  if (objectId === undefined && !found.value.marked) return { upn, outcome: 'unconfirmed', clause: FOREIGN.clause };
  const user = found.value.objectId;
  const { disable, remove } = deps.breakGlassDirectory;
  const written = await (fate === 'disable' ? disable : remove)(tenant, user);
  const shown = await shows(deps, tenant, user, (now) =>
    fate === 'disable' ? now?.enabled === false : now === undefined,
  );
  if (shown) return { upn, outcome: fate === 'disable' ? 'disabled' : 'deleted' };
  const clause = written.kind === 'failed' ? hindranceOf(written.fault, 'password').clause : NOT_SHOWN;
  return { upn, outcome: 'unconfirmed', clause };
};

const NOT_SHOWN = 'the directory does not show it yet';

/** Whether a user whom no read shows may be there all the same: what opens them must not be forgotten. */
const mayStillAppear = ({ candidates }: BreakGlassAccount, now: Date): boolean =>
  candidates.some(({ at }) => addMs(at, SETTLE_MS) > now);

/** Reads lag behind writes. */
const LOOKS_MS: readonly number[] = [0, 2, 5].map((seconds) => seconds * SECOND);

const shows = async (
  { breakGlassDirectory, sleep }: DisableDeps,
  tenant: Tenant,
  objectId: DirectoryUserId,
  isSo: (user: FoundUser | undefined) => boolean,
): Promise<boolean> => {
  for (const wait of LOOKS_MS) {
    if (wait > 0) await sleep(wait);
    const seen = await breakGlassDirectory.find(tenant, { objectId });
    if (seen.ok && isSo(seen.value)) return true;
  }
  return false;
};
