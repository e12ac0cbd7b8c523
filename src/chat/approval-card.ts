import type { AccessRequest } from '../engine/request.js';
import { accessOf, impersonationLines, moreTime, outOfOrdinary, sayBorrowed } from './access-words.js';
import { endingLines } from './ending-words.js';
import { closedLines, decisionLine } from './request-card.js';
import { line, riskLines, sayDuration, sayList, sayTime, strong, titleNaming } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';
import { sayApprovers, verdictLines, wantingLine } from './votes.js';

/** What an approver decides by in five seconds; afterwards, who decided and when, without buttons. */
export const approvalCard = (request: AccessRequest, zone: string | undefined, lastUsedAt?: Date): Card => {
  const reading = { zone, today: request.createdAt };
  const pending = request.state === 'pending';
  const { title, lines } = titleNaming(accessOf(request), (what) => sayWish(request, what, reading));
  return {
    kind: 'card',
    title,
    lines: [
      ...lines,
      line(strong('Why: '), request.reason),
      ...(request.ticket === undefined ? [] : [line(strong('Ticket: '), request.ticket)]),
      ...riskLines(accessOf(request)),
      ...impersonationLines(request),
      ...whenLines(request, reading),
      ...(pending ? [accountLine(request, reading, lastUsedAt)] : []),
      line(
        `Rule: ${sayList(request.rules.map(({ name }) => name))} · ${request.id} · asked at ${sayTime(request.createdAt, reading)}`,
      ),
      ...(pending ? [wantingLine(request), ...verdictLines(request)] : outcomeLines(request, reading)),
    ],
    buttons: pending
      ? [
          { verb: 'approve', id: request.id, label: 'Approve', style: 'primary' },
          { verb: 'deny-form', id: request.id, label: 'Deny…', style: 'danger' },
        ]
      : [],
    ...(pending ? { denyReason: { id: request.id } } : {}),
  };
};

const sayWish = (request: AccessRequest, what: string, reading: Reading): string => {
  const { requesterName, tenantName, durationMs, endsBy } = request;
  const more = moreTime(request);
  if (more === undefined) return `${requesterName} wants ${what} in ${tenantName} for ${sayDuration(durationMs)}`;
  const until = endsBy === undefined ? '' : `, until ${sayTime(endsBy, reading)}`;
  return `${requesterName} wants ${sayDuration(more)} more of ${what} in ${tenantName}${until}`;
};

const whenLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const { startsAt, endsBy, durationMs } = request;
  if (request.extends !== undefined) {
    return [line(strong('When: '), `extends ${request.extends.id}, ${sayDuration(durationMs)} in all`)];
  }
  if (startsAt === undefined && endsBy === undefined) return [];
  const from = startsAt === undefined ? '' : `from ${sayTime(startsAt, reading)} `;
  const until = endsBy === undefined ? '' : `until ${sayTime(endsBy, reading)}`;
  return [line(strong('When: '), `${from}${until}`.trim())];
};

const accountLine = (request: AccessRequest, reading: Reading, lastUsedAt: Date | undefined): Line => {
  const known = lastUsedAt === undefined ? 'new' : `known, last used ${sayTime(lastUsedAt, reading)}`;
  const besides = outOfOrdinary(request);
  const whose = sayBorrowed(request) ?? `${request.upn} (${known})`;
  return line(strong('Account: '), `${whose}${besides === '' ? '' : ` · ${besides}`}`);
};

const outcomeLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const isDecided = request.state === 'denied' || (request.decidedAt !== undefined && request.approvals.length > 0);
  const decision = isDecided ? [decisionOf(request, reading), ...verdictLines(request)] : [];
  switch (request.state) {
    case 'closed':
      return [...decision, ...closedLines(request, reading)];
    case 'closing':
      return [...decision, line('Ending.'), ...endingLines(request, reading)];
    case 'active':
      return [
        ...decision,
        line(`Live${request.endsAt === undefined ? '' : ` until ${sayTime(request.endsAt, reading)}`}.`),
      ];
    case 'approved':
    case 'provisioning':
      return decision.length > 0 ? decision : [decisionLine(request, reading)];
    case 'denied':
      return decision;
    default:
      return [decisionLine(request, reading), ...verdictLines(request)];
  }
};

const decisionOf = (request: AccessRequest, reading: Reading): Line => {
  if (request.state === 'denied') return decisionLine(request, reading);
  const at = request.decidedAt === undefined ? '' : ` at ${sayTime(request.decidedAt, reading)}`;
  return line(strong(`Approved by ${sayApprovers(request)}${at}.`));
};
