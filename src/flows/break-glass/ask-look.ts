import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import { viewId } from '../../engine/ids.js';
import { applyToLook } from '../../engine/look.js';
import { isNamedBy } from '../../engine/person.js';
import type { Person, Platform } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs } from '../../lib/clock.js';
import { readableId } from '../../lib/random.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { owned } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { changeLook } from './change-look.js';
import type { ChangeLookDeps } from './change-look.js';
import { recordLook } from './look-audit.js';
import { accountsToShow, openingFor, permissionFor } from './look-ground.js';
import type { GroundDeps } from './look-ground.js';
import { gatherForLook } from './look-groups.js';

export type AskLookDeps = GroundDeps & ChangeLookDeps & Pick<FlowDeps, 'random'>;

/** What somebody asks for, already read and bounded by the conversation. */
export interface LookWish {
  readonly tenant: Tenant;
  readonly reason: string;
  /** One account alone, by its name or its user principal name. */
  readonly name?: string;
  readonly emergency: boolean;
  readonly accessPass: boolean;
}

const MOST_ID_COLLISIONS = 8;

/**
 * Puts a wish to look at break-glass passwords before the rules and those who have to agree. In a declared emergency the
 * same rules have to allow it and nobody has to agree; whoever is asked twice is told once.
 */
export const askToLook = async (
  deps: AskLookDeps,
  requester: Person,
  askedOn: Platform,
  wish: LookWish,
): Promise<Result<BreakGlassView, Fault>> => {
  const { tenant, accessPass, emergency } = wish;
  const permission = await permissionFor(deps, requester, tenant, accessPass);
  if (!permission.ok) return permission;
  const accounts = await accountsToShow(deps, tenant, wish.name);
  if (!accounts.ok) return accounts;
  const opening = await openingFor(deps, requester, tenant);
  if (!opening.ok) return opening;
  const waiting = await waitingOf(deps, requester, tenant);
  if (waiting !== undefined && !emergency) {
    return err({ code: 'view.pending', id: waiting.id, asked: waiting.asked.map(({ name }) => name) });
  }
  const { terms, rules } = permission.value;
  const looker = { requester, askedOn, organization: tenant.organization, tenantName: tenant.name };
  const asked = emergency ? ok([]) : await gatherForLook(deps, looker, terms.quorums);
  if (!asked.ok) return asked;
  const now = deps.clock.now();
  const view = await put(deps, {
    tenant: tenant.id,
    tenantName: tenant.name,
    ...owned(tenant.organization),
    accounts: accounts.value.map(({ id }) => id),
    requester: requester.id,
    requesterName: requester.name,
    askedOn,
    reason: wish.reason,
    emergency,
    accessPass,
    state: emergency ? 'approved' : 'pending',
    ...(emergency ? { approvedAt: now } : {}),
    rules: rules.map(({ id, name }) => ({ id, name })),
    quorums: terms.quorums,
    asked: asked.value,
    approvals: [],
    denials: [],
    createdAt: now,
    lapsesAt: addMs(now, terms.pendingMs),
    lastsMs: terms.longestMs,
    messages: [],
    dueAt: now,
  });
  // What waited is not needed any more.
  if (view.ok && waiting !== undefined) await withdraw(deps, waiting);
  return view;
};

const MOST_WAITING = 50;

const waitingOf = async (
  { views, clock }: AskLookDeps,
  requester: Person,
  tenant: Tenant,
): Promise<BreakGlassView | undefined> => {
  const pending = await views.list({ tenant: tenant.id, states: ['pending'] }, MOST_WAITING);
  return pending.find((view) => isNamedBy(requester, view.requester) && view.lapsesAt > clock.now());
};

const withdraw = (deps: AskLookDeps, { id }: BreakGlassView) =>
  changeLook(deps, id, (view) => applyToLook(view, { type: 'cancel' }, deps.clock.now()));

const put = async (deps: AskLookDeps, draft: Omit<BreakGlassView, 'id'>): Promise<Result<BreakGlassView, Fault>> => {
  for (let attempt = 0; attempt < MOST_ID_COLLISIONS; attempt += 1) {
    const view = { ...draft, id: viewId(`V-${readableId(deps.random, 4 + Math.floor(attempt / 2))}`) };
    if (!(await deps.views.insert(view))) continue;
    await recordLook(deps, view);
    deps.nudgeLook(view.id);
    return ok(view);
  }
  return err({ code: 'busy' });
};

/** Withdraws a look that nobody has had yet. */
export const cancelLook = (
  deps: ChangeLookDeps & Pick<FlowDeps, 'clock'>,
  person: Person,
  id: BreakGlassView['id'],
): Promise<Result<BreakGlassView, Fault>> =>
  changeLook(deps, id, (view) =>
    isNamedBy(person, view.requester)
      ? applyToLook(view, { type: 'cancel' }, deps.clock.now())
      : err({ code: 'view.not-yours', id, requester: view.requesterName }),
  );
