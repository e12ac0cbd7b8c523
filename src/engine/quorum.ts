import type { Fault } from './faults.js';
import { isMember } from './group.js';
import type { Group } from './group.js';
import type { GroupId } from './ids.js';
import { isDeactivated, mayBeSameHuman, speaksOn } from './person.js';
import type { Person } from './person.js';
import type { AccessRequest, Verdict } from './request.js';
import type { Quorum } from './rule.js';

/** The groups whose members count towards a quorum: its own, and the one it was escalated to. */
export const groupsAsked = ({ group, escalation }: Quorum): readonly GroupId[] =>
  escalation?.at === undefined ? [group] : [group, escalation.group];

export const everyGroupAsked = (quorums: readonly Quorum[]): readonly GroupId[] => [
  ...new Set(quorums.flatMap((quorum) => groupsAsked(quorum))),
];

const isAsked = (quorum: Quorum, person: Person, groups: readonly Group[]): boolean =>
  groups.some((group) => groupsAsked(quorum).includes(group.id) && isMember(group, person));

/** Every group that has a word in it, now or after an escalation. */
export const everyGroupConcerned = (quorums: readonly Quorum[]): readonly GroupId[] => [
  ...new Set(
    quorums.flatMap(({ group, escalation }) => (escalation === undefined ? [group] : [group, escalation.group])),
  ),
];

/** Whether this person is one of those whose word counts. */
export const isApprover = (
  request: Pick<AccessRequest, 'quorums'>,
  person: Person,
  groups: readonly Group[],
): boolean => !isDeactivated(person) && request.quorums.some((quorum) => isAsked(quorum, person, groups));

/**
 * Why this person may not decide this request, or `undefined`. Asked at the click, of what was loaded at the click.
 * Somebody who does not speak in the chat where it was asked cannot be told apart from the requester there.
 */
export const whyNotDecide = (
  request: AccessRequest,
  decider: Person,
  requester: Person,
  groups: readonly Group[],
): Fault | undefined => {
  const asked = request.asked.map(({ name }) => name);
  const own = mayBeSameHuman(decider, requester);
  if (own && !request.selfApproval) return { code: 'request.own', asked };
  if (!isApprover(request, decider, groups)) return { code: 'request.not-approver', asked };
  return own || speaksOn(decider, request.askedOn)
    ? undefined
    : { code: 'request.unlinked', platform: request.askedOn };
};

/** How many people count towards each quorum. One human counts once for each. */
export const tallyOf = (
  quorums: readonly Quorum[],
  approvers: readonly Person[],
  groups: readonly Group[],
): readonly number[] =>
  quorums.map((quorum) => humansAmong(approvers.filter((person) => isAsked(quorum, person, groups))).length);

export const isMet = (quorums: readonly Quorum[], tally: readonly number[]): boolean =>
  quorums.every(({ count }, index) => (tally[index] ?? 0) >= count);

/** Whether enough people who still count have approved. */
export const quorumsMet = (
  quorums: readonly Quorum[],
  approvers: readonly Person[],
  groups: readonly Group[],
): boolean => isMet(quorums, tallyOf(quorums, approvers, groups));

/** Each human once: whoever may be one with somebody who may be one with a third person counts as that one, too. */
export const humansAmong = (people: readonly Person[]): readonly Person[] => {
  let humans: (readonly Person[])[] = [];
  for (const person of people) {
    const known = humans.filter((human) => human.some((one) => mayBeSameHuman(one, person)));
    humans = [...humans.filter((human) => !known.includes(human)), [...known.flat(), person]];
  }
  return humans.flatMap(([first]) => first ?? []);
};

/** The approvals that count where a passkey is demanded, or all. */
export const countingVerdicts = ({
  approvals,
  secondFactor,
}: Pick<AccessRequest, 'approvals' | 'secondFactor'>): readonly Verdict[] =>
  secondFactor ? approvals.filter(({ factor }) => factor !== undefined) : approvals;
