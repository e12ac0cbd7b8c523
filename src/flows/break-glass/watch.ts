/** Watches who uses break-glass accounts: a use that nobody was meant to make is an alarm, one that was is noted. */
import { readFrom, watchedFrom } from '../../engine/break-glass-watch.js';
import type { BreakGlassAccount } from '../../engine/break-glass.js';
import type { DirectoryFault } from '../../engine/faults.js';
import type { TenantId } from '../../engine/ids.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.js';
import { within } from '../../lib/deadline.js';
import { eachAtMost } from '../../lib/each-at-most.js';
import { describeError } from '../../lib/log.js';
import { ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { announceOnce } from '../announce-once.js';
import type { FlowDeps } from '../deps.js';
import { isShut } from '../pause.js';
import type { Notifier } from '../ports.js';
import type { RecordedUse } from '../ports/break-glass.js';
import type { BegunWatch, Watch, WatchTrouble } from '../ports/break-glass-watch.js';
import { troubleClause } from '../trouble.js';
import { isKept } from './schedule.js';
import { reportUses } from './report-uses.js';
import type { Used } from './report-uses.js';

/** A log of a directory that cannot be read, so that whoever uses its break-glass accounts does so unseen. */
export interface Unwatched {
  readonly tenant: Tenant;
  readonly trouble: WatchTrouble;
}

export interface WatchCards<Card> {
  readonly used: (used: Used, zone: string | undefined) => Card;
  readonly unwatched: (unwatched: Unwatched, zone: string | undefined) => Card;
}

export type WatchDeps<Card> = Pick<
  FlowDeps,
  | 'clock'
  | 'random'
  | 'log'
  | 'people'
  | 'config'
  | 'settings'
  | 'audit'
  | 'announcements'
  | 'checkups'
  | 'breakGlass'
  | 'breakGlassDirectory'
  | 'views'
  | 'watches'
> & { readonly notifier: Notifier<Card> };

const MOST_AT_ONCE = 32;

/** Whoever takes longer goes on alone, and the next tenant gets its turn. */
const PATIENCE_MS = 20 * SECOND;

/** So long nobody else looks at the same tenant; whoever died over it is replaced then. */
const SOLE_MS = 5 * MINUTE;

/** With what the chore and a slow neighbour add, five minutes from one look to the next. */
const EVERY_MS = 4 * MINUTE;
const SPREAD_MS = 30 * SECOND;

/** Nobody buys a licence within minutes. */
const UNLICENSED_EVERY_MS = HOUR;

/** No look is set so far ahead. */
const LATEST_MS = UNLICENSED_EVERY_MS + SPREAD_MS + SOLE_MS;

/** What keeps the log unread for so long is told, and told again each day. */
const LASTS_MS = HOUR;

const NO_LICENCE: DirectoryFault['code'] = 'directory.licence';

/** Whether it is only that the tenant has not bought what this takes. */
export const isUnlicensed = ({ code }: Pick<WatchTrouble, 'code'>): boolean => code === NO_LICENCE;

/** Looks at every tenant whose turn it is. None keeps another from its turn. */
export const watchBreakGlass = async <Card>(deps: WatchDeps<Card>, cards: WatchCards<Card>): Promise<void> => {
  const [tenants, dates] = await Promise.all([deps.breakGlass.tenants(), deps.watches.dates()]);
  const now = deps.clock.now();
  const latest = addMs(now, LATEST_MS);
  const due = tenants.filter((tenant) => {
    const nextAt = dates.get(tenant);
    return nextAt === undefined || nextAt <= now || nextAt > latest;
  });
  await eachAtMost(MOST_AT_ONCE, due, async (tenant) => {
    const watching = watch(deps, cards, tenant).catch((thrown: unknown) => {
      deps.log.error({ tenant, ...describeError(thrown) }, 'the use of break-glass accounts could not be watched');
    });
    await within(watching, PATIENCE_MS);
  });
};

const watch = async <Card>(deps: WatchDeps<Card>, cards: WatchCards<Card>, id: TenantId): Promise<void> => {
  const tenant = await deps.config.tenants.byId(id);
  if (tenant === undefined) return;
  const now = deps.clock.now();
  const begun = await deps.watches.begin(id, now, { until: addMs(now, SOLE_MS), latest: addMs(now, LATEST_MS) });
  if (begun === undefined) return;
  const accounts = (await deps.breakGlass.ofTenant(id)).filter(isKept);
  const watched = watchedFrom(begun.watch.accounts, accounts, now);
  const known: Watch = { ...begun.watch, accounts: watched };
  const read = await readUses(deps, tenant, accounts, readFrom(watched, begun.watch.readTo, now));
  if (!read.ok) return endUnread(deps, cards, tenant, { ...begun, watch: known }, read.error);
  const news = read.value.filter(({ account, at }) =>
    watched.some(({ id: one, from }) => one === account.id && at >= from),
  );
  const isTold = await reportUses(deps, cards.used, tenant, news);
  const { trouble: _, ...fine } = known;
  // What nobody could be told is read again, however long it takes.
  await end(deps, isTold ? { ...fine, readTo: now } : fine, begun, EVERY_MS);
};

const readUses = async (
  { breakGlassDirectory }: Pick<FlowDeps, 'breakGlassDirectory'>,
  tenant: Tenant,
  accounts: readonly BreakGlassAccount[],
  since: Date | undefined,
): Promise<Result<readonly (RecordedUse & { readonly account: BreakGlassAccount })[], DirectoryFault>> => {
  const users = accounts.flatMap(({ objectId }) => objectId ?? []);
  if (users.length === 0 || since === undefined) return ok([]);
  const read = await breakGlassDirectory.uses(tenant, users, since);
  if (!read.ok) return read;
  return ok(
    read.value.flatMap((use) => {
      const account = accounts.find(({ objectId }) => objectId === use.user);
      return account === undefined ? [] : [{ ...use, account }];
    }),
  );
};

const endUnread = async <Card>(
  deps: WatchDeps<Card>,
  cards: WatchCards<Card>,
  tenant: Tenant,
  begun: BegunWatch,
  fault: DirectoryFault,
): Promise<void> => {
  const { code } = fault;
  const { trouble: before } = begun.watch;
  const isSame = before !== undefined && isUnlicensed(before) === isUnlicensed(fault);
  const since = isSame ? before.since : deps.clock.now();
  const trouble: WatchTrouble = { code, clause: troubleClause(fault), since };
  if (!isSame) {
    const facts = { tenant: tenant.id, code, detail: fault.detail };
    deps.log.warn(facts, 'the log of a directory does not tell who uses its break-glass accounts');
  }
  await end(deps, { ...begun.watch, trouble }, begun, isUnlicensed(fault) ? UNLICENSED_EVERY_MS : EVERY_MS);
  await tellUnread(deps, cards, tenant, trouble);
};

/** A tenant that keeps Latchkey out altogether has its own alarm; what a licence does not show is no news every day. */
const tellUnread = async <Card>(
  deps: WatchDeps<Card>,
  { unwatched }: WatchCards<Card>,
  tenant: Tenant,
  trouble: WatchTrouble,
): Promise<void> => {
  const lastedMs = deps.clock.now().getTime() - trouble.since.getTime();
  if (isUnlicensed(trouble) || lastedMs < LASTS_MS) return;
  if (isShut(await deps.checkups.pauseOf(tenant.id))) return;
  const id = `break-glass.unwatched/${tenant.id}/${trouble.since.toISOString()}/${Math.floor(lastedMs / DAY)}`;
  await announceOnce(deps, id, (zone) => unwatched({ tenant, trouble }, zone), {
    concerned: tenant,
    settle: async () => undefined,
  });
};

const end = async <Card>(
  { clock, random, watches, log }: WatchDeps<Card>,
  seen: Watch,
  begun: BegunWatch,
  inMs: number,
): Promise<void> => {
  const next = addMs(clock.now(), inMs + random.below(SPREAD_MS));
  if (await watches.end(seen, begun, next)) return;
  log.warn({ tenant: seen.tenant }, 'a look at who uses break-glass accounts took so long that another began');
};
