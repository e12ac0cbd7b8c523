import { createDispatch } from './chat/dispatch.js';
import type { Dispatch } from './chat/answer.js';
import { drillsCard, strayUseCard, unwatchedCard } from './chat/break-glass-use-card.js';
import { changesCard } from './chat/checkup-card.js';
import { connectedCard, unconnectedCard } from './chat/connected-card.js';
import { departedCard } from './chat/departed-card.js';
import { drawing } from './chat/drawing.js';
import { driftDigest } from './chat/drift-card.js';
import { expiryCard } from './chat/expiry-card.js';
import { headCard } from './chat/head-card.js';
import { overdueRotationCard } from './chat/overdue-rotation-card.js';
import { reopenedCard, shutCard } from './chat/pause-card.js';
import { lookDrawing } from './chat/look-cards.js';
import type { Card } from './chat/view.js';
import type { BreakGlassId, IdentityKey, RequestId, ViewId } from './engine/ids.js';
import { dueAt } from './engine/due.js';
import type { ApproveLook } from './flows/break-glass/confirm-look.js';
import { judgeLook } from './flows/break-glass/judge-look.js';
import { tellLook } from './flows/break-glass/tell-look.js';
import { tendLooks } from './flows/break-glass/tend-looks.js';
import type { Arrived, Brought } from './flows/arrive.js';
import { watchRotations } from './flows/break-glass/overdue.js';
import { remindOfDrills } from './flows/break-glass/remind-of-drills.js';
import { createHeadStart } from './flows/head-start.js';
import type { HeadStart } from './flows/head-start.js';
import { rotate } from './flows/break-glass/rotate.js';
import { watchBreakGlass } from './flows/break-glass/watch.js';
import { checkUp, checkUpAll } from './flows/checkup.js';
import { announceExpiries } from './flows/credential-expiry.js';
import { reviewStandings, userChanged } from './flows/deactivate.js';
import { deliver } from './flows/deliver.js';
import type { DeliverDeps } from './flows/deliver.js';
import { createDeliverer } from './flows/deliverer.js';
import type { FlowDeps } from './flows/deps.js';
import { syncGroups } from './flows/follow.js';
import { continueLeaving } from './flows/leaving.js';
import type { Approve } from './flows/passkey-confirm.js';
import type { Jobs, Notifier } from './flows/ports.js';
import type { Chore } from './flows/ports/chores.js';
import type { SavedRequest } from './flows/ports/saved.js';
import type { Standing } from './flows/ports/rosters.js';
import { patrol } from './flows/patrol.js';
import { postHead } from './flows/post-head.js';
import { createFindReaders } from './flows/readers.js';
import { settleOwed } from './flows/reconcile.js';
import { review } from './flows/review.js';
import { arriveAndTell } from './flows/tell-arrival.js';
import { createTeller } from './flows/teller.js';
import type { Told } from './flows/teller.js';
import { tend } from './flows/tend.js';
import { watchPauses } from './flows/watch-pauses.js';
import { createBackground } from './lib/background.js';
import type { Background } from './lib/background.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from './lib/clock.js';
import { coalesce } from './lib/coalesce.js';
import { randomId } from './lib/random.js';
import type { InTurn } from './lib/turns.js';

export interface BotParts extends Omit<FlowDeps, 'nudge' | 'nudgeLook' | 'deliverer'> {
  readonly notifier: Notifier<Card>;
  readonly jobs: Jobs;
}

/** The flows and the conversation, joined: everything but the doors in and out. */
export interface Bot {
  readonly dispatch: Dispatch;
  /** An approval that was proven outside the chat. */
  readonly approve: Approve;
  readonly approveLook: ApproveLook;
  readonly nudgeLook: FlowDeps['nudgeLook'];
  /** A browser comes back from the login authority, on the way of a tenant to us. */
  readonly arrive: (brought: Brought) => Promise<Arrived>;
  readonly tend: (id: RequestId) => Promise<void>;
  readonly deliver: (id: RequestId) => Promise<void>;
  /** Changes the password of a break-glass account, if that is due. */
  readonly rotate: (id: BreakGlassId, inTurn?: InTurn) => Promise<void>;
  /** A platform says that somebody's account of its was changed. */
  readonly userChanged: (key: IdentityKey, standing: Standing) => Promise<void>;
  /** What is to be done regularly, by one process for all. */
  readonly chores: readonly Chore[];
  /** Resolves when nothing that was set in motion is still going on. */
  idle(): Promise<void>;
}

const tendingFirst = (deps: FlowDeps, { first }: HeadStart<RequestId>) =>
  coalesce<RequestId, SavedRequest>((id, saved) => first(id, (directory) => tend({ ...deps, directory }, id, saved)));

const delivering = (deps: DeliverDeps<Card>) => coalesce<RequestId, Told>((id, saved) => deliver(deps, id, saved));

type Nudging = Pick<BotParts, 'clock' | 'jobs'> & { readonly background: Background };

/**
 * A request whose time has come is tended at once, and what is told of it follows. The alarm clock, for what lies further
 * ahead, comes last: somebody may be waiting for what is told.
 */
const nudging =
  (
    { clock, jobs, background }: Nudging,
    tendOne: (id: RequestId, saved?: SavedRequest) => Promise<void>,
    tell: (saved: Told) => Promise<void>,
  ): FlowDeps['nudge'] =>
  (request, saved) => {
    const due = dueAt(request);
    const isDue = due !== undefined && due <= clock.now();
    if (isDue) background.run('tend', () => tendOne(request.id, saved));
    const told = tell(saved ?? { request });
    background.run('deliver', () => told);
    if (due === undefined || isDue) return;
    const isNear = due <= addMs(clock.now(), MINUTE);
    const isTime = isNear ? Promise.resolve() : told.catch(() => undefined);
    background.run('wake', () => isTime.then(() => jobs.wake(due)));
  };

