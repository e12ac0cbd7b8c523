/** What must hold for each request from one look at it to the next, whatever people and processes did in between. */
import type { AccessRequest, RequestState } from '../../../src/engine/request.js';
import { canBeMet, demandsOn, ESCALATION_MS, isEnough, mayDecide } from './world.js';
import type { Demands, Name, Wish, World } from './world.js';

export interface Saying {
  readonly who: Name;
  readonly verb: 'submit' | 'approve' | 'deny' | 'cancel' | 'end' | 'revoke' | 'extend' | 'reveal' | 'again';
  /** The request it was about; of `submit`, the roles asked for. */
  readonly about: string;
}

/** All that happened between two looks. */
export interface Step {
  /** What people did, whether or not it had an effect. */
  readonly said: readonly Saying[];
  /** What held at one moment of it or another, oldest first. */
  readonly worlds: readonly World[];
  /** One thing at a time happened and nothing died, so that what must come of it is certain. */
  readonly sure: boolean;
  readonly until: number;
}

export type Look = ReadonlyMap<string, AccessRequest>;

export interface Seen {
  readonly before: Look;
  readonly after: Look;
  readonly step: Step;
  readonly nameOf: (person: string) => Name;
  readonly owners: readonly Name[];
}

/** Where each state may lead. */
const WAYS: Readonly<Record<RequestState, readonly RequestState[]>> = {
  pending: ['approved', 'denied', 'cancelled', 'lapsed'],
  approved: ['provisioning', 'cancelled', 'closed'],
  provisioning: ['active', 'closing'],
  active: ['closing'],
  closing: ['closed'],
  closed: [],
  denied: [],
  cancelled: [],
  lapsed: [],
};

const leadsTo = (from: RequestState, to: RequestState): boolean =>
  from === to || WAYS[from].some((next) => leadsTo(next, to));

const HOUR = 3_600_000;
const START_IN_TIME_MS = 8 * HOUR;

/** Every breach, in words; none where all is well. */
export const breaches = (seen: Seen): readonly string[] =>
  [...seen.before.keys()].some((id) => !seen.after.has(id))
    ? ['a request vanished']
    : [...seen.after.values()].flatMap((after) => {
        const before = seen.before.get(after.id);
        if (before === after) return [];
        const found = [
          ...(before === undefined ? birth(seen, after) : changes(seen, before, after)),
          ...standing(seen, after),
        ];
        return found.map((breach) => `${after.id} (${before?.state ?? 'new'} to ${after.state}): ${breach}`);
      });

const unless = (holds: boolean, breach: string): readonly string[] => (holds ? [] : [breach]);

export const wishIn = ({ nameOf }: Pick<Seen, 'nameOf'>, request: AccessRequest): Wish => ({
  who: nameOf(request.requester),
  roles: request.roles.map(({ name }) => name),
  lengthMs: request.durationMs,
});

const said = ({ step }: Seen, verbs: readonly Saying['verb'][], about: string, who?: Name): readonly Saying[] =>
  step.said.filter((one) => verbs.includes(one.verb) && one.about === about && (who === undefined || one.who === who));

const hasBegun = ({ state, outcome, readyAt, progress }: AccessRequest): boolean =>
  state === 'provisioning' ||
  state === 'active' ||
  state === 'closing' ||
  (state === 'closed' && (outcome === 'extended' || readyAt !== undefined || progress.length > 0));

const rolesOf = (request: AccessRequest): string => request.roles.map(({ name }) => name).join(', ');

const birth = (seen: Seen, after: AccessRequest): readonly string[] => {
  const wish = wishIn(seen, after);
  const asked =
    after.extends === undefined
      ? said(seen, ['submit'], rolesOf(after), wish.who)
      : said(seen, ['extend'], after.extends.id, wish.who);
  const open = [...seen.after.values()].filter(
    (one) => one.extends !== undefined && one.extends.id === after.extends?.id && isOpen(one),
  );
  return [
    ...unless(asked.length > 0, 'nobody asked for it'),
    ...unless(open.length <= 1, 'more than one extension of the same access is open'),
    ...unless(
      seen.step.worlds.some((world) => demandsOn(world, wish) !== undefined),
      'the rules refuse what was asked',
    ),
    ...changes(seen, { ...after, state: 'pending', approvals: [], denials: [], extensions: [] }, after),
  ];
};

const isOpen = ({ state }: AccessRequest): boolean => WAYS[state].length > 0;

const changes = (seen: Seen, before: AccessRequest, after: AccessRequest): readonly string[] => [
  ...unless(leadsTo(before.state, after.state), 'no way leads there'),
  ...words(seen, before, after),
  ...(hasBegun(after) && !hasBegun(before) ? beginning(seen, before, after) : []),
  ...(after.state !== before.state ? endings(seen, before, after) : []),
  ...moves(seen, before, after),
];

const namesOf = (seen: Seen, verdicts: AccessRequest['approvals']): readonly Name[] =>
  verdicts.map(({ person }) => seen.nameOf(person));

