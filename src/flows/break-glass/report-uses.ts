import { laterUse, lookAt } from '../../engine/break-glass-watch.js';
import type { BreakGlassAccount, Use } from '../../engine/break-glass.js';
import type { BreakGlassView, ViewUse } from '../../engine/break-glass-view.js';
import type { ViewId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { owned } from '../change.js';
import { claimNews } from '../claim-news.js';
import type { FlowDeps } from '../deps.js';
import { LATCHKEY } from '../effects.js';
import type { RecordedUse } from '../ports/break-glass.js';
import { tellAdmins } from '../tell-admins.js';
import type { TellDeps } from '../tell-admins.js';

/** What break-glass accounts were used for while nobody was meant to use them, oldest first. */
export interface Used {
  readonly tenant: Tenant;
  readonly uses: readonly { readonly upn: string; readonly at: Date; readonly says: string }[];
}

interface AccountUse extends RecordedUse {
  readonly account: BreakGlassAccount;
}

interface Judged {
  readonly use: AccountUse;
  /** The look that it was part of; absent: none. */
  readonly view: BreakGlassView | undefined;
}

type ReportDeps<Card> = TellDeps<Card> & Pick<FlowDeps, 'clock' | 'audit' | 'announcements' | 'breakGlass' | 'views'>;

/** Looks end within a day, and there is rarely more than one a day. */
const MOST_VIEWS = 100;

/**
 * Makes of each record what it is: part of a look, or an alarm. Each is told once, however often it is read. `false`:
 * nobody could be told.
 */
export const reportUses = async <Card>(
  deps: ReportDeps<Card>,
  draw: (used: Used, zone: string | undefined) => Card,
  tenant: Tenant,
  uses: readonly AccountUse[],
): Promise<boolean> => {
  if (uses.length === 0) return true;
  const views = await deps.views.list({ tenant: tenant.id, states: ['open', 'over'] }, MOST_VIEWS);
  const judged: readonly Judged[] = uses.map((use) => ({ use, view: lookAt(views, use.account.id, use.at) }));
  await noteLast(deps, judged);
  for (const view of views) {
    const its = judged.filter((one) => one.view === view).map(({ use }) => use);
    if (its.length > 0) await noteOn(deps, tenant, view, its);
  }
  return alarm(
    deps,
    draw,
    tenant,
    judged.flatMap(({ use, view }) => (view === undefined ? [use] : [])),
  );
};

const alarm = async <Card>(
  deps: ReportDeps<Card>,
  draw: (used: Used, zone: string | undefined) => Card,
  tenant: Tenant,
  uses: readonly AccountUse[],
): Promise<boolean> => {
  const news = await claimNews(deps, uses, ({ id }) => `break-glass.used/${tenant.id}/${id}`);
  if (news.items.length === 0) return true;
  await record(deps, tenant, news.items);
  const used = { tenant, uses: news.items.map(({ account, at, says }) => ({ upn: account.upn, at, says })) };
  if ((await tellAdmins(deps, (zone) => draw(used, zone), tenant)) === 0) {
    await news.release();
    deps.log.error({ tenant: tenant.id, uses: news.items.length }, 'nobody could be told of a use of break-glass');
    return false;
  }
  await news.said();
  return true;
};

/** Whoever loses so many races in a row leaves it to the next look. */
const MOST_RACES = 10;

/** More than a person does in an emergency; what is beyond stands in the audit log. */
const MOST_USES = 300;

const noteOn = async (
  deps: Pick<FlowDeps, 'clock' | 'audit' | 'views'>,
  tenant: Tenant,
  { id }: BreakGlassView,
  uses: readonly AccountUse[],
): Promise<void> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const stored = await deps.views.load(id);
    if (stored === undefined) return;
    const known = stored.view.uses ?? [];
    const found = uses.filter((use) => !known.some((one) => one.id === use.id));
    const room = found
      .slice(0, MOST_USES - known.length)
      .map(({ id: of, at, says }): ViewUse => ({ id: of, at, says }));
    if (found.length === 0) return;
    await record(deps, tenant, found, id);
    if (room.length === 0 || (await deps.views.save({ ...stored.view, uses: [...known, ...room] }, stored.version)))
      return;
  }
};

/** Each account's last use, of all that is known. */
const noteLast = async ({ breakGlass }: Pick<FlowDeps, 'breakGlass'>, judged: readonly Judged[]): Promise<void> => {
  const last = new Map<BreakGlassAccount, Use | undefined>();
  for (const { use, view } of judged) {
    const { account, at, says } = use;
    const found: Use = { at, says, ...(view === undefined ? {} : { view: view.id }) };
    last.set(account, laterUse(last.get(account) ?? account.used, found));
  }
  for (const [{ id, used: known }, used] of last) {
    if (used !== undefined && used !== known) await breakGlass.note(id, { used });
  }
};

const record = async (
  { clock, audit }: Pick<FlowDeps, 'clock' | 'audit'>,
  tenant: Tenant,
  uses: readonly AccountUse[],
  view?: ViewId,
): Promise<void> => {
  for (const { id, account, at, says } of uses) {
    // The same id each time, so that it stands there once.
    await audit.append(`break-glass.used/${tenant.id}/${id}`, {
      what: 'break-glass.used',
      at: clock.now(),
      by: LATCHKEY.by,
      tenant: tenant.id,
      ...owned(tenant.organization),
      facts: {
        tenant: tenant.id,
        account: account.upn,
        usedAt: at.toISOString(),
        record: id,
        says,
        look: view ?? null,
      },
    });
  }
};
