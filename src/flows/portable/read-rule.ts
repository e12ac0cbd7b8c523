import { VIEW_MS } from '../../engine/break-glass-view.js';
import { ALL_ADMINS } from '../../engine/group.js';
import { directoryGroupId, directoryUserId, groupId, roleId, ruleId, templateId, unitId } from '../../engine/ids.js';
import type { TemplateId } from '../../engine/ids.js';
import type { Demands, Quorum, Rule, Selector, Subject, What, Where } from '../../engine/rule.js';
import { LAPSE_MS } from '../../engine/transitions.js';
import { isZone } from '../../engine/when.js';
import type { Window } from '../../engine/window.js';
import { DEFAULT_DURATION_MS } from '../defaults.js';
import { unfitRule } from '../rules/rule-parts.js';
import type { Reading } from './reading.js';
import type { PortableItem } from './schema.js';

type Said = PortableItem['rules'];

export const readRule = (reading: Reading, one: Said): Rule => {
  const about = `rule ${one.name}`;
  const head = {
    id: ruleId(reading.rules.get(one) ?? one.name),
    name: one.name,
    ...reading.owner(about, one.organization),
    subjects: one.subjects.map((subject) => subjectIn(reading, about, subject)),
    where: one.where.map((place) => whereIn(reading, about, place)),
    what: whatIn(reading, about, one),
    ...(one.when === undefined ? {} : { when: windowIn(reading, about, one.when) }),
  };
  const rule: Rule =
    one.effect === 'deny'
      ? { ...head, effect: 'deny' }
      : { ...head, effect: 'allow', demands: demandsIn(reading, about, one) };
  return reading.fit(about, rule, unfitRule);
};

const subjectIn = ({ groupNamed, person }: Reading, about: string, one: Said['subjects'][number]): Subject => {
  if (one === 'everyone') return { kind: 'everyone' };
  return 'group' in one
    ? { kind: 'group', id: groupId(groupNamed(about, one.group).id) }
    : { kind: 'person', id: person(one.person) };
};

const whereIn = ({ tenant, organization }: Reading, about: string, place: Said['where'][number]): Where => {
  if (place === 'everywhere') return { kind: 'all' };
  return 'tenant' in place
    ? { kind: 'tenant', id: tenant(about, place.tenant) }
    : { kind: 'organization', id: organization(about, place.organization) };
};

const whatIn = ({ templateNamed }: Reading, about: string, one: Said): What => ({
  roles: one.roles.map((role) => selectorOf(role, roleId)),
  groups: one.groups.map((group) => selectorOf(group, directoryGroupId)),
  templates: one.templates.map((name): TemplateId => templateId(templateNamed(about, name).id)),
  ...(one.accounts === undefined ? {} : { accounts: one.accounts }),
  ...(one.atEnd === undefined ? {} : { atEnd: one.atEnd }),
  ...(one.tap === undefined ? {} : { tap: one.tap }),
  ...(one.users === undefined ? {} : { users: one.users.map((user) => selectorOf(user, directoryUserId)) }),
  ...(one.outsiders === undefined ? {} : { outsiders: one.outsiders }),
  ...(one.breakGlass === undefined ? {} : { breakGlass: one.breakGlass }),
});

const selectorOf = <Id extends string>(
  one:
    | {
        readonly id: string;
        readonly name: string;
        readonly unit?: { readonly id: string; readonly name: string } | undefined;
      }
    | { readonly pattern: string },
  brand: (id: string) => Id,
): Selector<Id> =>
  'pattern' in one
    ? { kind: 'pattern', pattern: one.pattern }
    : { kind: 'one', id: brand(one.id.toLowerCase()), name: one.name, ...unitOf(one.unit) };

const unitOf = (unit: { readonly id: string; readonly name: string } | undefined) =>
  unit === undefined ? {} : { unit: { id: unitId(unit.id.toLowerCase()), name: unit.name } };

const windowIn = (
  { fault }: Reading,
  about: string,
  { days, from, until, zone }: NonNullable<Said['when']>,
): Window => {
  if (!isZone(zone)) fault(about, `there is no zone ${zone}`);
  return { days, fromMinute: minuteOf(from), untilMinute: minuteOf(until), zone };
};

const minuteOf = (clock: string): number => {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
};

// What says nothing of approvals must not let everybody in.
const SAID_NOTHING: NonNullable<Said['approvals']> = [{ group: ALL_ADMINS.id, count: 1 }];

const demandsIn = (reading: Reading, about: string, one: Said): Demands => ({
  longestMs: reading.ms(about, one.longest, one.breakGlass === true ? VIEW_MS : DEFAULT_DURATION_MS),
  ...(one.ticket === undefined || one.ticket === false
    ? {}
    : { ticket: one.ticket === true ? {} : { pattern: one.ticket } }),
  quorums: (one.approvals ?? SAID_NOTHING).map((approval) => quorumIn(reading, about, approval)),
  selfApproval: one.selfApproval ?? false,
  denials: one.denials ?? 1,
  pendingMs: reading.ms(about, one.pending, one.breakGlass === true ? VIEW_MS : LAPSE_MS),
  secondFactor: one.passkey ?? false,
});

const quorumIn = (
  { groupNamed, ms }: Reading,
  about: string,
  { group, count, escalation }: NonNullable<Said['approvals']>[number],
): Quorum => {
  const asked = groupNamed(about, group);
  const quorum = { group: groupId(asked.id), groupName: asked.name, count };
  if (escalation === undefined) return quorum;
  const next = groupNamed(about, escalation.group);
  const afterMs = ms(about, escalation.after, LAPSE_MS);
  return { ...quorum, escalation: { afterMs, group: groupId(next.id), groupName: next.name } };
};
