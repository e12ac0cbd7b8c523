import type { AccessRequest } from '../engine/request.js';
import type { Person, Platform } from '../engine/person.js';
import type { Effect, Notice } from './ports.js';
import type { AuditEvent } from './ports/audit.js';

/** Whose hand is in a change. */
export interface Doer {
  readonly by: string;
  readonly on?: Platform;
}

export const LATCHKEY: Doer = { by: 'latchkey' };

export const doerOf = (person: Person, on: Platform): Doer => ({ by: person.id, on });

/** What a change of a request sets in motion, told from the two states alone so that no flow can forget a part of it. */
export const effectsOf = (
  before: AccessRequest | undefined,
  after: AccessRequest,
  doer: Doer,
  now: Date,
): readonly Effect[] => [
  { kind: 'cards' },
  ...noticesOf(before, after),
  ...auditedOf(before, after).map((what): Effect => ({ kind: 'audit', event: auditEvent(what, after, doer, now) })),
];

const noticesOf = (before: AccessRequest | undefined, after: AccessRequest): readonly Effect[] => {
  const tell = (notice: Notice): Effect => ({ kind: 'notice', to: after.requester, notice });
  const alarm = (notice: Notice): Effect => ({ kind: 'alarm', notice });
  const effects: Effect[] = [];
  if (before !== undefined && before.state !== after.state) {
    if (after.state === 'denied') effects.push(tell('denied'));
    if (after.state === 'lapsed') effects.push(tell('lapsed'));
    if (after.calledOff !== undefined) effects.push(tell('failed'));
    if (after.state === 'closing' && after.closeCause === 'failed') effects.push(tell('failed'));
    if (after.state === 'closed') effects.push(tell('ended'));
    if (after.state === 'closed' && after.alarmedAt !== undefined) effects.push(alarm('overdue-ended'));
  }
  if (after.warnedAt !== undefined && before?.warnedAt === undefined) effects.push(tell('ending-soon'));
  if (after.alarmedAt !== undefined && before?.alarmedAt === undefined) effects.push(tell('overdue'), alarm('overdue'));
  return effects;
};

const auditedOf = (before: AccessRequest | undefined, after: AccessRequest): readonly string[] => {
  const what: string[] = [];
  if (before === undefined) what.push('request.submitted');
  if (after.approvals.length > (before?.approvals.length ?? 0)) what.push('request.approval');
  if (after.denials.length > (before?.denials.length ?? 0)) what.push('request.denial');
  if (before !== undefined && before.state !== after.state) what.push(`request.${after.state}`);
  if (after.reveal === 'taken' && before?.reveal === 'offered') what.push('credential.revealed');
  if (after.reveal === 'offered' && before?.reveal === 'none') what.push('credential.offered');
  if (after.reveal === 'none' && before !== undefined && before.reveal !== 'none') what.push('credential.reissue');
  if (after.alarmedAt !== undefined && before?.alarmedAt === undefined) what.push('request.overdue');
  return what;
};

const auditEvent = (what: string, request: AccessRequest, doer: Doer, now: Date): AuditEvent => ({
  what,
  at: now,
  by: doer.by,
  ...(doer.on === undefined ? {} : { on: doer.on }),
  request: request.id,
  tenant: request.tenant,
  about: [request.requester],
  facts: {
    state: request.state,
    requester: request.requester,
    upn: request.upn,
    roles: request.roles.map(({ name }) => name),
    ...(request.endsAt === undefined ? {} : { endsAt: request.endsAt.toISOString() }),
    ...(request.outcome === undefined ? {} : { outcome: request.outcome }),
    ...noteOf(request),
    ...(request.calledOff === undefined ? {} : { calledOff: request.calledOff }),
    ...(request.trouble === undefined ? {} : { trouble: request.trouble.code, attempts: request.trouble.attempts }),
    ...(request.confirmedAt === undefined ? {} : { confirmedAt: request.confirmedAt.toISOString() }),
  },
});

/** The last word's note, while it is the last word. */
const noteOf = ({ state, denials }: AccessRequest): { readonly note?: string } => {
  const note = state === 'denied' ? denials.at(-1)?.note : undefined;
  return note === undefined ? {} : { note };
};