/** The demands of today, or those of the day it was asked where today nobody would have to agree. */
const demandsFor = (seen: Seen, world: World, request: AccessRequest): Pick<Demands, 'voices' | 'self'> | undefined => {
  const today = demandsOn(world, wishIn(seen, request));
  return today === undefined || today.voices.length > 0 ? today : askedOnceOf(request);
};

/** Where the rules ask nobody any more, whoever was asked still has to answer. */
const askedOnceOf = ({ quorums, selfApproval }: AccessRequest): Pick<Demands, 'voices' | 'self'> => ({
  self: selfApproval,
  voices: quorums.map(({ groupName, count, escalation }) => ({
    circle: groupName as 'Leads',
    count,
    later: escalation !== undefined,
  })),
});

const isLate = (seen: Seen, { createdAt }: AccessRequest): boolean =>
  seen.step.until >= createdAt.getTime() + ESCALATION_MS;

/** A word is on record only of those who said it, who may, while it was undecided; and each person's once. */
const words = (seen: Seen, before: AccessRequest, after: AccessRequest): readonly string[] => {
  const fresh = (verb: 'approve' | 'deny', was: AccessRequest['approvals'], is: AccessRequest['approvals']) =>
    is
      .filter((verdict) => !was.some(({ person, at }) => person === verdict.person && +at === +verdict.at))
      .map(({ person }) => ({ verb, who: seen.nameOf(person) }));
  const heard = [
    ...fresh('approve', before.approvals, after.approvals),
    ...fresh('deny', before.denials, after.denials),
  ];
  const speakers = [...namesOf(seen, after.approvals), ...namesOf(seen, after.denials)];
  const lost = namesOf(seen, before.approvals).filter((who) => !speakers.includes(who));
  const wisher = seen.nameOf(after.requester);
  return [
    ...unless(before.state === 'pending' || heard.length === 0, 'a word was put on record after the decision'),
    ...unless(new Set(speakers).size === speakers.length, 'somebody counts twice'),
    ...unless(lost.length === 0, `the word of ${lost.join()} is lost`),
    ...heard.flatMap(({ verb, who }) => [
      ...unless(said(seen, [verb], after.id, who).length > 0, `${who} never said ${verb}`),
      ...unless(
        seen.step.worlds.some((world) => {
          const demands = demandsFor(seen, world, before);
          return demands !== undefined && mayDecide(world, who, wisher, demands, isLate(seen, after));
        }),
        `${who} has no say in it`,
      ),
    ]),
  ];
};

/** Nothing begins but by the rules of that moment, with each of their quorums met by people who count at that moment. */
const beginning = (seen: Seen, before: AccessRequest, after: AccessRequest): readonly string[] => {
  const wish = wishIn(seen, after);
  const agreed = namesOf(seen, after.approvals);
  const denied = namesOf(seen, after.denials);
  const isConsented = (world: World): boolean => {
    const demands = demandsOn(world, wish);
    if (demands === undefined || !isEnough(world, agreed, wish.who, demands, isLate(seen, after))) return false;
    if (before.state !== 'pending' || demands.voices.length === 0) return true;
    return denied.filter((who) => mayDecide(world, who, wish.who, demands, false)).length < demands.denials;
  };
  return [
    ...unless(seen.step.worlds.some(isConsented), `it began without consent (agreed: ${agreed.join()})`),
    ...unless(after.startsAt === undefined || +after.startsAt <= seen.step.until, 'it began before its time'),
    ...unless(after.decidedAt !== undefined, 'it began undecided'),
  ];
};

/** Each end has its cause. */
const endings = (seen: Seen, before: AccessRequest, after: AccessRequest): readonly string[] => {
  const { step } = seen;
  switch (after.state) {
    case 'denied': {
      const needed = step.worlds.flatMap((world) => {
        const demands = demandsOn(world, wishIn(seen, after));
        if (demands === undefined) return [];
        return demands.voices.length === 0 ? [after.denialsToEnd] : [demands.denials];
      });
      return unless(after.denials.length >= Math.min(...needed), 'too few denied it');
    }
    case 'lapsed':
      return unless(+after.lapsesAt <= step.until, 'it lapsed before its time');
    case 'cancelled':
      return unless(mayBeCancelled(seen, before, after), `nothing called it off: ${after.calledOff ?? 'no reason'}`);
    case 'closing':
    case 'closed':
      return ended(seen, after);
    default:
      return [];
  }
};

