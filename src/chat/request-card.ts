import type { AccessRequest, AccountLeft, Outcome } from '../engine/request.js';
import { accessOf, impersonationLines, moreTime, sayBorrowed } from './access-words.js';
import { endingLines, unconfirmedLines } from './ending-words.js';
import { line, riskLines, sayDuration, sayList, sayTime, strong, titleNaming } from './say.js';
import type { Reading } from './say.js';
import type { Button, Card, Line } from './view.js';
import { sayApprovers, verdictLines, wantingLine } from './votes.js';

const WORD: Readonly<Record<AccessRequest['state'], string>> = {
  pending: '⏳ waiting',
  approved: '⏳ approved',
  provisioning: '⏳ preparing',
  active: '🟢 live',
  closing: '⏳ ending',
  closed: '⚪ ended',
  denied: '⛔ denied',
  cancelled: '⚪ cancelled',
  lapsed: '⚪ lapsed',
};

/** An end that is none: the one that was never proven, and the one that only moved another. */
const wordFor = ({ state, outcome }: AccessRequest): string => {
  if (outcome === 'unconfirmed') return '🚨 unconfirmed';
  return outcome === 'extended' ? '🟢 extended' : WORD[state];
};

/** The requester's card, one for the whole life of a request. */
export const requestCard = (request: AccessRequest, zone: string | undefined): Card => {
  const reading = { zone, today: request.createdAt };
  const { title, lines } = titleNaming(accessOf(request), (what) => sayWanted(request, what, reading));
  return {
    kind: 'card',
    title,
    lines: [
      line(strong(request.id), ` · ${wordFor(request)}`),
      ...lines,
      line(request.reason, ticketOf(request)),
      ...riskLines(accessOf(request)),
      ...borrowedLines(request),
      ...stateLines(request, reading),
    ],
    buttons: buttonsOf(request),
  };
};

const sayWanted = (request: AccessRequest, what: string, reading: Reading): string => {
  const { tenantName, durationMs, endsBy } = request;
  const more = moreTime(request);
  if (more === undefined) return `${tenantName}: ${what} for ${sayDuration(durationMs)}`;
  const until = endsBy === undefined ? '' : `, until ${sayTime(endsBy, reading)}`;
  return `${tenantName}: ${sayDuration(more)} more of ${what}${until}`;
};

const borrowedLines = (request: AccessRequest): readonly Line[] => {
  const whose = sayBorrowed(request);
  return whose === undefined ? [] : [line(strong('Account: '), whose), ...impersonationLines(request)];
};

const ticketOf = ({ ticket }: AccessRequest): string => (ticket === undefined ? '' : ` · Ticket ${ticket}`);

const stateLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  switch (request.state) {
    case 'pending':
      return [...askedLines(request), ...verdictLines(request), lapseLine(request, reading)];
    case 'approved':
      return [approvedLine(request, reading), ...verdictLines(request), startLine(request, reading)];
    case 'provisioning':
      return [
        approvedLine(request, reading),
        ...verdictLines(request),
        stepsLine(request, `preparing ${request.upn}`),
        ...troubleLines(request, reading),
      ];
    case 'active':
      return [
        approvedLine(request, reading),
        ...verdictLines(request),
        stepsLine(request, liveUntil(request, reading)),
        ...credentialLines(request, reading),
        ...troubleLines(request, reading),
      ];
    case 'closing':
      return [line('Taking the access away and reading the directory to prove it.'), ...endingLines(request, reading)];
    case 'closed':
      return closedLines(request, reading);
    case 'denied':
    case 'cancelled':
    case 'lapsed':
      return [decisionLine(request, reading), ...verdictLines(request)];
    default:
      return request.state satisfies never;
  }
};

const askedLines = (request: AccessRequest): readonly Line[] => [
  line(`Asked ${sayList(request.asked.map(({ name }) => name))}.`),
  wantingLine(request),
  ...(request.unreachable.length === 0 ? [] : [line(`No message reaches ${sayList(request.unreachable)}.`)]),
];

const lapseLine = (request: AccessRequest, reading: Reading): Line =>
  line(`Lapses at ${sayTime(request.lapsesAt, reading)} unless somebody decides.`);

const approvedLine = (request: AccessRequest, reading: Reading): Line => {
  const at = request.decidedAt === undefined ? '' : ` at ${sayTime(request.decidedAt, reading)}`;
  return request.approvals.length === 0
    ? line(`Approved by rule ${sayList(request.rules.map(({ name }) => name))}${at}.`)
    : line('Approved by ', strong(sayApprovers(request)), `${at}.`);
};

const startLine = (request: AccessRequest, reading: Reading): Line =>
  line(request.extends === undefined ? startWords(request, reading) : `Moving the end of ${request.extends.id} now.`);

const startWords = (request: AccessRequest, reading: Reading): string =>
  request.startsAt === undefined
    ? 'Starting now.'
    : `Starts at ${sayTime(request.startsAt, reading)}; nothing exists or is enabled before.`;

const stepsLine = (request: AccessRequest, last: string): Line =>
  line(request.progress.map((step) => `${step} → `).join(''), strong(last));

const liveUntil = (request: AccessRequest, reading: Reading): string =>
  request.endsAt === undefined ? 'live' : `live until ${sayTime(request.endsAt, reading)}`;

const credentialLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  if (request.reveal === 'own')
    return [line(`Sign in as ${request.upn}, with the password it has; there is nothing to reveal.`)];
  if (request.reveal === 'none') return [line('A new credential is being made.')];
  if (request.reveal === 'offered') {
    const { passEndsAt } = request;
    return passEndsAt === undefined
      ? [line('The credential is ready: a password, shown once.')]
      : [line(`The credential is ready: an access pass, good until ${sayTime(passEndsAt, reading)}, shown once.`)];
  }
  if (request.reveal === 'shared') return [line('Use the credential you already have for this account.')];
  const at = request.revealedAt === undefined ? '' : ` at ${sayTime(request.revealedAt, reading)}`;
  return [line(`Credential revealed${at}.`)];
};

/** What convergence is struggling with, while it struggles. */
const troubleLines = ({ trouble, retryAt }: AccessRequest, reading: Reading): readonly Line[] => {
  if (trouble === undefined) return [];
  const tries = trouble.attempts === 1 ? '1 attempt' : `${trouble.attempts} attempts`;
  const next = retryAt === undefined ? '' : `; next try at ${sayTime(retryAt, reading, 'HH:mm:ss')}`;
  return [line(`${tries} fell short (${trouble.clause})${next}.`)];
};

const OUTCOME = {
  expired: 'Ended',
  ended: 'Ended',
  revoked: 'Revoked',
  failed: 'Called off',
  extended: 'Extended',
  unconfirmed: 'Closed',
} as const satisfies Record<Outcome, string>;

/** Of the one that prolonged: its own story ends where the other's goes on. */
export const extendedLine = (request: AccessRequest, reading: Reading): Line => {
  const until = request.endsAt === undefined ? '' : ` until ${sayTime(request.endsAt, reading)}`;
  return line(
    strong(`${OUTCOME.extended}${until}.`),
    ` ${request.extends?.id ?? request.id} goes on with the same credential.`,
  );
};

/** What became of it, in words that hold for everybody who reads them. */
export const closedLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const { outcome = 'failed', confirmedAt, closedBy } = request;
  if (outcome === 'extended') return [extendedLine(request, reading)];
  if (outcome === 'unconfirmed') return unconfirmedLines(request, reading);
  const at = confirmedAt === undefined ? '' : ` at ${sayTime(confirmedAt, reading)}`;
  const by = outcome === 'revoked' && closedBy !== undefined ? ` by ${closedBy}` : '';
  const read =
    confirmedAt === undefined ? '' : `; checked in the directory at ${sayTime(confirmedAt, reading, 'HH:mm:ss')}`;
  return [
    line(strong(`${OUTCOME[outcome]}${by} and confirmed${at}.`)),
    ...(outcome === 'failed'
      ? [line(`It could not be provided: ${closedBy ?? 'its time was over before it was ready'}.`)]
      : []),
    line(`${whatWasTaken(request)}${read}.`),
  ];
};

const whatWasTaken = (request: AccessRequest): string => {
  const { accountLeft = 'disabled', readyAt, progress } = request;
  if (readyAt === undefined && progress.length === 0) return 'No access was given';
  const pass = request.passEndsAt === undefined || accountLeft === 'in-use' ? '' : ', access pass deleted';
  return `${sayAccess(request)} removed${pass}${LEFT[accountLeft]}`;
};

const sayAccess = ({ roles, groups }: AccessRequest): string => {
  if (groups.length === 0) return 'Roles';
  return roles.length === 0 ? 'Groups' : 'Roles and groups';
};

const LEFT: Readonly<Record<AccountLeft, string>> = {
  'in-use': '; the account stays open for another request',
  enabled: ', sessions revoked; the account stays enabled, without access',
  disabled: ', account disabled, password rotated, sessions revoked',
  deleted: ', account deleted, restorable for 30 days',
  'as-before': ', sessions revoked; the user is as before',
};

/** The one line that ends an undecided request's buttons. */
export const decisionLine = (request: AccessRequest, reading: Reading): Line => {
  const at = request.decidedAt === undefined ? '' : ` at ${sayTime(request.decidedAt, reading)}`;
  if (request.state === 'denied') {
    const denial = request.denials.at(-1);
    const why = denial?.note === undefined ? '' : `: ${denial.note}`;
    return line(strong(`Denied by ${denial?.name ?? 'an approver'}${at}`), why === '' ? '.' : why);
  }
  if (request.state === 'lapsed') return line(strong(`Lapsed${at}: nobody decided in time.`));
  if (request.state === 'cancelled') {
    return line(strong(`Cancelled${at}.`), request.calledOff === undefined ? '' : ` ${request.calledOff}`);
  }
  return approvedLine(request, reading);
};

const buttonsOf = ({ id, state, reveal, merging }: AccessRequest): readonly Button[] => {
  if (merging === true) return [];
  if (state === 'pending' || state === 'approved') return [{ verb: 'cancel', id, label: 'Cancel', style: 'default' }];
  const end: Button = { verb: 'end', id, label: 'End now', style: 'danger' };
  if (state === 'provisioning') return [end];
  if (state !== 'active') return [];
  const more = [extendButton(id), end];
  return reveal === 'offered' ? [revealButton(id), ...more] : more;
};

export const extendButton = (id: string): Button => ({ verb: 'extend-form', id, label: 'Extend…', style: 'default' });

export const revealButton = (id: string): Button => ({
  verb: 'reveal',
  id,
  label: 'Reveal credential',
  style: 'primary',
});
