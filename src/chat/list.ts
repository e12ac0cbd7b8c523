import type { RequestId } from '../engine/ids.js';
import { idsOf, isNamedBy } from '../engine/person.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import { isApprover } from '../engine/quorum.js';
import { adminNames, approverGroups, oversees } from '../flows/standing.js';
import type { Answer } from './answer.js';
import { card, listCard, refuse, show } from './answers.js';
import { approvalCard } from './approval-card.js';
import type { ChatDeps, Turn } from './deps.js';
import { requestCard } from './request-card.js';
import { code, line, sayMoment, sayRoles, strong } from './say.js';
import type { Card, Line } from './view.js';

const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active', 'closing'];
const MOST = 100;

/** `/jit list`: what waits for the reader first, then their own; for owners `--all` shows everybody's open ones. */
export const listRequests = async (deps: ChatDeps, turn: Turn, all: boolean): Promise<Answer> => {
  if (all) {
    if (!(await oversees(deps, turn.person, undefined)))
      return refuse({ code: 'admin.only', admins: await adminNames(deps) }, turn.reading);
    const open = await deps.requests.list({ states: OPEN }, MOST);
    const lines = worstFirst(open).map((request) => requestLine(request, turn, true));
    return show(listCard('Open requests of everybody', lines, 'Nothing is open.'));
  }
  const [mine, pending] = await Promise.all([
    deps.requests.list({ requesters: idsOf(turn.person) }, MOST),
    deps.requests.list({ states: ['pending'] }, MOST),
  ]);
  const waiting = pending.filter(({ asked }) => asked.some(({ id }) => isNamedBy(turn.person, id)));
  return show(combined(turn, waiting, worstFirst(mine)));
};

const combined = (turn: Turn, waiting: readonly AccessRequest[], mine: readonly AccessRequest[]): Card => {
  const own = mine.map((request) => requestLine(request, turn, false));
  const title = 'Your requests';
  const empty = 'None yet. /jit request asks for access.';
  if (waiting.length === 0) return listCard(title, own, empty);
  const theirs = listCard(
    '',
    waiting.map((request) => requestLine(request, turn, true)),
    '',
  ).lines;
  const rest = listCard(title, own, empty, 10).lines;
  return card('Waiting for you', [...theirs, line(strong('Your requests')), ...rest]);
};

/** What has failed to end stands first, then what is open, then the rest, newest first. */
const worstFirst = (requests: readonly AccessRequest[]): readonly AccessRequest[] => {
  const rank = ({ state }: AccessRequest): number => (state === 'closing' ? 0 : OPEN.includes(state) ? 1 : 2);
  return requests.toSorted((one, other) => rank(one) - rank(other));
};

const requestLine = (request: AccessRequest, { reading }: Turn, withName: boolean): Line =>
  line(
    strong(request.id),
    ` ${withName ? `${request.requesterName}, ` : ''}${request.tenantName}: ${sayRoles(request.roles)} · ${situation(request)}`,
    request.state === 'active' && request.endsAt !== undefined ? ` until ${sayMoment(request.endsAt, reading)}` : '',
    ` · ${request.reason}`,
    ...(request.state === 'pending' && withName ? [' · ', code(`/jit approve ${request.id}`)] : []),
  );

const situation = (request: AccessRequest): string => {
  if (request.state === 'closing' && request.alarmedAt !== undefined) return 'OVERDUE';
  if (request.state === 'closed') return request.outcome ?? 'closed';
  return request.state === 'active' ? 'live' : request.state;
};

/** `/jit status`: the card as it stands, for whoever has to do with the request; to others it does not exist. */
export const showStatus = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const request = (await deps.requests.load(id))?.request;
  const unknown = refuse({ code: 'request.unknown', asked: id }, turn.reading);
  if (request === undefined) return unknown;
  const { zone } = turn.reading;
  if (isNamedBy(turn.person, request.requester)) return show(withoutButtons(requestCard(request, zone)));
  const groups = await approverGroups(deps, request);
  const concerned =
    isApprover(request, turn.person, groups) || (await oversees(deps, turn.person, request.organization));
  if (!concerned) return unknown;
  const account = await deps.accounts.load(request.account);
  return show(withoutButtons(approvalCard(request, zone, account?.lastUsedAt)));
};

const withoutButtons = ({ kind, title, lines }: Card): Card => ({ kind, title, lines, buttons: [] });
