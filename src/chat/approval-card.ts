import type { AccessRequest } from '../engine/request.js';
import { approvalLines, closedLines, decisionLine, troubleLines } from './request-card.js';
import { line, riskLines, roleTitle, sayDuration, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

/** What an approver decides by in five seconds; afterwards, who decided and when, without buttons. */
export const approvalCard = (request: AccessRequest, zone: string | undefined, lastUsedAt?: Date): Card => {
  const reading = { zone, today: request.createdAt };
  const pending = request.state === 'pending';
  const { requesterName, tenantName, durationMs } = request;
  const { title, lines } = roleTitle(
    request.roles,
    (what) => `${requesterName} wants ${what} in ${tenantName} for ${sayDuration(durationMs)}`,
  );
  return {
    kind: 'card',
    title,
    lines: [
      ...lines,
      line(strong('Why: '), request.reason),
      ...(request.ticket === undefined ? [] : [line(strong('Ticket: '), request.ticket)]),
      ...riskLines(request.roles),
      ...whenLines(request, reading),
      ...(pending ? [accountLine(request, reading, lastUsedAt)] : []),
      line(
        `Rule: ${sayList(request.rules.map(({ name }) => name))} · ${request.id} · asked at ${sayTime(request.createdAt, reading)}`,
      ),
      ...(pending ? approvalLines(request) : outcomeLines(request, reading)),
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

const whenLines = ({ startsAt, endsBy }: AccessRequest, reading: Reading): readonly Line[] => {
  if (startsAt === undefined && endsBy === undefined) return [];
  const from = startsAt === undefined ? '' : `from ${sayTime(startsAt, reading)} `;
  const until = endsBy === undefined ? '' : `until ${sayTime(endsBy, reading)}`;
  return [line(strong('When: '), `${from}${until}`.trim())];
};

const accountLine = (request: AccessRequest, reading: Reading, lastUsedAt: Date | undefined): Line => {
  const known = lastUsedAt === undefined ? 'new' : `known, last used ${sayTime(lastUsedAt, reading)}`;
  return line(strong('Account: '), `${request.upn} (${known})`);
};

const outcomeLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const decided = request.approvals.length > 0 || request.denial !== undefined;
  const decision = decided ? [decisionOf(request, reading)] : [];
  switch (request.state) {
    case 'closed':
      return [...decision, ...closedLines(request, reading)];
    case 'closing':
      return [...decision, line('Ending.'), ...troubleLines(request, reading)];
    case 'active':
      return [
        ...decision,
        line(`Live${request.endsAt === undefined ? '' : ` until ${sayTime(request.endsAt, reading)}`}.`),
      ];
    case 'approved':
    case 'provisioning':
      return decision.length > 0 ? decision : [decisionLine(request, reading)];
    default:
      return [decisionLine(request, reading)];
  }
};

const decisionOf = (request: AccessRequest, reading: Reading): Line => {
  if (request.denial !== undefined) return decisionLine(request, reading);
  const at = request.decidedAt === undefined ? '' : ` at ${sayTime(request.decidedAt, reading)}`;
  return line(strong(`Approved by ${sayList(request.approvals.map(({ name }) => name))}${at}.`));
};
