import type { PersonId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest, Verdict } from '../engine/request.js';
import { hasSpoken } from '../engine/verdicts.js';
import type { Effect, Notice } from './ports.js';
import type { AuditEvent, Facts } from './ports/audit.js';

/** Whose hand is in a change. */
export interface Doer {
  readonly by: string;
  readonly on?: Platform;
}

export const LATCHKEY: Doer = { by: 'latchkey' };

/** Whoever has the server's own commands at hand. */
export const OPERATOR: Doer = { by: 'operator' };

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
  ...auditedOf(before, after).map((what): Effect => ({
    kind: 'audit',
    event: auditEvent(what, before, after, doer, now),
  })),
];

const noticesOf = (before: AccessRequest | undefined, after: AccessRequest): readonly Effect[] => {
  const send = (to: PersonId, notice: Notice): Effect => ({ kind: 'notice', to, notice });
  const tell = (notice: Notice): Effect => send(after.requester, notice);
  const alarm = (notice: Notice): Effect => ({ kind: 'alarm', notice });
  const onlookers = (notice: Notice): readonly Effect[] => after.notify.map(({ id }) => send(id, notice));
  const effects: Effect[] = [];
  if (before !== undefined && before.state !== after.state) {
    if (after.state === 'denied') effects.push(tell('denied'));
    if (after.state === 'lapsed') effects.push(tell('lapsed'));
    if (after.calledOff !== undefined) effects.push(tell('failed'));
    if (after.state === 'closing' && after.closeCause === 'failed') effects.push(tell('failed'));
    if (after.state === 'closed') effects.push(...endNotices(after).map(tell));
    if (after.state === 'closed' && after.readyAt !== undefined) {
      effects.push(...onlookers(after.outcome === 'unconfirmed' ? 'unconfirmed' : 'over'));
    }
    if (after.outcome === 'unconfirmed') effects.push(alarm('unconfirmed'));
    else if (after.state === 'closed' && after.alarmedAt !== undefined) effects.push(alarm('overdue-ended'));
  }
  if (after.readyAt !== undefined && before?.readyAt === undefined) effects.push(...onlookers('live'));
  if (after.reminded !== undefined && after.reminded !== before?.reminded) {
    const silent = after.asked.filter(({ id }) => !hasSpoken(after, [id]));
    effects.push(...silent.map(({ id }) => send(id, 'reminder')));
  }
  if (after.reveal === 'offered' && (before?.reveal === 'taken' || before?.reveal === 'shared'))
    effects.push(tell('renewed'));
  if (after.warnedAt !== undefined && before?.warnedAt === undefined) effects.push(tell('ending-soon'));
  // The requester can do nothing about it and hears of it once; those who can hear of it until it is over.
  if (after.alarmedAt !== undefined && before?.alarmedAt === undefined) effects.push(tell('late'));
  if (wasAlarmed(before, after)) effects.push(alarm('overdue'));
  return effects;
};

const wasAlarmed = (before: AccessRequest | undefined, after: AccessRequest): boolean =>
  (after.alarms ?? 0) > (before?.alarms ?? 0);

/** More time that nobody had to agree to is told by the answer itself. */
const endNotices = ({ outcome, quorums }: AccessRequest): readonly Notice[] => {
  if (outcome === 'unconfirmed') return ['unconfirmed'];
  if (outcome !== 'extended') return ['ended'];
  return quorums.length === 0 ? [] : ['extended'];
};

const auditedOf = (before: AccessRequest | undefined, after: AccessRequest): readonly string[] => {
  if (before === undefined)
    return ['request.submitted', ...(after.state === 'pending' ? [] : [`request.${after.state}`])];
  const what: string[] = [];
  if (isLonger(before.approvals, after.approvals)) what.push('request.approval');
  if (isLonger(before.denials, after.denials)) what.push('request.denial');
  if (escalationsOf(after).length > escalationsOf(before).length) what.push('request.escalated');
  if (sayQuorums(after) !== sayQuorums(before)) what.push('request.demands');
  if (after.unreachable.length > before.unreachable.length) what.push('request.unreachable');
  if (after.reminded !== before.reminded) what.push('request.reminded');
  if (before.state !== after.state) what.push(after.outcome === 'unconfirmed' ? LEFT_OPEN : `request.${after.state}`);
  if (after.extensions.length > before.extensions.length) what.push('request.extended');
  if (after.reveal === 'taken' && before.reveal === 'offered') what.push('credential.revealed');
  if (after.reveal === 'offered' && before.reveal !== 'offered') what.push('credential.offered');
  if (after.reveal === 'none' && before.reveal !== 'none') what.push('credential.reissue');
  if (wasAlarmed(before, after)) what.push('request.overdue');
  return what;
};

