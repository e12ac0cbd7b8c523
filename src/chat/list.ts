import { overdueMs } from '../engine/due.js';
import type { RequestId } from '../engine/ids.js';
import { idsOf, isNamedBy } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { hasSpoken } from '../engine/verdicts.js';
import { whyHidden } from '../flows/concern.js';
import type { RequestFilter } from '../flows/ports.js';
import { adminNames, standingOf } from '../flows/standing.js';
import { accessOf, moreTime } from './access-words.js';
import type { Answer } from './answer.js';
import { card, listCard, refuse, show } from './answers.js';
import { approvalCard } from './approval-card.js';
import type { ChatDeps, Turn } from './deps.js';
import { endingNow, remainsWords } from './ending-words.js';
import { requestCard } from './request-card.js';
import { looksToDecide, openLooks, ownLooks } from './look-list.js';
import { code, line, sayDuration, sayMoment, sayThings, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

type Rank = Pick<RequestFilter, 'states' | 'unconfirmed' | 'longestEndingFirst'>;

const ENDING: Rank = { states: ['closing'], longestEndingFirst: true };
const OPEN: Rank = { states: ['pending', 'approved', 'provisioning', 'active'] };
const OVER: Rank = { states: ['closed', 'denied', 'cancelled', 'lapsed'] };
const UNPROVEN: Rank = { unconfirmed: true };

/** What has failed to end stands first, the longest overdue on top; then what is open, then the rest, newest first. */
const OWN_WORST_FIRST: readonly Rank[] = [ENDING, OPEN, OVER];

/** What was closed without proof stays in sight of those who oversee it. */
const ALL_WORST_FIRST: readonly Rank[] = [ENDING, OPEN, UNPROVEN];

const PAGE = 15;
const FURTHEST_PAGE = 100;
const MOST_WAITING = 30;

export interface Listing {
  readonly all: boolean;
  readonly page: number;
}

/** `/jit list`: what waits for the reader first, then their own; with `--all` everything open that the reader oversees. */
export const listRequests = async (deps: ChatDeps, turn: Turn, { all, page }: Listing): Promise<Answer> => {
  const asked = Math.min(Math.max(1, page), FURTHEST_PAGE);
  return all ? listAll(deps, turn, asked) : listOwn(deps, turn, asked);
};

const listAll = async (deps: ChatDeps, turn: Turn, page: number): Promise<Answer> => {
  const { owner, auditor, adminOf } = await standingOf(deps, turn.person);
  if (!owner && !auditor && adminOf.length === 0) {
    return refuse({ code: 'admin.only', admins: await adminNames(deps) }, turn.reading);
  }
  const filter = owner || auditor ? {} : { organizations: adminOf };
  const found = await pageOf(deps, filter, ALL_WORST_FIRST, page);
  const looks = page > 1 ? [] : await openLooks(deps, turn, owner || auditor ? undefined : adminOf);
  const lines = [...looks, ...found.requests.map((request) => requestLine(request, turn, true))];
  const whose = owner || auditor ? 'everybody' : 'your organizations';
  return show(
    listCard(
      `Open requests of ${whose}`,
      withNext(lines, found, '--all '),
      'Nothing is open.',
      PAGE + 1 + looks.length,
    ),
  );
};

const listOwn = async (deps: ChatDeps, turn: Turn, page: number): Promise<Answer> => {
  const ids = idsOf(turn.person);
  const isFirst = page === 1;
  const [mine, pending, looks, toDecide] = await Promise.all([
    pageOf(deps, { requesters: ids }, OWN_WORST_FIRST, page),
    isFirst ? deps.requests.list({ askedOf: ids, states: ['pending'] }, MOST_WAITING) : [],
    isFirst ? ownLooks(deps, turn) : [],
    isFirst ? looksToDecide(deps, turn) : [],
  ]);
  const waiting = pending.filter((request) => !hasSpoken(request, ids));
  const own = withNext(
    mine.requests.map((request) => requestLine(request, turn, false)),
    mine,
    '',
  );
  return show(
    combined([...toDecide, ...waiting.map((request) => requestLine(request, turn, true))], [...looks, ...own]),
  );
};

const combined = (waiting: readonly Line[], own: readonly Line[]): Card => {
  const title = 'Your requests';
  const empty = 'None yet. /jit request asks for access.';
  const most = Math.max(PAGE + 1, own.length);
  if (waiting.length === 0) return listCard(title, own, empty, most);
  const theirs = listCard('', waiting, '').lines;
  return card('Waiting for you', [...theirs, line(strong(title)), ...listCard('', own, empty, most).lines]);
};

interface Page {
  readonly requests: readonly AccessRequest[];
  readonly number: number;
  readonly isLast: boolean;
}

/** One page of the worst first; each kind is read only as far as that page needs it. */
const pageOf = async (deps: ChatDeps, filter: RequestFilter, ranks: readonly Rank[], number: number): Promise<Page> => {
  const found: AccessRequest[] = [];
  const wanted = number * PAGE + 1;
  for (const rank of ranks) {
    if (found.length < wanted) found.push(...(await deps.requests.list({ ...filter, ...rank }, wanted - found.length)));
  }
  return { requests: found.slice((number - 1) * PAGE, number * PAGE), number, isLast: found.length < wanted };
};

const withNext = (lines: readonly Line[], { number, isLast }: Page, flags: string): readonly Line[] =>
  isLast ? lines : [...lines, line('More: ', code(`/jit list ${flags}--page ${number + 1}`))];

const requestLine = (request: AccessRequest, { reading }: Turn, withName: boolean): Line =>
  line(
    strong(request.id),
    ` ${withName ? `${request.requesterName}, ` : ''}${request.tenantName}: ${sayWish(request)} · ${situation(request, reading)}`,
    request.state === 'active' && request.endsAt !== undefined ? ` until ${sayMoment(request.endsAt, reading)}` : '',
    ` · ${request.reason}`,
    ...(request.state === 'pending' && withName ? [' · ', code(`/jit approve ${request.id}`)] : []),
  );

const sayWish = (request: AccessRequest): string => {
  const more = moreTime(request);
  const whose = request.accountKind === 'dedicated' ? '' : ` as ${request.upn}`;
  return `${more === undefined ? '' : `${sayDuration(more)} more of `}${sayThings(accessOf(request))}${whose}`;
};

const situation = (request: AccessRequest, reading: Reading): string => {
  if (request.state === 'closing') return endingNow(request, reading);
  if (request.outcome === 'unconfirmed') return 'UNCONFIRMED: closed without proof of its end';
  if (request.state === 'closed') return request.outcome ?? 'closed';
  if (request.state === 'approved' && request.startsAt !== undefined) {
    return `approved, starts at ${sayMoment(request.startsAt, reading)}`;
  }
  return request.state === 'active' ? 'live' : request.state;
};

/** `/jit status`: the card as it stands, for whoever has to do with the request; to others it does not exist. */
export const showStatus = async (deps: ChatDeps, turn: Turn, id: RequestId): Promise<Answer> => {
  const stored = await deps.requests.load(id);
  if (stored === undefined) return refuse({ code: 'request.unknown', asked: id }, turn.reading);
  const hidden = await whyHidden(deps, turn.person, stored);
  if (hidden !== undefined) return refuse(hidden, turn.reading);
  const { request } = stored;
  const { zone } = turn.reading;
  const shown = asShown(request, turn);
  if (isNamedBy(turn.person, request.requester)) return show(asOfNow(requestCard(shown, zone), request, turn));
  const account = await deps.accounts.load(request.account);
  return show(asOfNow(approvalCard(shown, zone, account?.lastUsedAt), request, turn));
};

const isLate = (request: AccessRequest, { reading }: Turn): boolean => overdueMs(request, reading.today) !== undefined;

/** Of an overdue end the words of this moment say all that the card would say of it. */
const asShown = (request: AccessRequest, turn: Turn): AccessRequest => {
  if (!isLate(request, turn)) return request;
  const { trouble: _tries, hold: _kept, ...calm } = request;
  return calm;
};

/** The card as it stands, without its buttons, and how late an end is at this moment. */
const asOfNow = ({ kind, title, lines }: Card, request: AccessRequest, turn: Turn): Card => {
  const { reading } = turn;
  const late = [line(`${endingNow(request, reading)}.`), line(`${remainsWords(request, reading)}.`)];
  return { kind, title, lines: isLate(request, turn) ? [...lines, ...late] : lines, buttons: [] };
};
