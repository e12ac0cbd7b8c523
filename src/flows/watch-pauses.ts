/** Looks after the tenants that are paused: tries each once, alarms until it works again, and then catches up. */
import { alarmGapMs } from '../engine/due.js';
import { isPassing } from '../engine/faults.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { announceOnce } from './announce-once.js';
import { converge } from './converge.js';
import type { FlowDeps } from './deps.js';
import { eachAtMost } from '../lib/each-at-most.js';
import { accountsIn } from './leaving.js';
import { heldIn, isShut, isShutOut, recordPause } from './pause.js';
import type { Pause } from './ports/checkups.js';
import type { Notifier } from './ports.js';

/** A tenant that is paused, and what is held up there. */
export interface Shut {
  readonly tenant: Tenant;
  readonly pause: Pause;
  readonly held: readonly AccessRequest[];
}

/** A tenant that works again. */
export interface Reopened {
  readonly tenant: Tenant;
  readonly pause: Pause;
  /** What has ended since it does. */
  readonly ended: readonly AccessRequest[];
  /** What should have ended and has not. */
  readonly left: readonly AccessRequest[];
}

export interface PauseCards<Card> {
  readonly shut: (shut: Shut, zone: string | undefined) => Card;
  readonly reopened: (reopened: Reopened, zone: string | undefined) => Card;
}

type WatchDeps<Card> = FlowDeps & {
  readonly notifier: Notifier<Card>;
  /** Sees what the app may do there now. */
  readonly lookAgain: (tenant: Tenant) => Promise<unknown>;
};

const CONCURRENCY = 8;

export const watchPauses = async <Card>(deps: WatchDeps<Card>, cards: PauseCards<Card>): Promise<void> => {
  await eachAtMost(CONCURRENCY, await deps.checkups.pauses(), async (pause) => {
    try {
      await watch(deps, cards, pause);
    } catch (thrown) {
      deps.log.error({ tenant: pause.tenant, ...describeError(thrown) }, 'a paused tenant could not be looked after');
    }
  });
};

const watch = async <Card>(deps: WatchDeps<Card>, cards: PauseCards<Card>, pause: Pause): Promise<void> => {
  const tenant = await deps.config.tenants.byId(pause.tenant);
  if (tenant === undefined) return deps.checkups.endPause(pause.tenant);
  if (isShut(pause) && !(await isBack(deps, tenant))) return alarm(deps, cards, tenant, pause);
  await resume(deps, cards, tenant, pause);
};

/** Anything but being kept out shows that the app is let in; an outage shows nothing. */
const isBack = async (deps: FlowDeps, tenant: Tenant): Promise<boolean> => {
  const described = await deps.directory.describe(tenant.directoryId);
  if (described.ok) return true;
  return !isPassing(described.error) && !(await isShutOut(deps, tenant, described.error));
};

const alarm = async <Card>(
  deps: WatchDeps<Card>,
  { shut }: PauseCards<Card>,
  tenant: Tenant,
  pause: Pause,
): Promise<void> => {
  const { told, toldAt, since } = pause;
  const now = deps.clock.now();
  if (toldAt !== undefined && addMs(toldAt, alarmGapMs(told)) > now) return;
  const held = await heldIn(deps, tenant);
  const id = `pause/${tenant.id}/${since.toISOString()}/${told + 1}`;
  await announceOnce(deps, id, (zone) => shut({ tenant, pause, held }, zone), {
    concerned: tenant,
    settle: () => deps.checkups.told(tenant.id, told + 1, now),
  });
};

/** Whatever waited is tried at once, and what became of it is told. A process that dies over it leaves it to the next. */
const resume = async <Card>(
  deps: WatchDeps<Card>,
  { reopened }: PauseCards<Card>,
  tenant: Tenant,
  pause: Pause,
): Promise<void> => {
  const { since, told } = pause;
  if (isShut(pause) && !(await deps.checkups.resumed(tenant.id, deps.clock.now()))) return;
  await recordPause(deps, tenant, 'tenant.resumed', pause);
  await deps.lookAgain(tenant);
  const waiting = await heldIn(deps, tenant);
  const accounts = new Set([
    ...waiting.filter(({ trouble }) => trouble !== undefined).map(({ account }) => account),
    ...(await accountsIn(deps, tenant)).filter(({ owed }) => owed !== undefined).map(({ id }) => id),
  ]);
  await eachAtMost(CONCURRENCY, [...accounts], (account) => converge(deps, account));
  const left = (await heldIn(deps, tenant)).filter(({ state }) => state === 'closing');
  const ended = await endedSince(deps, tenant, since, waiting);
  const settle = (): Promise<void> => deps.checkups.endPause(tenant.id);
  // Whoever heard nothing of it need not hear that it is over.
  if (told === 0) return settle();
  const id = `pause/${tenant.id}/${since.toISOString()}/over`;
  await announceOnce(deps, id, (zone) => reopened({ tenant, pause, ended, left }, zone), { concerned: tenant, settle });
};

const LATEST = 100;

/** Those that a process that died over it had brought to their end are among them. */
const endedSince = async (
  { requests }: FlowDeps,
  tenant: Tenant,
  since: Date,
  waiting: readonly AccessRequest[],
): Promise<readonly AccessRequest[]> => {
  const [closed, now] = await Promise.all([
    requests.list({ tenant: tenant.id, states: ['closed'] }, LATEST),
    Promise.all(waiting.map(async ({ id }) => (await requests.load(id))?.request)),
  ]);
  const all = [...closed, ...now.flatMap((request) => request ?? [])];
  const ended = all.filter(({ confirmedAt }) => confirmedAt !== undefined && confirmedAt >= since);
  return [...new Map(ended.map((request) => [request.id, request])).values()];
};
