import { ALL_ADMINS } from '../../engine/group.js';
import type { DirectoryGroup, Role } from '../../engine/access.js';
import type { Group } from '../../engine/group.js';
import type { OrganizationId, PersonId } from '../../engine/ids.js';
import type { Organization } from '../../engine/organization.js';
import type { Address } from '../../engine/person.js';
import type { Quorum, Rule, Selector, Subject, Where } from '../../engine/rule.js';
import type { Template } from '../../engine/template.js';
import type { Tenant } from '../../engine/tenant.js';
import { writeDuration } from '../../engine/when.js';
import type { FlowDeps } from '../deps.js';
import type { BotSettings, Offices } from '../ports/config.js';
import { namesOf, peopleNames } from './names.js';
import type { Names } from './names.js';
import type { Portable, PortableItem } from './schema.js';

type ExportDeps = Pick<FlowDeps, 'config' | 'people'>;

/** Everything that admins set up, as it is now. */
export interface Snapshot {
  readonly organizations: readonly Organization[];
  readonly tenants: readonly Tenant[];
  readonly groups: readonly Group[];
  readonly templates: readonly Template[];
  readonly rules: readonly Rule[];
  readonly offices: Offices;
  readonly settings: BotSettings;
}

export const snapshotOf = async ({ config }: Pick<FlowDeps, 'config'>): Promise<Snapshot> => {
  const [organizations, tenants, groups, templates, rules, offices, settings] = await Promise.all([
    config.organizations.all(),
    config.tenants.all(),
    config.groups.all(),
    config.templates.all(),
    config.rules.all(),
    config.offices.read(),
    config.settings.read(),
  ]);
  return { organizations, tenants, groups, templates, rules, offices, settings };
};

/** The configuration as a portable document; of `organizations` alone, where they are given. */
export const exportConfig = async (deps: ExportDeps, organizations?: readonly OrganizationId[]): Promise<Portable> => {
  const all = await snapshotOf(deps);
  const names = await namesIn(deps, all);
  const theirs = ({ organization }: { readonly organization?: OrganizationId }): boolean =>
    organizations === undefined || (organization !== undefined && organizations.includes(organization));
  return {
    version: 1,
    organizations: all.organizations
      .filter(({ id }) => theirs({ organization: id }))
      .map((one) => portableOrganization(one, names)),
    tenants: all.tenants.filter(theirs).map(portableTenant),
    groups: all.groups.filter(theirs).map((group) => portableGroup(group, names)),
    templates: all.templates.filter(theirs).map((template) => portableTemplate(template, names)),
    rules: all.rules.filter(theirs).map((rule) => portableRule(rule, names)),
    owners: organizations === undefined ? keysOf(all.offices.owners, names) : [],
    auditors: organizations === undefined ? keysOf(all.offices.auditors, names) : [],
    ...(organizations === undefined ? { settings: portableSettings(all.settings) } : {}),
  };
};

/** What things are called when they are written: over everything, so that a part of it reads the same as the whole. */
export const namesIn = async (
  deps: Pick<FlowDeps, 'people'>,
  all: Pick<Snapshot, 'organizations' | 'groups' | 'templates' | 'rules' | 'offices'>,
): Promise<Names> => ({
  group: namesOf([...all.groups, ALL_ADMINS]),
  template: namesOf(all.templates),
  person: await peopleNames(deps, [
    ...all.organizations.flatMap(({ admins }) => admins),
    ...all.groups.flatMap(({ members }) => members),
    ...all.rules.flatMap(({ subjects }) => subjects.flatMap((one) => (one.kind === 'person' ? [one.id] : []))),
    ...all.offices.owners,
    ...all.offices.auditors,
  ]),
});

const keysOf = (people: readonly PersonId[], { person }: Names): string[] =>
  [...new Set(people.flatMap((id) => person(id) ?? []))].toSorted();

const ownerOf = ({ organization }: { readonly organization?: OrganizationId }): { organization?: string } =>
  organization === undefined ? {} : { organization };

export const portableOrganization = (
  { id, name, admins }: Organization,
  names: Names,
): PortableItem['organizations'] => ({
  id,
  name,
  admins: keysOf(admins, names),
});

export const portableTenant = (tenant: Tenant): PortableItem['tenants'] => ({
  id: tenant.id,
  name: tenant.name,
  ...ownerOf(tenant),
  directory: tenant.directoryId,
  domain: tenant.domain,
  default: writeDuration(tenant.defaultDurationMs),
  ...(tenant.longestDurationMs === undefined ? {} : { longest: writeDuration(tenant.longestDurationMs) }),
  ...(tenant.roles === undefined ? {} : { roles: tenant.roles.map(portableLentRole) }),
  ...(tenant.groups === undefined ? {} : { groups: tenant.groups.map(portableDirectoryGroup) }),
  ...(tenant.namePattern === undefined ? {} : { accountName: tenant.namePattern }),
  ...(tenant.atEnd === undefined ? {} : { atEnd: tenant.atEnd }),
  ...(tenant.accessPass === undefined ? {} : { accessPass: tenant.accessPass }),
  ...(tenant.cloud === undefined ? {} : { cloud: tenant.cloud }),
});

const portableLentRole = ({ id, name, unit }: Role) => ({
  name,
  id,
  ...(unit === undefined ? {} : { unit: { name: unit.name, id: unit.id } }),
});