const mayBeCancelled = (seen: Seen, before: AccessRequest, after: AccessRequest): boolean => {
  const { step, nameOf, owners } = seen;
  const wish = wishIn(seen, after);
  const late = +(after.startsAt ?? after.decidedAt ?? after.createdAt) + START_IN_TIME_MS <= step.until;
  const parent = after.extends === undefined ? undefined : seen.after.get(after.extends.id);
  const isOrphan = parent !== undefined && (parent.state !== 'active' || (parent.endsAt?.getTime() ?? 0) <= step.until);
  const called = said(seen, ['cancel', 'end'], after.id, nameOf(after.requester)).length > 0;
  const revoked = said(seen, ['revoke'], after.id).some(
    ({ who }) => owners.includes(who) || step.worlds.some((world) => Object.values(world.circles).flat().includes(who)),
  );
  const unconsented = step.worlds.some((world) => {
    const demands = demandsOn(world, wish);
    if (demands === undefined || !canBeMet(world, wish.who, demands)) return true;
    const approved = before.state === 'approved' || after.approvals.length > 0;
    return approved && !isEnough(world, namesOf(seen, after.approvals), wish.who, demands, false);
  });
  return called || revoked || late || isOrphan || unconsented;
};

const ended = (seen: Seen, after: AccessRequest): readonly string[] => {
  const { step, nameOf, owners } = seen;
  const by = (verbs: readonly Saying['verb'][]) => said(seen, verbs, after.id);
  const isGone = step.worlds.some(({ gone }) => gone.includes(nameOf(after.requester)));
  const cause = after.closeCause ?? after.outcome;
  const causes: Readonly<Record<string, boolean>> = {
    expired: after.endsAt !== undefined && +after.endsAt <= step.until,
    failed: !step.sure,
    ended: by(['end']).some(({ who }) => who === nameOf(after.requester)),
    revoked: isGone || by(['revoke']).some(({ who }) => owners.includes(who) || seesIt(step, who)),
    extended: after.extends !== undefined,
  };
  return [
    ...(after.closingSince === undefined || +after.closingSince < 0 || seen.before.get(after.id)?.state === 'closing'
      ? []
      : unless(causes[cause ?? ''] === true, `nothing ended it as ${cause}`)),
    // In this world no owner ever closes anything as unconfirmed, so that a read is the only proof there is.
    ...unless(
      after.state !== 'closed' || after.outcome === 'extended' || after.confirmedAt !== undefined,
      'it is closed although nothing proved it',
    ),
    ...unless((after.outcome === 'extended') <= (after.extends !== undefined), 'it prolonged nothing'),
  ];
};

const seesIt = ({ worlds }: Step, who: Name): boolean =>
  worlds.some(({ circles }) => circles.Leads.includes(who) || circles.Bosses.includes(who));

/** What was decided stays so; an end moves on only by an extension that was approved, within what the rules allow. */
const moves = (seen: Seen, before: AccessRequest, after: AccessRequest): readonly string[] => {
  // Calling off what was approved is a decision of its own.
  const wasDecided = before.decidedAt !== undefined && after.state !== 'cancelled';
  const fresh = after.extensions.filter((id) => !before.extensions.includes(id));
  const later =
    before.readyAt !== undefined &&
    before.endsAt !== undefined &&
    after.endsAt !== undefined &&
    after.endsAt > before.endsAt;
  const length = after.endsAt !== undefined && after.readyAt !== undefined ? +after.endsAt - +after.readyAt : 0;
  const began = later || (before.readyAt === undefined && after.readyAt !== undefined);
  return [
    ...unless(!wasDecided || before.decidedAt?.getTime() === after.decidedAt?.getTime(), 'it was decided again'),
    ...unless(before.readyAt === undefined || +before.readyAt === +(after.readyAt ?? 0), 'it was ready again'),
    ...unless(!isFinal(before) || before.outcome === after.outcome, 'its outcome changed'),
    ...unless(!later || fresh.length > 0, 'its end moved although nothing prolonged it'),
    ...fresh.flatMap((id) => {
      const extension = seen.after.get(id);
      return unless(
        extension?.extends?.id === after.id && (extension.outcome === 'extended' || extension.merging === true),
        `${id} prolonged it although it was not granted`,
      );
    }),
    ...unless(
      !began ||
        seen.step.worlds.some(
          (world) => length <= (demandsOn(world, { ...wishIn(seen, after), lengthMs: 0 })?.longestMs ?? 0),
        ),
      `it lasts ${length / HOUR} h, longer than the rules allow`,
    ),
    ...unless(
      after.extends === undefined || (after.progress.length === 0 && after.readyAt === undefined),
      'an extension gives access of its own',
    ),
  ];
};

const isFinal = ({ state }: AccessRequest): boolean => WAYS[state].length === 0;

/** After everything due is done nothing is left that its time is over for. */
const standing = (seen: Seen, { state, lapsesAt, startsAt, endsAt }: AccessRequest): readonly string[] => {
  const { until } = seen.step;
  return [
    ...unless(state !== 'pending' || +lapsesAt > until, 'it waits although it has lapsed'),
    ...unless(state !== 'approved' || (startsAt !== undefined && +startsAt > until), 'it did not start in time'),
    ...unless(state !== 'active' || (endsAt !== undefined && +endsAt > until), 'it outlives its end'),
  ];
};
