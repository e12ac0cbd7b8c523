/** A rule as the audit log tells it: every part of it, in plain values. */
import type { Quorum, Rule, Selector, Subject, Where } from '../../engine/rule.js';
import { writeDuration } from '../../engine/when.js';
import { sayWindow } from '../../engine/window-text.js';
import type { Facts } from '../ports/audit.js';

export const factsOfRule = (rule: Rule): Facts => {
  const { what, when } = rule;
  return {
    name: rule.name,
    effect: rule.effect,
    subjects: rule.subjects.map(factOfSubject),
    where: rule.where.map(factOfPlace),
    roles: what.roles.map(factOfSelector),
    ...(what.groups.length === 0 ? {} : { groups: what.groups.map(factOfSelector) }),
    ...(what.templates.length === 0 ? {} : { templates: what.templates }),
    ...(what.accounts === undefined ? {} : { accounts: what.accounts }),
    ...(what.atEnd === undefined ? {} : { atEnd: what.atEnd }),
    ...(what.tap === undefined ? {} : { tap: what.tap }),
    ...(what.users === undefined ? {} : { users: what.users.map(factOfSelector) }),
    ...(what.outsiders === undefined ? {} : { outsiders: what.outsiders }),
    ...(what.breakGlass === undefined ? {} : { breakGlass: what.breakGlass }),
    ...(when === undefined ? {} : { when: sayWindow(when) }),
    ...(rule.effect === 'deny' ? {} : factsOfDemands(rule.demands)),
  };
};

const factsOfDemands = (demands: Extract<Rule, { effect: 'allow' }>['demands']): Facts => ({
  longestMs: demands.longestMs,
  quorums: demands.quorums.map(factOfQuorum),
  ...(demands.ticket === undefined ? {} : { ticket: demands.ticket.pattern ?? 'any' }),
  selfApproval: demands.selfApproval,
  denials: demands.denials,
  pendingMs: demands.pendingMs,
  secondFactor: demands.secondFactor,
});

const factOfSubject = (subject: Subject): string =>
  subject.kind === 'everyone' ? 'everyone' : `${subject.kind}:${subject.id}`;

const factOfPlace = (where: Where): string => (where.kind === 'all' ? 'everywhere' : `${where.kind}:${where.id}`);

const factOfSelector = (selector: Selector<string>): string => {
  if (selector.kind === 'pattern') return selector.pattern;
  const { name, id, unit } = selector;
  return unit === undefined ? `${name} (${id})` : `${name} (${id}) in ${unit.name} (${unit.id})`;
};

const factOfQuorum = ({ count, groupName, escalation }: Quorum): string =>
  `${count} of ${groupName}${escalation === undefined ? '' : `, after ${writeDuration(escalation.afterMs)} also ${escalation.groupName}`}`;
