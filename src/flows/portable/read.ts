import type { Follow } from '../../engine/follow.js';
import { ALL_ADMINS } from '../../engine/group.js';
import type { Group } from '../../engine/group.js';
import { directoryGroupId, groupId, organizationId, roleId, ruleId, templateId, tenantId } from '../../engine/ids.js';
import type { GroupId, IdentityKey, OrganizationId, PersonId, TemplateId } from '../../engine/ids.js';
import type { Organization } from '../../engine/organization.js';
import type { Address } from '../../engine/person.js';
import type { Demands, Rule, Selector, Subject, Where } from '../../engine/rule.js';
import type { Template } from '../../engine/template.js';
import type { Tenant } from '../../engine/tenant.js';
import { LAPSE_MS } from '../../engine/transitions.js';
import { isZone, parseDuration } from '../../engine/when.js';
import { randomId, readableId } from '../../lib/random.js';
import type { FlowDeps } from '../deps.js';
import { DEFAULT_DURATION_MS } from '../defaults.js';
import { unfitGroup } from '../groups.js';
import type { BotSettings } from '../ports/config.js';
import { unfitRule } from '../rules/rule-parts.js';
import { unfitTemplate } from '../templates.js';
import { whyUnfit } from './bounds.js';
import type { Unfit } from './bounds.js';
import type { Snapshot } from './export.js';
import type { Names } from './names.js';
import { idsFor, lookup, peopleIn } from './references.js';
import type { Portable, PortableItem } from './schema.js';

/** Turns what a document says into what it means here: names into ids, people into persons. */
export interface Reader {
  /** What is wrong and does not keep the rest from being read. */
  readonly problems: string[];
  readonly organization: (one: PortableItem['organizations']) => Organization;
  readonly tenant: (one: PortableItem['tenants']) => Tenant;
  readonly group: (one: PortableItem['groups']) => Group;
  readonly template: (one: PortableItem['templates']) => Template;
  readonly rule: (one: PortableItem['rules']) => Rule;
  readonly settings: (one: NonNullable<Portable['settings']>) => BotSettings;
  readonly person: (key: string) => PersonId;
  /** People whom nobody here knows yet, by the ids that were drawn for them. */
  readonly newPeople: ReadonlyMap<IdentityKey, PersonId>;
  readonly withNewPeople: (names: Names) => Names;
}

