/** Looks at every tenant, a few at once, and tells admins in one digest what was found: each what is theirs. */
import { isDeactivated } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { OrganizationId, PersonId } from '../engine/ids.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs, DAY, MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { together } from '../lib/together.js';
import type { FlowDeps } from './deps.js';
import { isDone } from './findings.js';
import type { Finding, Report } from './findings.js';
import type { Notifier } from './ports.js';
import { reconcile, recordsOfAll } from './reconcile.js';
import type { Records } from './reconcile.js';
import { owners } from './standing.js';
import { tellAdmins } from './tell-admins.js';

type PatrolDeps<Card> = FlowDeps & { readonly notifier: Notifier<Card> };

type Draw<Card> = (reports: readonly Report[], zone: string | undefined) => Card;

/** One tenant keeps one call in flight: so many of them keep the way to Graph busy, and none waits long for another. */
const MOST_AT_ONCE = 32;

const PAGE = 100;

export const patrol = async <Card>(deps: PatrolDeps<Card>, draw: Draw<Card>): Promise<void> => {
  const reports: Report[] = [];
  await together(everyTenant(deps), MOST_AT_ONCE, async ({ tenant, records }) => {
    try {
      const report = await reconcile(deps, tenant, records);
      if (saysSomething(report)) reports.push(report);
    } catch (thrown) {
      deps.log.error({ tenant: tenant.id, ...describeError(thrown) }, 'the look at a tenant broke off');
    }
  });
  await tellOnce(deps, reports, draw);
};

interface Known {
  readonly tenant: Tenant;
  readonly records: Records | undefined;
}

/** With what is on record of each, read page by page while those of the page before are looked at. */
const everyTenant = async function* (deps: FlowDeps): AsyncGenerator<Known> {
  let next = pageFrom(deps, 0);
  for (let skip = PAGE; ; skip += PAGE) {
    const page = await next;
    if (page.length === PAGE) {
      next = pageFrom(deps, skip);
      // Thrown where it is waited for; until then nobody has to.
      next.catch(() => undefined);
    }
    yield* page;
    if (page.length < PAGE) return;
  }
};

const pageFrom = async (deps: FlowDeps, skip: number): Promise<readonly Known[]> => {
  const { items } = await deps.config.tenants.page({ skip, limit: PAGE });
  const recordsOf = await recordsOfAll(deps, items);
  return items.map((tenant) => ({ tenant, records: recordsOf?.(tenant) }));
};

/** A directory that is slow for a while is nobody's news. */
const saysSomething = ({ outcome }: Report): boolean => {
  if (outcome.kind === 'looked') return outcome.findings.length > 0;
  return outcome.kind === 'paused' || !outcome.passing;
};

/** So long others wait for whoever took it to tell; one who died over it is replaced then. */
const CLAIM_MS = 5 * MINUTE;

/** What stands still is told again after a day; what was put right is told by whoever did it, once. */
const tellOnce = async <Card>(deps: PatrolDeps<Card>, found: readonly Report[], draw: Draw<Card>): Promise<void> => {
  const claimed: string[] = [];
  const isMine = async (id: string): Promise<boolean> => {
    const now = deps.clock.now();
    const mine = await deps.announcements.claim(id, now, addMs(now, CLAIM_MS));
    if (mine) claimed.push(id);
    return mine;
  };
  const reports = await newsIn(found, isMine);
  if (reports.length === 0) return;
  const told = await tellEverybody(deps, reports, draw);
  if (told === 0) deps.log.warn({ tenants: reports.length }, 'nobody could be told what was found in tenants');
  const again = addMs(deps.clock.now(), DAY);
  await Promise.all(
    claimed.map((id) => (told > 0 ? deps.announcements.said(id, again) : deps.announcements.release(id))),
  );
};

const newsIn = async (
  found: readonly Report[],
  isNew: (id: string) => Promise<boolean>,
): Promise<readonly Report[]> => {
  const news: Report[] = [];
  for (const { tenant, outcome } of found) {
    if (outcome.kind !== 'looked') {
      if (await isNew(`drift/${tenant.id}/${outcome.kind}/${outcome.clause}`)) news.push({ tenant, outcome });
      continue;
    }
    const findings: Finding[] = [];
    for (const finding of outcome.findings) {
      if (isDone(finding) || (await isNew(`drift/${tenant.id}/${keyOf(finding)}`))) findings.push(finding);
    }
    if (findings.length > 0) news.push({ tenant, outcome: { ...outcome, findings } });
  }
  return news.toSorted((one, other) => (one.tenant.name < other.tenant.name ? -1 : 1));
};

/** Another one as soon as anything of it is different. */
const keyOf = (finding: Finding): string =>
  finding.kind === 'stray'
    ? `stray/${finding.objectId}/${finding.enabled ? 'open' : 'shut'}`
    : `${finding.account}/${JSON.stringify(finding.drift)}`;

/** Owners and the channels of admins read everything; whoever administers organizations reads what is theirs. */
const tellEverybody = async <Card>(
  deps: PatrolDeps<Card>,
  reports: readonly Report[],
  draw: Draw<Card>,
): Promise<number> => {
  const told = await tellAdmins(deps, (zone) => draw(reports, zone));
  const delivered = await Promise.all(
    [...(await othersFor(deps, reports)).values()].map(async ({ person, reports: theirs }) => {
      const reachable = person.identities.find(({ address }) => address !== undefined);
      if (reachable?.address === undefined) return false;
      const delivery = await deps.notifier.post(reachable.address, draw(theirs, reachable.zone));
      if (delivery.kind !== 'sent')
        deps.log.warn({ person: person.id, detail: delivery.detail }, 'an admin was not told');
      return delivery.kind === 'sent';
    }),
  );
  return told + delivered.filter(Boolean).length;
};

interface Share {
  readonly person: Person;
  readonly reports: readonly Report[];
}

/** Admins of organizations who are no owners, each with all that is theirs. */
const othersFor = async (
  deps: Pick<FlowDeps, 'people' | 'config' | 'settings'>,
  reports: readonly Report[],
): Promise<ReadonlyMap<PersonId, Share>> => {
  const concerned = [...new Set(reports.flatMap(({ tenant }) => tenant.organization ?? []))];
  const [organizations, all] = await Promise.all([deps.config.organizations.byIds(concerned), owners(deps)]);
  const shares = new Map<PersonId, Share>();
  for (const { id, admins } of organizations) {
    const theirs = reportsOf(id, reports);
    for (const person of await deps.people.byIds(admins)) {
      if (isDeactivated(person) || all.some((owner) => owner.id === person.id)) continue;
      shares.set(person.id, { person, reports: [...(shares.get(person.id)?.reports ?? []), ...theirs] });
    }
  }
  return shares;
};

const reportsOf = (organization: OrganizationId, reports: readonly Report[]): readonly Report[] =>
  reports.filter(({ tenant }) => tenant.organization === organization);