export const createBot = (parts: BotParts): Bot => {
  const { clock, log, jobs, notifier } = parts;
  const background = createBackground(log);
  const nudge = nudging(
    { clock, jobs, background },
    (id, saved) => tendOne(id, saved),
    (saved) => tell(saved),
  );
  const nudgeLook: FlowDeps['nudgeLook'] = (id) => background.run('tell of a look', () => tellOfLook(id));
  const deliverer = createDeliverer({ clock, requests: parts.requests, token: randomId(parts.random) });
  const deps: FlowDeps = { ...parts, nudge, nudgeLook, deliverer };
  const tellOfLook = coalesce((id: ViewId) => tellLook({ ...deps, notifier: parts.notifier, lookDrawing }, id));
  const headStart = createHeadStart<RequestId>(parts.directory);
  const tendOne = tendingFirst(deps, headStart);
  const deliverOne = delivering({ ...deps, notifier, drawing, findReaders: createFindReaders(deps) });
  const tell = createTeller(headStart, deliverOne);
  return {
    dispatch: createDispatch({ ...deps, notifier: parts.notifier, deliver: deliverOne }),
    approve: ({ person, on, request, ...proven }) =>
      review(deps, person, on, request, { verdict: 'approve', ...proven }),
    approveLook: ({ person, on, look, factor }) => judgeLook(deps, person, on, look, { verdict: 'approve', factor }),
    nudgeLook,
    arrive: (brought) =>
      arriveAndTell({ ...deps, notifier: parts.notifier }, brought, {
        connected: (connected, zone) => connectedCard(connected, { zone, today: clock.now() }),
        unconnected: (tenant, fault, zone) => unconnectedCard(tenant, fault, { zone, today: clock.now() }),
      }),
    tend: (id) => tendOne(id),
    deliver: (id) => deliverOne(id),
    rotate: async (id, inTurn) => void (await rotate(deps, id, inTurn)),
    userChanged: (key, standing) => userChanged(deps, key, standing),
    chores: [
      { name: 'follow', everyMs: 5 * MINUTE, run: () => syncGroups(deps) },
      { name: 'standings', everyMs: 10 * MINUTE, run: () => reviewStandings(deps) },
      {
        name: 'credential-expiry',
        everyMs: DAY,
        run: () =>
          announceExpiries({ ...deps, notifier: parts.notifier }, (ending, zone) =>
            expiryCard(ending, { zone, today: clock.now() }),
          ),
      },
      { name: 'owing', everyMs: MINUTE, run: () => settleOwed(deps) },
      {
        name: 'patrol',
        everyMs: HOUR,
        run: () =>
          patrol({ ...deps, notifier: parts.notifier }, (reports, zone) =>
            driftDigest(reports, { zone, today: clock.now() }),
          ),
      },
      { name: 'looks', everyMs: 10 * SECOND, run: () => tendLooks(deps, tellOfLook) },
      ...tenantChores({ ...deps, notifier: parts.notifier }),
      ...breakGlassChores({ ...deps, notifier: parts.notifier }),
      { name: 'audit-head', everyMs: DAY, run: () => postHead({ ...deps, notifier: parts.notifier }, headCard) },
    ],
    idle: () => background.idle(),
  };
};

/** What keeps an eye on the tenants themselves. */
const tenantChores = (deps: FlowDeps & Pick<BotParts, 'notifier'>): readonly Chore[] => {
  const readBy = (zone: string | undefined) => ({ zone, today: deps.clock.now() });
  return [
    // Each tenant once a day, and a new one at once.
    { name: 'checkups', everyMs: MINUTE, run: () => checkUpAll(deps, changesCard) },
    {
      name: 'pauses',
      everyMs: MINUTE,
      run: () =>
        watchPauses(
          { ...deps, lookAgain: (tenant) => checkUp(deps, tenant, changesCard) },
          {
            shut: (shut, zone) => shutCard(shut, readBy(zone)),
            reopened: (reopened, zone) => reopenedCard(reopened, readBy(zone)),
          },
        ),
    },
    { name: 'leaving', everyMs: 15 * SECOND, run: () => continueLeaving(deps, departedCard) },
  ];
};

/** What keeps an eye on emergency administrators. */
const breakGlassChores = (deps: FlowDeps & Pick<BotParts, 'notifier'>): readonly Chore[] => {
  const readBy = (zone: string | undefined) => ({ zone, today: deps.clock.now() });
  return [
    {
      name: 'overdue-rotations',
      everyMs: 15 * MINUTE,
      run: () => watchRotations(deps, (overdue, zone) => overdueRotationCard(overdue, readBy(zone))),
    },
    // Each tenant every five minutes at most.
    {
      name: 'break-glass-uses',
      everyMs: 15 * SECOND,
      run: () =>
        watchBreakGlass(deps, {
          used: (used, zone) => strayUseCard(used, readBy(zone)),
          unwatched: (unwatched, zone) => unwatchedCard(unwatched, readBy(zone)),
        }),
    },
    { name: 'drills', everyMs: HOUR, run: () => remindOfDrills(deps, (due, zone) => drillsCard(due, readBy(zone))) },
  ];
};
