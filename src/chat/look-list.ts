/** Looks at break-glass passwords in `/jit list`, and each by itself in `/jit status`. */
import type { BreakGlassView, ViewState } from '../engine/break-glass-view.js';
import type { OrganizationId, PersonId, ViewId } from '../engine/ids.js';
import { idsOf, isNamedBy } from '../engine/person.js';
import { oversees } from '../flows/standing.js';
import type { Answer } from './answer.js';
import { refuse, show } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { LOOK_STATE, lookApprovalCard, lookCard } from './look-cards.js';
import { code, line, sayMoment, strong } from './say.js';
import type { Line } from './view.js';

const OPEN: readonly ViewState[] = ['pending', 'approved', 'open'];

/** More than one organization has open at a time. */
const MOST = 15;

/** Those that wait for the reader's word. */
export const looksToDecide = async ({ views, clock }: ChatDeps, turn: Turn): Promise<readonly Line[]> => {
  const ids = idsOf(turn.person);
  const pending = await views.list({ askedOf: ids, states: ['pending'] }, MOST);
  const open = pending.filter((view) => view.lapsesAt > clock.now() && !hasSpoken(view, ids));
  return open.map((view) => lookLine(view, turn, true));
};

const hasSpoken = ({ approvals, denials }: BreakGlassView, ids: readonly PersonId[]): boolean =>
  [...approvals, ...denials].some(({ person }) => ids.includes(person));

/** The reader's own that are not over. */
export const ownLooks = async ({ views }: ChatDeps, turn: Turn): Promise<readonly Line[]> =>
  (await views.list({ requesters: idsOf(turn.person), states: OPEN }, MOST)).map((view) => lookLine(view, turn, false));

/** All that are not over; `organizations` absent: everybody's. */
export const openLooks = async (
  { views }: ChatDeps,
  turn: Turn,
  organizations: readonly OrganizationId[] | undefined,
): Promise<readonly Line[]> => {
  const filter = organizations === undefined ? { states: OPEN } : { states: OPEN, organizations };
  return (await views.list(filter, MOST)).map((view) => lookLine(view, turn, true));
};

const lookLine = (view: BreakGlassView, { reading }: Turn, withName: boolean): Line => {
  const { id, tenantName, requesterName, reason, state, emergency, createdAt } = view;
  const whose = withName ? `${requesterName}, ` : '';
  const declared = emergency ? ' as an emergency' : '';
  return line(
    strong(id),
    ` ${whose}${tenantName}: break-glass passwords · ${LOOK_STATE[state]}${declared}, asked at ${sayMoment(createdAt, reading)} · ${reason}`,
    ...(state === 'pending' && withName ? [' · ', code(`/jit approve ${id}`)] : []),
  );
};

/** `/jit status V-…`: the card as it stands, for whoever has to do with the look; to others it does not exist. */
export const showLook = async (deps: ChatDeps, turn: Turn, id: ViewId): Promise<Answer> => {
  const view = (await deps.views.load(id))?.view;
  if (view === undefined || !(await isConcerned(deps, turn, view))) {
    return refuse({ code: 'view.unknown', asked: id }, turn.reading);
  }
  const drawn = isNamedBy(turn.person, view.requester)
    ? lookCard(view, turn.reading)
    : lookApprovalCard(view, turn.reading);
  return show({ ...drawn, buttons: [] });
};

const isConcerned = async (deps: ChatDeps, { person }: Turn, view: BreakGlassView): Promise<boolean> =>
  [view.requester, ...view.asked.map((one) => one.id)].some((id) => isNamedBy(person, id)) ||
  (await oversees(deps, person, view.organization));
