import type { AccessRequest } from '../engine/request.js';
import type { Drawing } from '../flows/deliver.js';
import type { Notice } from '../flows/ports.js';
import { approvalCard } from './approval-card.js';
import { closedLines, decisionLine, requestCard, revealButton, troubleLines } from './request-card.js';
import { code, line, roleTitle, sayRoles, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card } from './view.js';

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
    lines: [line(strong(request.id), ` · ${sayRoles(request.roles)}`), ...revealLines(request, reading)],
    buttons: live && request.reveal === 'offered' ? [revealButton(request.id)] : [],
  };
};

const revealLines = (request: AccessRequest, reading: Reading): Card['lines'] => {
  if (request.state !== 'active') return [line('It is over; the credential no longer works.')];
  if (request.reveal === 'shared') return [line(`Sign in as ${request.upn} with the credential you already have.`)];
  if (request.reveal === 'offered') return [line('The button shows user name and password, once, to you alone.')];
  if (request.reveal === 'none') return [line('A new credential is being made.')];
  const at = request.revealedAt === undefined ? '' : ` at ${sayTime(request.revealedAt, reading)}`;
  return [line(`Credential revealed${at}. Lost it? `, code(`/jit reveal ${request.id} --again`))];
};

const noticeCard = (notice: Notice, request: AccessRequest, reading: Reading): Card => {
  const { title, lines } = noticeText(notice, request, reading);
  return { kind: 'card', title, lines, buttons: [] };
};

const noticeText = (notice: Notice, request: AccessRequest, reading: Reading): Pick<Card, 'title' | 'lines'> => {
  const titled = (mark: string, end: string) =>
    roleTitle(request.roles, (what) => `${mark} ${request.tenantName}: ${what}, ${end}`);
  switch (notice) {
    case 'denied':
    case 'lapsed':
      return withLines(titled('⛔', request.state), [
        line(strong(request.id), ' · ', ...decisionLine(request, reading)),
      ]);
    case 'ending-soon':
      return {
        title: `${request.tenantName} ends at ${sayTime(request.endsAt ?? reading.today, reading)}`,
        lines: [line(`${request.id} · ${sayRoles(request.roles)}. Done already? `, code(`/jit end ${request.id}`))],
      };
    case 'ended':
      return withLines(titled('⚪', 'ended'), [line(request.id), ...closedLines(request, reading)]);
    case 'failed':
      return withLines(titled('⛔', 'called off'), [line(`${request.id} · ${whyFailed(request)}`)]);
    case 'overdue':
      return overdue(request, reading);
    case 'overdue-ended':
      return {
        title: `⚪ ${request.tenantName}: the overdue access of ${request.upn} has ended`,
        lines: closedLines(request, reading),
      };
    default:
      return notice satisfies never;
  }
};

const withLines = ({ title, lines }: Pick<Card, 'title' | 'lines'>, more: Card['lines']) => ({
  title,
  lines: [...lines, ...more],
});

const whyFailed = (request: AccessRequest): string =>
  request.calledOff ??
  `It could not be provided: ${request.closedBy ?? request.trouble?.clause ?? 'its time was over before it was ready'}.`;

const overdue = (request: AccessRequest, reading: Reading): Pick<Card, 'title' | 'lines'> => ({
  title: `🚨 ${request.tenantName}: access of ${request.upn} has not ended`,
  lines: [
    line(
      `${request.id} · ${sayRoles(request.roles)} may still be assigned; due since ${sayTime(request.closingSince ?? reading.today, reading)}.`,
    ),
    ...troubleLines(request, reading),
    line('Do now: disable that user in the Entra admin center. I go on trying.'),
  ],
});
