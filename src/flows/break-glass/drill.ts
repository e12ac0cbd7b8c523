/** Drills: every ninety days somebody shows, while nothing burns, that the passwords of the vault let them in. */
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import type { ViewId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs, DAY } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { mayTouch, owned, recordChange } from '../change.js';
import type { Admin, ChangeDeps } from '../change.js';
import type { FlowDeps } from '../deps.js';
import type { Drill } from '../ports/break-glass-watch.js';
import { isKept } from './schedule.js';

type DrillDeps = ChangeDeps & Pick<FlowDeps, 'breakGlass' | 'views' | 'watches' | 'drills'>;

/** A drill that is under way, and what it is about. */
export interface BegunDrill {
  readonly drill: Drill;
  readonly accounts: readonly BreakGlassAccount[];
  /** Looks that were had since it began. */
  readonly looks: readonly ViewId[];
}

/** A drill that was confirmed, with what the directory says of it. */
export interface DoneDrill {
  readonly accounts: readonly BreakGlassAccount[];
  readonly looks: readonly ViewId[];
  readonly seen: Seen;
}

/** `not-yet`: logs are late. `unseen`: this log cannot be read at all. */
export type Seen =
  | { readonly kind: 'seen'; readonly at: Date; readonly says: string }
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'unseen'; readonly clause: string };

/** Whoever has not got in by then has something else to do, and begins anew. */
const LASTS_MS = DAY;

/** Begins one, or goes on with the one that is under way. */
export const beginDrill = async (deps: DrillDeps, admin: Admin, tenant: Tenant): Promise<Result<BegunDrill, Fault>> => {
  const kept = await keptIn(deps, admin, tenant);
  if (!kept.ok) return kept;
  const underWay = await drillIn(deps, tenant);
  if (underWay !== undefined) {
    const looks = await looksSince(deps, tenant, underWay.begunAt);
    return ok({ drill: underWay, accounts: kept.value, looks: looks.map(({ id }) => id) });
  }
  const drill: Drill = { tenant: tenant.id, by: admin.person.id, begunAt: deps.clock.now() };
  await recordChange(deps, admin, {
    what: 'break-glass.drill-begun',
    tenant: tenant.id,
    ...owned(tenant.organization),
    facts: { tenant: tenant.id, accounts: kept.value.map(({ upn }) => upn) },
  });
  await deps.drills.begin(drill);
  return ok({ drill, accounts: kept.value, looks: [] });
};

/** Records it, but only where somebody had the passwords since it began; and then these are changed. */
export const confirmDrill = async (
  deps: DrillDeps,
  admin: Admin,
  tenant: Tenant,
): Promise<Result<DoneDrill, Fault>> => {
  const kept = await keptIn(deps, admin, tenant);
  if (!kept.ok) return kept;
  const drill = await drillIn(deps, tenant);
  if (drill === undefined) return err({ code: 'drill.not-begun', tenant: tenant.id });
  const views = await looksSince(deps, tenant, drill.begunAt);
  const accounts = kept.value.filter(({ id }) => views.some((view) => view.accounts.includes(id)));
  if (accounts.length === 0) return err({ code: 'drill.no-look', tenant: tenant.id });
  const seen = await seenDuring(deps, tenant, views, drill.begunAt);
  const looks = views.map(({ id }) => id);
  const at = deps.clock.now();
  await recordChange(deps, admin, {
    what: 'break-glass.drilled',
    tenant: tenant.id,
    ...owned(tenant.organization),
    about: [...new Set(views.map(({ requester }) => requester))],
    facts: { tenant: tenant.id, accounts: accounts.map(({ upn }) => upn), looks, signIn: seen.kind },
  });
  for (const { id } of accounts) {
    await deps.breakGlass.note(id, { drilled: { at, by: admin.person.id } });
    await deps.breakGlass.rotateBy(id, at, 'drill');
  }
  await deps.drills.end(drill);
  return ok({ accounts, looks, seen });
};

const keptIn = async (
  deps: DrillDeps,
  admin: Admin,
  { id, name, organization }: Tenant,
): Promise<Result<readonly BreakGlassAccount[], Fault>> => {
  const allowed = await mayTouch(deps, admin, organization);
  if (!allowed.ok) return allowed;
  const kept = (await deps.breakGlass.ofTenant(id)).filter(isKept);
  return kept.length === 0 ? err({ code: 'break-glass.none', tenant: name }) : ok(kept);
};

const drillIn = async ({ clock, drills }: DrillDeps, { id }: Tenant): Promise<Drill | undefined> => {
  const drill = await drills.of(id);
  return drill === undefined || addMs(drill.begunAt, LASTS_MS) <= clock.now() ? undefined : drill;
};

const MOST_VIEWS = 100;

const looksSince = async ({ views }: DrillDeps, { id }: Tenant, since: Date): Promise<readonly BreakGlassView[]> => {
  const had = await views.list({ tenant: id, states: ['open', 'over'] }, MOST_VIEWS);
  return had.filter(({ shownAt }) => shownAt !== undefined && shownAt >= since);
};

const seenDuring = async (
  { watches }: DrillDeps,
  { id }: Tenant,
  views: readonly BreakGlassView[],
  since: Date,
): Promise<Seen> => {
  const uses = views.flatMap((view) => view.uses ?? []).filter(({ at }) => at >= since);
  const last = uses.toSorted((one, other) => +other.at - +one.at)[0];
  if (last !== undefined) return { kind: 'seen', at: last.at, says: last.says };
  const trouble = (await watches.of(id))?.trouble;
  return trouble === undefined ? { kind: 'not-yet' } : { kind: 'unseen', clause: trouble.clause };
};
