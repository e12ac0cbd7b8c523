/** Looks at our standing in tenants, keeps what was found, and tells admins what is not as it was. */
import { createHash } from 'node:crypto';
import { changesBetween, examine, knownAfter } from '../engine/checkup.js';
import type { Change, Examination } from '../engine/checkup.js';
import type { Person } from '../engine/person.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs, DAY } from '../lib/clock.js';
import { eachAtMost } from '../lib/each-at-most.js';
import { describeError } from '../lib/log.js';
import { ok } from '../lib/result.js';
import { announceOnce } from './announce-once.js';
import type { FlowDeps } from './deps.js';
import { isShut, pauseFor } from './pause.js';
import type { Checkup } from './ports/checkups.js';
import type { Notifier } from './ports.js';
import { troubleClause } from './trouble.js';

/** What is not as it was when a tenant was last looked at. */
export interface Changed {
  readonly tenant: Tenant;
  readonly changes: readonly Change[];
}

export type DrawChanges<Card> = (changed: Changed, zone: string | undefined) => Card;

type CheckupDeps<Card> = Pick<
  FlowDeps,
  | 'clock'
  | 'log'
  | 'people'
  | 'config'
  | 'settings'
  | 'audit'
  | 'inspector'
  | 'directory'
  | 'tenantApps'
  | 'checkups'
  | 'announcements'
> & { readonly notifier: Notifier<Card> };

const CONCURRENCY = 8;

/** Looks at every tenant whose last look is a day old, or that was never looked at. None keeps another from its turn. */
export const checkUpAll = async <Card>(deps: CheckupDeps<Card>, draw: DrawChanges<Card>): Promise<void> => {
  const [tenants, dates, pauses] = await Promise.all([
    deps.config.tenants.all(),
    deps.checkups.dates(),
    deps.checkups.pauses(),
  ]);
  const shut = new Set(pauses.filter(isShut).map(({ tenant }) => tenant));
  const due = tenants.filter(({ id }) => {
    const last = dates.get(id);
    return !shut.has(id) && (last === undefined || addMs(last, DAY) <= deps.clock.now());
  });
  await eachAtMost(CONCURRENCY, due, async (tenant) => {
    try {
      await checkUp(deps, tenant, draw);
    } catch (thrown) {
      deps.log.error({ tenant: tenant.id, ...describeError(thrown) }, 'a tenant could not be looked at');
    }
  });
};

/** Looks now. `by`: who reads the answer anyway, and is not told of it a second time. */
export const checkUp = async <Card>(
  deps: CheckupDeps<Card>,
  tenant: Tenant,
  draw: DrawChanges<Card>,
  by?: Person,
): Promise<Examination> => {
  const { examination, at } = await lookAt(deps, tenant);
  const before = await deps.checkups.of(tenant.id);
  const findings = knownAfter(before?.findings ?? [], examination);
  const checkup: Checkup = { tenant: tenant.id, at, findings, powers: examination.powers };
  // An outage says nothing: what is known is kept, and it is tried again at the next occasion.
  if (before !== undefined && examination.deferred.includes('token')) return examination;
  const changes = before === undefined ? [] : changesBetween(before.findings, findings);
  if (before === undefined || changes.length === 0) {
    await deps.checkups.save(checkup);
    return examination;
  }
  const heard = await announceOnce(deps, announcementId(before, changes), (zone) => draw({ tenant, changes }, zone), {
    concerned: { ...tenant, ...(by === undefined ? {} : { except: by }) },
    settle: () => deps.checkups.save(checkup),
  });
  // What nobody could be told stays news; whoever tells it meanwhile has saved something newer.
  if (!heard) await deps.checkups.save({ ...checkup, findings: before.findings }, before.at);
  return examination;
};

const lookAt = async <Card>(
  deps: CheckupDeps<Card>,
  tenant: Tenant,
): Promise<{ readonly examination: Examination; readonly at: Date }> => {
  const [inspection, described, app] = await Promise.all([
    deps.inspector.inspect(tenant),
    deps.directory.describe(tenant.directoryId),
    deps.tenantApps.of(tenant.directoryId),
  ]);
  const { token, at } = inspection;
  if (!token.ok) await pauseFor(deps, tenant, token.error);
  const domains = described.ok ? ok(described.value.domains) : described;
  const look = { tenant, inspection, domains, ownApp: app !== undefined, say: troubleClause };
  return { examination: examine(look), at };
};

/** The same for everybody who finds the same. */
const announcementId = ({ tenant, at }: Checkup, changes: readonly Change[]): string => {
  const found = JSON.stringify(changes.map(({ finding: { check, state } }) => [check, state]));
  const mark = createHash('sha256').update(found).digest('base64url').slice(0, 22);
  return `checkup/${tenant}/${at.toISOString()}/${mark}`;
};
