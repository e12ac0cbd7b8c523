/** Who comes to the page of a look, and whether they may still have what it leads to. */
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import { viewId } from '../../engine/ids.js';
import type { PersonId } from '../../engine/ids.js';
import { runsOutAt, wrongLookState } from '../../engine/look.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person, Platform } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import { randomId } from '../../lib/random.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { visitOf } from '../page-links.js';
import { chatOf, finishProof } from '../passkey-proof.js';
import type { PasskeyDeps } from '../passkey-proof.js';
import { isAgreed, todaysLook } from './judge-look.js';
import type { JudgeLookDeps } from './judge-look.js';
import { LOOK_PAGE } from './link-look.js';
import { lookEvent } from './look-audit.js';
import { openingFor } from './look-ground.js';
import type { Opening } from './look-ground.js';

export type LookVisitDeps = JudgeLookDeps & PasskeyDeps & Pick<FlowDeps, 'announcements'>;

/** The page that the same window goes on with once the link is taken. */
export const OPEN_LOOK_PAGE = 'break-glass-open';

export type LookKind = typeof LOOK_PAGE | typeof OPEN_LOOK_PAGE;

/** Somebody at the page, with everything that lets them be there, as it is now. */
export interface LookVisit {
  readonly kind: LookKind;
  readonly person: Person;
  readonly on: Platform;
  readonly view: BreakGlassView;
  readonly tenant: Tenant;
  readonly opening: Opening;
}

/** The rules, their membership and key, the people who agreed: all of it anew. Nothing is consumed. */
export const lookVisit = async (
  deps: LookVisitDeps,
  token: Redacted<string>,
  kind: LookKind,
): Promise<Result<LookVisit, Fault>> => {
  const visit = await visitOf(deps, token, kind);
  if (!visit.ok) {
    await recordNoVisit(deps, token, kind, visit.error);
    return visit;
  }
  const { person, link } = visit.value;
  const on = chatOf(link);
  const view = (await deps.views.load(viewId(link.facts['view'] ?? '')))?.view;
  if (view === undefined || !isNamedBy(person, view.requester)) return err({ code: 'page.gone' });
  const ground = await groundOf(deps, view, person, kind);
  if (ground.ok) return ok({ kind, person, on, view, ...ground.value });
  await recordTurnedAway(deps, view, { by: person.id, on }, ground.error);
  return ground;
};

const recordTurnedAway = (
  { audit, clock, random }: LookVisitDeps,
  view: BreakGlassView,
  who: { readonly by: PersonId; readonly on: Platform },
  { code }: Fault,
): Promise<void> =>
  audit.append(
    `refusal/${randomId(random)}`,
    lookEvent(view, { what: 'refused', at: clock.now(), ...who, facts: { attempted: 'break-glass open', code } }),
  );

const groundOf = async (
  deps: LookVisitDeps,
  view: BreakGlassView,
  person: Person,
  kind: LookKind,
): Promise<Result<Pick<LookVisit, 'tenant' | 'opening'>, Fault>> => {
  const late = whyNotNow(view, kind === LOOK_PAGE ? 'approved' : 'open', deps.clock.now());
  if (late !== undefined) return err(late);
  const [tenant, today] = await Promise.all([deps.config.tenants.byId(view.tenant), todaysLook(deps, view)]);
  if (!today.ok) return today;
  if (tenant === undefined) return err({ code: 'page.gone' });
  if (!(await isAgreed(deps, view, today.value))) {
    return err({ code: 'view.outdated', id: view.id, tenant: view.tenantName });
  }
  const opening = await openingFor(deps, person, tenant);
  return opening.ok ? ok({ tenant, opening: opening.value }) : opening;
};

const whyNotNow = (view: BreakGlassView, state: 'approved' | 'open', now: Date): Fault | undefined => {
  const end = runsOutAt(view);
  if (view.state !== state) return wrongLookState(view, 'open');
  const over = end === undefined || end <= now;
  return over ? wrongLookState({ id: view.id, state: state === 'open' ? 'over' : 'lapsed' }, 'open') : undefined;
};

/** A good link whose person may not come any more is on record under their name. */
const recordNoVisit = async (
  deps: LookVisitDeps,
  token: Redacted<string>,
  kind: LookKind,
  fault: Fault,
): Promise<void> => {
  const link = await deps.pageLinks.look(token, kind, deps.clock.now());
  const view = link === undefined ? undefined : (await deps.views.load(viewId(link.facts['view'] ?? '')))?.view;
  if (link === undefined || view === undefined) return recordDeadLink(deps);
  await recordTurnedAway(deps, view, { by: link.person, on: chatOf(link) }, fault);
};

const LINE_EVERY_MS = 60_000;

/** A link that is guessed, forged, used or expired names nobody: one line a minute, however many come. */
const recordDeadLink = async ({ announcements, audit, clock }: LookVisitDeps): Promise<void> => {
  const at = clock.now();
  const id = `look/dead-link/${Math.floor(at.getTime() / LINE_EVERY_MS)}`;
  if (!(await announcements.claim(id, at, at))) return;
  await audit.append(id, {
    what: 'refused',
    at,
    by: 'latchkey',
    facts: { attempted: 'break-glass open', code: 'page.gone' },
  });
  await announcements.said(id);
};

/** The same, by somebody who has just proven themselves where the server alone can open what is kept. */
export const provenLookVisit = async (
  deps: LookVisitDeps,
  token: Redacted<string>,
  kind: LookKind,
  answer: unknown,
): Promise<Result<LookVisit, Fault>> => {
  const visit = await lookVisit(deps, token, kind);
  if (!visit.ok || visit.value.opening.mode === 'recipients') return visit;
  const { person, view, on } = visit.value;
  const proven = await finishProof(deps, token, { kind, person }, answer);
  if (proven.ok) return visit;
  await recordTurnedAway(deps, view, { by: person.id, on }, proven.error);
  return proven;
};
