import type { AccessRequest } from '../engine/request.js';
import type { Drawing } from '../flows/deliver.js';
import type { Notice } from '../flows/ports.js';
import { approvalCard } from './approval-card.js';
import { accessOf, moreTime } from './access-words.js';
import { lateWords, overdueWords } from './ending-words.js';
import { closedLines, decisionLine, extendButton, extendedLine, requestCard, revealButton } from './request-card.js';
import { code, line, sayDuration, sayThings, sayTime, strong, titleNaming } from './say.js';
import type { Reading } from './say.js';
import type { Card } from './view.js';
import { wantingLine } from './votes.js';

/** Every card and notice of a request, in words. */
export const drawing: Drawing<Card> = {
  card: (place, request) => {
    if (place.role === 'request') return requestCard(request, place.reader.zone);
    if (place.role === 'approval') return approvalCard(request, place.reader.zone, place.lastUsedAt);
    return revealCard(request, place.reader.zone);
  },
  notice: (notice, request, reader) => noticeCard(notice, request, { zone: reader.zone, today: request.createdAt }),
};

/** The direct message that offers the credential, and afterwards says what became of it. */
export const revealCard = (request: AccessRequest, zone: string | undefined): Card => {
  const reading = { zone, today: request.createdAt };
  const live = request.state === 'active';
  const until = request.endsAt === undefined ? '' : ` until ${sayTime(request.endsAt, reading)}`;
  return {
    kind: 'card',
    title: live ? `Your access to ${request.tenantName} is live${until}` : `Your access to ${request.tenantName}`,
    lines: [line(strong(request.id), ` · ${sayThings(accessOf(request))}`), ...revealLines(request, reading)],
    buttons: live && request.reveal === 'offered' ? [revealButton(request.id)] : [],
  };
};

const revealLines = (request: AccessRequest, reading: Reading): Card['lines'] => {
  const own = request.reveal === 'own';
  if (request.state !== 'active') return [line(overWords(request, own))];
  if (own) return [line(`Sign in as ${request.upn}, with the password it has; there is nothing to reveal.`)];
  if (request.reveal === 'shared') return [line(`Sign in as ${request.upn} with the credential you already have.`)];
  if (request.reveal === 'offered')
    return [
      line(
        `The button shows user name and ${request.passEndsAt === undefined ? 'password' : 'access pass'}, once, to you alone.`,
      ),
    ];
  if (request.reveal === 'none') return [line('A new credential is being made.')];
  const at = request.revealedAt === undefined ? '' : ` at ${sayTime(request.revealedAt, reading)}`;
  return [line(`Credential revealed${at}. Lost it? `, code(`/jit reveal ${request.id} --again`))];
};

/** Nothing is said to be over before its end is confirmed. */
const overWords = ({ state, outcome }: AccessRequest, own: boolean): string => {
  if (state === 'closing') return 'It is ending; the card of the request says when that is confirmed.';
  if (outcome === 'unconfirmed') return 'It is closed, and nobody has proven its end.';
  return own ? 'It is over; what was added is taken away.' : 'It is over; the credential no longer works.';
};

type NoticeText = Pick<Card, 'title' | 'lines'> & Partial<Pick<Card, 'buttons'>>;

const noticeCard = (notice: Notice, request: AccessRequest, reading: Reading): Card => ({
  kind: 'card',
  buttons: [],
  ...noticeText(notice, request, reading),
});

const noticeText = (notice: Notice, request: AccessRequest, reading: Reading): NoticeText => {
  const { id, tenantName, requesterName } = request;
  const titled = (mark: string, end: string) =>
    titleNaming(accessOf(request), (what) => `${mark} ${tenantName}: ${whatOf(request, what)}, ${end}`);
  switch (notice) {
    case 'denied':
    case 'lapsed':
      return withLines(titled('⛔', request.state), [line(strong(id), ' · ', ...decisionLine(request, reading))]);
    case 'reminder':
      return reminder(request, reading);
    case 'live':
      return withLines(
        titleNaming(accessOf(request), (what) => `🟢 ${requesterName} now has ${what} in ${tenantName}`),
        [line(strong(id), ` · until ${timeOf(request.endsAt, reading)} · ${request.reason}`)],
      );
    case 'over':
      return withLines(
        titleNaming(accessOf(request), (what) => `⚪ ${requesterName} no longer has ${what} in ${tenantName}`),
        [line(strong(id)), ...closedLines(request, reading)],
      );
    case 'ending-soon':
      return {
        title: `${tenantName} ends at ${timeOf(request.endsAt, reading)}`,
        lines: [
          line(`${id} · ${sayThings(accessOf(request))}. Done already? `, code(`/jit end ${id}`)),
          line('Need longer? ', code(`/jit extend ${id} 1h`)),
        ],
        buttons: [extendButton(id)],
      };
    case 'renewed':
      return renewed(request);
    case 'extended':
      return withLines(titled('🟢', 'extended'), [line(strong(id), ' · ', ...extendedLine(request, reading))]);
    case 'ended':
      return withLines(titled('⚪', 'ended'), [line(id), ...closedLines(request, reading)]);
    case 'failed':
      return withLines(titled('⛔', 'called off'), [line(`${id} · ${whyFailed(request)}`)]);
    case 'overdue':
      return overdueWords(request, reading);
    case 'late':
      return lateWords(request, reading);
    case 'overdue-ended':
      return {
        title: `⚪ ${tenantName}: the overdue access of ${request.upn} has ended`,
        lines: closedLines(request, reading),
      };
    case 'unconfirmed':
      return unconfirmed(request, reading);
    default:
      return notice satisfies never;
  }
};

const renewed = ({ id, tenantName, upn }: AccessRequest): NoticeText => ({
  title: `${tenantName}: a new credential waits for you`,
  lines: [line(`${id} · Somebody changed ${upn} in the directory, so that the one you had no longer works.`)],
  buttons: [revealButton(id)],
});

const unconfirmed = (request: AccessRequest, reading: Reading): NoticeText => ({
  title: `🚨 ${request.tenantName}: the access of ${request.upn} is closed as unconfirmed`,
  lines: [
    line(`${request.id} · ${sayThings(accessOf(request))} of ${request.requesterName}`),
    ...closedLines(request, reading),
    line('I no longer try. Should the tenant be reachable again, its account is still on record to be shut.'),
  ],
});

const timeOf = (at: Date | undefined, reading: Reading): string => sayTime(at ?? reading.today, reading);

const whatOf = (request: AccessRequest, what: string): string => {
  const more = moreTime(request);
  return more === undefined ? what : `${sayDuration(more)} more of ${what}`;
};

const reminder = (request: AccessRequest, reading: Reading): NoticeText => {
  const { id, requesterName, tenantName } = request;
  const { title, lines } = titleNaming(
    accessOf(request),
    (what) => `⏳ ${requesterName} still waits for ${whatOf(request, what)} in ${tenantName}`,
  );
  return {
    title,
    lines: [
      ...lines,
      line(`${id} · ${request.reason} · lapses at ${sayTime(request.lapsesAt, reading)}`),
      wantingLine(request),
      line('Its card is above, or type ', code(`/jit approve ${id}`), ' or ', code(`/jit deny ${id} WHY`)),
    ],
  };
};

const withLines = ({ title, lines }: Pick<Card, 'title' | 'lines'>, more: Card['lines']) => ({
  title,
  lines: [...lines, ...more],
});

const whyFailed = (request: AccessRequest): string =>
  request.calledOff ??
  `It could not be provided: ${request.closedBy ?? request.trouble?.clause ?? 'its time was over before it was ready'}.`;
