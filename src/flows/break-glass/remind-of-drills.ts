/** Reminds admins of tenants whose break-glass accounts nobody has tried for ninety days. */
import { drillDueAt } from '../../engine/drill.js';
import type { BreakGlassId, OrganizationId, TenantId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs, DAY } from '../../lib/clock.js';
import { owned } from '../change.js';
import { claimNews } from '../claim-news.js';
import type { FlowDeps } from '../deps.js';
import type { Notifier } from '../ports.js';
import { tellAdmins } from '../tell-admins.js';

export interface DueDrill {
  readonly tenant: Tenant;
  readonly dueAt: Date;
}

type RemindDeps<Card> = Pick<
  FlowDeps,
  'clock' | 'log' | 'people' | 'config' | 'settings' | 'announcements' | 'breakGlass'
> & { readonly notifier: Notifier<Card> };

const AGAIN_MS = 7 * DAY;

/** One message for each organization; once a week until it is done. */
export const remindOfDrills = async <Card>(
  deps: RemindDeps<Card>,
  draw: (due: readonly DueDrill[], zone: string | undefined) => Card,
): Promise<void> => {
  const due = await dueDrills(deps);
  for (const organization of new Set(due.map(({ tenant }) => tenant.organization))) {
    const theirs = due.filter(({ tenant }) => tenant.organization === organization);
    await remind(deps, organization, theirs, draw);
  }
};

const remind = async <Card>(
  deps: RemindDeps<Card>,
  organization: OrganizationId | undefined,
  all: readonly DueDrill[],
  draw: (due: readonly DueDrill[], zone: string | undefined) => Card,
): Promise<void> => {
  const news = await claimNews(deps, all, ({ tenant, dueAt }) => `drill/${tenant.id}/${dueAt.toISOString()}`);
  if (news.items.length === 0) return;
  const told = await tellAdmins(deps, (zone) => draw(news.items, zone), owned(organization));
  if (told === 0) {
    deps.log.warn({ tenants: news.items.length }, 'nobody could be reminded of a drill');
    return news.release();
  }
  await news.said(addMs(deps.clock.now(), AGAIN_MS));
};

const PAGE = 500;

/** The longest due first. */
const dueDrills = async <Card>(deps: RemindDeps<Card>): Promise<readonly DueDrill[]> => {
  const now = deps.clock.now();
  const due = new Map<TenantId, Date>();
  let after: BreakGlassId | undefined;
  do {
    const page = await deps.breakGlass.all(after, PAGE);
    after = page.length < PAGE ? undefined : page.at(-1)?.id;
    for (const account of page) {
      const dueAt = drillDueAt(account);
      if (dueAt === undefined || dueAt > now) continue;
      const known = due.get(account.tenant);
      due.set(account.tenant, known !== undefined && known < dueAt ? known : dueAt);
    }
  } while (after !== undefined);
  const tenants = await deps.config.tenants.byIds([...due.keys()]);
  return tenants
    .filter(({ leaving }) => leaving === undefined)
    .flatMap((tenant) => {
      const dueAt = due.get(tenant.id);
      return dueAt === undefined ? [] : [{ tenant, dueAt }];
    })
    .toSorted((one, other) => +one.dueAt - +other.dueAt);
};