const portableDirectoryGroup = ({ id, name, roleAssignable }: DirectoryGroup) => ({ name, id, roleAssignable });

export const portableGroup = (group: Group, names: Names): PortableItem['groups'] => ({
  id: group.id,
  name: group.name,
  ...ownerOf(group),
  // Whoever follows a list has its members from there.
  members: group.follows === undefined ? keysOf(group.members, names) : [],
  ...(group.follows === undefined ? {} : { follows: portableFollow(group.follows) }),
});

const portableFollow = (follow: NonNullable<Group['follows']>): NonNullable<PortableItem['groups']['follows']> => {
  if (follow.kind === 'slack') return { slack: follow.usergroup, name: follow.name };
  if (follow.kind === 'teams') return { teams: follow.team, name: follow.name };
  return { entra: follow.group, directory: follow.directoryId, name: follow.name };
};

export const portableTemplate = (template: Template, names: Names): PortableItem['templates'] => ({
  id: template.id,
  name: template.name,
  ...ownerOf(template),
  description: template.description,
  tenants: [...template.tenants],
  roles: template.roles.map(({ id, name }) => ({ name, id })),
  groups: template.groups.map(portableDirectoryGroup),
  ...(template.durationMs === undefined ? {} : { duration: writeDuration(template.durationMs) }),
  account: template.account,
  ...(template.namePattern === undefined ? {} : { namePattern: template.namePattern }),
  atEnd: template.atEnd,
  tap: template.tap,
  notify: template.notify.map((id) => names.group(id)),
  default: template.isDefault,
});

export const portableRule = (rule: Rule, names: Names): PortableItem['rules'] => ({
  id: rule.id,
  name: rule.name,
  ...ownerOf(rule),
  effect: rule.effect,
  subjects: rule.subjects.flatMap((subject) => portableSubject(subject, names) ?? []),
  where: rule.where.map(portableWhere),
  roles: rule.what.roles.map(portableSelector),
  groups: rule.what.groups.map(portableSelector),
  templates: rule.what.templates.map((id) => names.template(id)),
  ...(rule.what.accounts === undefined ? {} : { accounts: [...rule.what.accounts] }),
  ...(rule.what.atEnd === undefined ? {} : { atEnd: [...rule.what.atEnd] }),
  ...(rule.what.tap === undefined ? {} : { tap: rule.what.tap }),
  ...(rule.what.users === undefined ? {} : { users: rule.what.users.map(portableSelector) }),
  ...(rule.what.outsiders === undefined ? {} : { outsiders: rule.what.outsiders }),
  ...(rule.what.breakGlass === undefined ? {} : { breakGlass: rule.what.breakGlass }),
  ...(rule.when === undefined ? {} : { when: portableWindow(rule.when) }),
  ...(rule.effect === 'deny' ? {} : portableDemands(rule.demands, names)),
});

const portableSubject = (subject: Subject, names: Names): PortableItem['rules']['subjects'][number] | undefined => {
  if (subject.kind === 'everyone') return 'everyone';
  if (subject.kind === 'group') return { group: names.group(subject.id) };
  const person = names.person(subject.id);
  return person === undefined ? undefined : { person };
};

const portableWhere = (where: Where): PortableItem['rules']['where'][number] => {
  if (where.kind === 'all') return 'everywhere';
  return where.kind === 'tenant' ? { tenant: where.id } : { organization: where.id };
};

const portableSelector = (
  selector: Selector<string>,
): { name: string; id: string; unit?: { name: string; id: string } } | { pattern: string } => {
  if (selector.kind === 'pattern') return { pattern: selector.pattern };
  const { name, id, unit } = selector;
  return { name, id, ...(unit === undefined ? {} : { unit: { name: unit.name, id: unit.id } }) };
};

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const portableWindow = ({ days, fromMinute, untilMinute, zone }: NonNullable<Rule['when']>) => ({
  days: [...days],
  from: clockOf(fromMinute),
  until: clockOf(untilMinute),
  zone,
});

const portableDemands = (demands: Extract<Rule, { effect: 'allow' }>['demands'], names: Names) => ({
  longest: writeDuration(demands.longestMs),
  ...(demands.ticket === undefined ? {} : { ticket: demands.ticket.pattern ?? true }),
  approvals: demands.quorums.map((quorum) => portableQuorum(quorum, names)),
  selfApproval: demands.selfApproval,
  denials: demands.denials,
  pending: writeDuration(demands.pendingMs),
  passkey: demands.secondFactor,
});

const portableQuorum = ({ group, count, escalation }: Quorum, names: Names) => ({
  group: names.group(group),
  count,
  ...(escalation === undefined
    ? {}
    : { escalation: { after: writeDuration(escalation.afterMs), group: names.group(escalation.group) } }),
});

const channelOf = ({ platform, conversation }: Address): string => `${platform}:${conversation}`;

export const portableSettings = (settings: BotSettings): NonNullable<Portable['settings']> => ({
  approvalChannels: settings.approvalChannels.map(channelOf),
  adminChannels: settings.adminChannels.map(channelOf),
  remindEvery: settings.remindEveryMs === 0 ? 'never' : writeDuration(settings.remindEveryMs),
});