export const createReader = async (
  deps: Pick<FlowDeps, 'people' | 'random'>,
  document: Portable,
  now: Snapshot,
): Promise<Reader> => {
  const problems: string[] = [];
  const { person, newPeople } = await peopleIn(deps, document);
  const organizations = new Set([...now.organizations, ...document.organizations].map(({ id }) => String(id)));
  const tenants = new Set([...now.tenants, ...document.tenants].map(({ id }) => String(id)));
  const groups = idsFor(document.groups, now.groups, () => randomId(deps.random), problems, 'group');
  const templates = idsFor(document.templates, now.templates, () => readableId(deps.random, 8), problems, 'template');
  const rules = idsFor(document.rules, now.rules, () => readableId(deps.random, 8), problems, 'rule');
  const groupNamed = lookup('group', document.groups, groups, [...now.groups, ALL_ADMINS]);
  const templateNamed = lookup('template', document.templates, templates, now.templates);

  const fault = (about: string, problem: string): void => void problems.push(`${about}: ${problem}`);
  const fit = <T>(about: string, thing: T, unfit: Unfit<T>): T => {
    for (const clause of whyUnfit(thing, unfit)) fault(about, clause);
    return thing;
  };
  const ms = (about: string, text: string | undefined, fallback: number): number => {
    if (text === undefined) return fallback;
    const parsed = parseDuration(text);
    if (!parsed.ok) fault(about, `${text} is not a duration; write it like 4h`);
    return parsed.ok ? parsed.value : fallback;
  };
  const owner = (about: string, id: string | undefined): { readonly organization?: OrganizationId } => {
    if (id === undefined) return {};
    if (!organizations.has(id)) fault(about, `there is no organization ${id}`);
    return { organization: organizationId(id) };
  };
  const tenantNamed = (about: string, id: string) => {
    if (!tenants.has(id)) fault(about, `there is no tenant ${id}`);
    return tenantId(id);
  };

  const where = (about: string, place: PortableItem['rules']['where'][number]): Where => {
    if (place === 'everywhere') return { kind: 'all' };
    if ('tenant' in place) return { kind: 'tenant', id: tenantNamed(about, place.tenant) };
    if (!organizations.has(place.organization)) fault(about, `there is no organization ${place.organization}`);
    return { kind: 'organization', id: organizationId(place.organization) };
  };
  const subject = (about: string, one: PortableItem['rules']['subjects'][number]): Subject => {
    if (one === 'everyone') return { kind: 'everyone' };
    return 'group' in one
      ? { kind: 'group', id: groupId(groupNamed(about, one.group).id) }
      : { kind: 'person', id: person(one.person) };
  };
  const demands = (about: string, one: PortableItem['rules']): Demands => {
    return {
      longestMs: ms(about, one.longest, DEFAULT_DURATION_MS),
      ...(one.ticket === undefined || one.ticket === false
        ? {}
        : { ticket: one.ticket === true ? {} : { pattern: one.ticket } }),
      // What says nothing of approvals must not let everybody in.
      quorums: (one.approvals ?? [{ group: ALL_ADMINS.id, count: 1 }]).map(({ group, count, escalation }) => {
        const asked = groupNamed(about, group);
        const next = escalation && groupNamed(about, escalation.group);
        return {
          group: groupId(asked.id),
          groupName: asked.name,
          count,
          ...(escalation === undefined || next === undefined
            ? {}
            : {
                escalation: {
                  afterMs: ms(about, escalation.after, LAPSE_MS),
                  group: groupId(next.id),
                  groupName: next.name,
                },
              }),
        };
      }),
      selfApproval: one.selfApproval ?? false,
      denials: one.denials ?? 1,
      pendingMs: ms(about, one.pending, LAPSE_MS),
      secondFactor: one.passkey ?? false,
    };
  };

  return {
    problems,
    newPeople,
    person,
    withNewPeople: (names) => {
      const keys = new Map([...newPeople].map(([key, id]) => [id, key]));
      return { ...names, person: (id) => names.person(id) ?? keys.get(id) };
    },
    organization: ({ id, name, admins }) => ({ id: organizationId(id), name, admins: admins.map(person) }),
    tenant: (one) => {
      const about = `tenant ${one.id}`;
      const directoryId = one.directory.toLowerCase();
      const known = now.tenants.find(({ id }) => id === one.id);
      // What was lent in one directory would be looked for, and found to be gone, in the other.
      if (known !== undefined && known.directoryId !== directoryId) {
        fault(about, 'it stands for another directory here; remove it first, or give this one another id');
      }
      return {
        id: tenantId(one.id),
        name: one.name,
        ...owner(about, one.organization),
        directoryId,
        domain: one.domain,
        defaultDurationMs: ms(about, one.default, DEFAULT_DURATION_MS),
      };
    },
    group: (one) => {
      const id = groupId(groups.get(one) ?? one.name);
      const known = now.groups.find((group) => group.id === id);
      const group: Group = {
        ...(known?.followTrouble === undefined ? {} : { followTrouble: known.followTrouble }),
        id,
        name: one.name,
        ...owner(`group ${one.name}`, one.organization),
        // The list that it follows fills it.
        members: one.follows === undefined ? [...new Set(one.members.map(person))] : (known?.members ?? []),
        ...(one.follows === undefined ? {} : { follows: follow(one.follows) }),
      };
      return fit(`group ${one.name}`, group, unfitGroup);
    },
    template: (one) => {
      const about = `template ${one.name}`;
      const template: Template = {
        id: templateId(templates.get(one) ?? one.name),
        name: one.name,
        ...owner(about, one.organization),
        description: one.description,
        tenants: one.tenants.map((id) => tenantNamed(about, id)),
        roles: one.roles.map(({ id, name }) => ({ id: roleId(id.toLowerCase()), name })),
        groups: one.groups.map((group) => ({ ...group, id: directoryGroupId(group.id.toLowerCase()) })),
        ...(one.duration === undefined ? {} : { durationMs: ms(about, one.duration, DEFAULT_DURATION_MS) }),
        account: one.account,
        ...(one.namePattern === undefined ? {} : { namePattern: one.namePattern }),
        atEnd: one.atEnd,
        tap: one.tap,
        notify: one.notify.map((group): GroupId => groupId(groupNamed(about, group).id)),
        isDefault: one.default,
      };
      return fit(about, template, unfitTemplate);
    },
    rule: (one) => {
      const about = `rule ${one.name}`;
      if (one.when !== undefined && !isZone(one.when.zone)) fault(about, `there is no zone ${one.when.zone}`);
      const head = {
        id: ruleId(rules.get(one) ?? one.name),
        name: one.name,
        ...owner(about, one.organization),
        subjects: one.subjects.map((subjectOf) => subject(about, subjectOf)),
        where: one.where.map((place) => where(about, place)),
        what: {
          roles: one.roles.map((role) => selector(role, (id) => roleId(id))),
          groups: one.groups.map((group) => selector(group, (id) => directoryGroupId(id))),
          templates: one.templates.map((name): TemplateId => templateId(templateNamed(about, name).id)),
          ...(one.accounts === undefined ? {} : { accounts: one.accounts }),
          ...(one.atEnd === undefined ? {} : { atEnd: one.atEnd }),
          ...(one.tap === undefined ? {} : { tap: one.tap }),
        },
        ...(one.when === undefined
          ? {}
          : {
              when: {
                days: one.when.days,
                fromMinute: minuteOf(one.when.from),
                untilMinute: minuteOf(one.when.until),
                zone: one.when.zone,
              },
            }),
      };
      const rule: Rule =
        one.effect === 'deny'
          ? { ...head, effect: 'deny' }
          : { ...head, effect: 'allow', demands: demands(about, one) };
      return fit(about, rule, unfitRule);
    },
    settings: ({ approvalChannels, adminChannels, remindEvery }) => ({
      approvalChannels: approvalChannels.map(addressOf),
      adminChannels: adminChannels.map(addressOf),
      remindEveryMs: remindEvery === 'never' ? 0 : ms('settings', remindEvery, LAPSE_MS),
    }),
  };
};

const selector = <Id extends string>(
  one: { readonly id: string; readonly name: string } | { readonly pattern: string },
  brand: (id: string) => Id,
): Selector<Id> =>
  'pattern' in one
    ? { kind: 'pattern', pattern: one.pattern }
    : { kind: 'one', id: brand(one.id.toLowerCase()), name: one.name };

const minuteOf = (clock: string): number => {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
};

const follow = (one: NonNullable<PortableItem['groups']['follows']>): Follow => {
  if ('slack' in one) return { kind: 'slack', usergroup: one.slack, name: one.name };
  if ('teams' in one) return { kind: 'teams', team: one.teams, name: one.name };
  return { kind: 'entra', directoryId: one.directory, group: one.entra, name: one.name };
};

const addressOf = (channel: string): Address => {
  const [platform, ...rest] = channel.split(':');
  return { platform: platform === 'slack' ? 'slack' : 'teams', conversation: rest.join(':') };
};