/** Closed without proof: never to be mistaken for an end. */
const LEFT_OPEN = 'request.unconfirmed';

/** Whether there is a word that was not there before: one that replaces another makes no list longer. */
const isLonger = (before: readonly Verdict[], after: readonly Verdict[]): boolean =>
  after.some((verdict) => !before.includes(verdict));

const escalationsOf = ({ quorums }: AccessRequest): readonly string[] =>
  quorums.flatMap(({ escalation }) => (escalation?.at === undefined ? [] : [escalation.groupName]));

const sayQuorums = ({ quorums }: AccessRequest): string =>
  quorums.map(({ count, groupName }) => `${count} of ${groupName}`).join(', ');

const auditEvent = (
  what: string,
  before: AccessRequest | undefined,
  after: AccessRequest,
  doer: Doer,
  now: Date,
): AuditEvent => ({
  what,
  at: now,
  by: doer.by,
  ...(doer.on === undefined ? {} : { on: doer.on }),
  request: after.id,
  tenant: after.tenant,
  ...(after.organization === undefined ? {} : { organization: after.organization }),
  about: concernedBy(after),
  facts: factsOf(after),
  ...(before === undefined ? {} : changeOf(before, after)),
});

/** Whose access it is, and who had a say in it. */
const concernedBy = ({ requester, approvals, denials }: AccessRequest): readonly PersonId[] => [
  ...new Set([requester, ...[...approvals, ...denials].map(({ person }) => person)]),
];

const factsOf = (request: AccessRequest): Facts => ({
  state: request.state,
  requester: request.requester,
  upn: request.upn,
  ...(request.accountKind === 'dedicated' ? {} : { kind: request.accountKind }),
  ...(request.existing === undefined ? {} : { user: request.existing.id, origin: request.existing.origin }),
  ...(request.tap ? { accessPass: true } : {}),
  roles: request.roles.map(({ name, unit }) => (unit === undefined ? name : `${name} in ${unit.name} (${unit.id})`)),
  ...(request.groups.length === 0 ? {} : { groups: request.groups.map(({ name }) => name) }),
  ...(request.extends === undefined ? {} : { extends: request.extends.id }),
  ...(request.ticket === undefined ? {} : { ticket: request.ticket }),
  rules: request.rules.map(({ name }) => name),
  approvedBy: request.approvals.map(sayVerdict),
  deniedBy: request.denials.map(sayVerdict),
  ...(escalationsOf(request).length === 0 ? {} : { escalatedTo: escalationsOf(request) }),
  ...(request.outcome === undefined ? {} : { outcome: request.outcome }),
  ...(request.closedBy === undefined ? {} : { closedBy: request.closedBy }),
  ...noteOf(request),
  ...(request.calledOff === undefined ? {} : { calledOff: request.calledOff }),
  ...(request.trouble === undefined ? {} : { trouble: request.trouble.code, attempts: request.trouble.attempts }),
  ...(request.alarms === undefined ? {} : { alarms: request.alarms }),
  ...(request.state === 'closing' || request.outcome === 'unconfirmed' ? remainsOf(request) : {}),
  ...(request.confirmedAt === undefined ? {} : { confirmedAt: request.confirmedAt.toISOString() }),
  ...(request.endsAt === undefined ? {} : { endsAt: request.endsAt.toISOString() }),
  ...(request.accountLeft === undefined ? {} : { account: request.accountLeft }),
});

/** What the directory was last seen to hold of it. */
const remainsOf = ({ remains }: AccessRequest): Facts =>
  remains === undefined
    ? {}
    : { lastReadAt: remains.readAt.toISOString(), signIn: remains.signIn, remains: remains.access };

const sayVerdict = ({ person, factor }: Verdict): string => (factor === undefined ? person : `${person} (${factor})`);

/** The last word's note, while it is the last word. */
const noteOf = ({ state, denials }: AccessRequest): { readonly note?: string } => {
  const note = state === 'denied' ? denials.at(-1)?.note : undefined;
  return note === undefined ? {} : { note };
};

const changeOf = (was: AccessRequest, is: AccessRequest): Pick<AuditEvent, 'before' | 'after'> => {
  const [before, after] = [changeable(was), changeable(is)];
  const changed = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (changed.length === 0) return {};
  const only = (facts: Facts): Facts => Object.fromEntries(changed.map((key) => [key, facts[key] ?? null]));
  return { before: only(before), after: only(after) };
};

const changeable = (request: AccessRequest): Facts => ({
  state: request.state,
  endsAt: request.endsAt?.toISOString() ?? null,
  reveal: request.reveal,
  asked: request.asked.map(({ id }) => id),
  quorums: sayQuorums(request),
  secondFactor: request.secondFactor,
});
