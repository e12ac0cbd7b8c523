/** Turns what a document says into what it means here: names into ids, people into persons. */
import type { DirectoryGroup, Role } from '../../engine/access.js';
import type { Follow } from '../../engine/follow.js';
import type { Group } from '../../engine/group.js';
import { directoryGroupId, groupId, organizationId, roleId, templateId, tenantId, unitId } from '../../engine/ids.js';
import type { GroupId } from '../../engine/ids.js';
import type { Organization } from '../../engine/organization.js';
import type { Address } from '../../engine/person.js';
import type { Template } from '../../engine/template.js';
import type { Tenant } from '../../engine/tenant.js';
import { FURTHEST_MS } from '../../engine/when.js';
import { LAPSE_MS } from '../../engine/transitions.js';
import { DEFAULT_DURATION_MS } from '../defaults.js';
import { unfitGroup } from '../groups.js';
import type { BotSettings } from '../ports/config.js';
import { unfitTemplate } from '../templates.js';
import { unfitTenant } from '../tenant-settings.js';
import type { Reading } from './reading.js';
import type { Portable, PortableItem } from './schema.js';

export const readOrganization = (
  { person }: Reading,
  { id, name, admins }: PortableItem['organizations'],
): Organization => ({ id: organizationId(id), name, admins: admins.map(person) });

export const readTenant = ({ now, fault, fit, owner, ms }: Reading, one: PortableItem['tenants']): Tenant => {
  const about = `tenant ${one.id}`;
  const directoryId = one.directory.toLowerCase();
  const known = now.tenants.find(({ id }) => id === one.id);
  // What was lent in one directory would be looked for, and found to be gone, in the other.
  if (known !== undefined && known.directoryId !== directoryId) {
    fault(about, 'it stands for another directory here; remove it first, or give this one another id');
  }
  const { longest, roles, groups, accountName, atEnd, accessPass, cloud } = one;
  const { authorised, leaving } = known ?? {};
  const tenant: Tenant = {
    id: tenantId(one.id),
    name: one.name,
    ...owner(about, one.organization),
    directoryId,
    domain: one.domain,
    defaultDurationMs: ms(about, one.default, DEFAULT_DURATION_MS),
    ...(longest === undefined ? {} : { longestDurationMs: ms(about, longest, FURTHEST_MS) }),
    ...(roles === undefined ? {} : { roles: roles.map(readLentRole) }),
    ...(groups === undefined ? {} : { groups: groups.map(readDirectoryGroup) }),
    ...(accountName === undefined ? {} : { namePattern: accountName.toLowerCase() }),
    ...(atEnd === undefined ? {} : { atEnd }),
    ...(accessPass === undefined ? {} : { accessPass }),
    ...(cloud === undefined ? {} : { cloud }),
    // What happened to it is no setting: a document neither brings nor takes it.
    ...(authorised === undefined ? {} : { authorised }),
    ...(leaving === undefined ? {} : { leaving }),
  };
  return fit(about, tenant, unfitTenant);
};

const readLentRole = ({ id, name, unit }: NonNullable<PortableItem['tenants']['roles']>[number]): Role => ({
  id: roleId(id.toLowerCase()),
  name,
  ...(unit === undefined ? {} : { unit: { id: unitId(unit.id.toLowerCase()), name: unit.name } }),
});

const readDirectoryGroup = (group: PortableItem['templates']['groups'][number]): DirectoryGroup => ({
  ...group,
  id: directoryGroupId(group.id.toLowerCase()),
});

export const readGroup = ({ now, groups, owner, person, fit }: Reading, one: PortableItem['groups']): Group => {
  const about = `group ${one.name}`;
  const id = groupId(groups.get(one) ?? one.name);
  const known = now.groups.find((group) => group.id === id);
  const group: Group = {
    ...(known?.followTrouble === undefined ? {} : { followTrouble: known.followTrouble }),
    id,
    name: one.name,
    ...owner(about, one.organization),
    // The list that it follows fills it.
    members: one.follows === undefined ? [...new Set(one.members.map(person))] : (known?.members ?? []),
    ...(one.follows === undefined ? {} : { follows: followIn(one.follows) }),
  };
  return fit(about, group, unfitGroup);
};

const followIn = (one: NonNullable<PortableItem['groups']['follows']>): Follow => {
  if ('slack' in one) return { kind: 'slack', usergroup: one.slack, name: one.name };
  if ('teams' in one) return { kind: 'teams', team: one.teams, name: one.name };
  return { kind: 'entra', directoryId: one.directory, group: one.entra, name: one.name };
};

export const readTemplate = (reading: Reading, one: PortableItem['templates']): Template => {
  const { templates, owner, tenant, ms, groupNamed, fit } = reading;
  const about = `template ${one.name}`;
  const template: Template = {
    id: templateId(templates.get(one) ?? one.name),
    name: one.name,
    ...owner(about, one.organization),
    description: one.description,
    tenants: one.tenants.map((id) => tenant(about, id)),
    roles: one.roles.map(({ id, name }) => ({ id: roleId(id.toLowerCase()), name })),
    groups: one.groups.map(readDirectoryGroup),
    ...(one.duration === undefined ? {} : { durationMs: ms(about, one.duration, DEFAULT_DURATION_MS) }),
    account: one.account,
    ...(one.namePattern === undefined ? {} : { namePattern: one.namePattern }),
    atEnd: one.atEnd,
    tap: one.tap,
    notify: one.notify.map((group): GroupId => groupId(groupNamed(about, group).id)),
    isDefault: one.default,
  };
  return fit(about, template, unfitTemplate);
};

export const readSettings = ({ ms }: Reading, one: NonNullable<Portable['settings']>): BotSettings => ({
  approvalChannels: one.approvalChannels.map(addressOf),
  adminChannels: one.adminChannels.map(addressOf),
  remindEveryMs: one.remindEvery === 'never' ? 0 : ms('settings', one.remindEvery, LAPSE_MS),
});

const addressOf = (channel: string): Address => {
  const [platform, ...rest] = channel.split(':');
  return { platform: platform === 'slack' ? 'slack' : 'teams', conversation: rest.join(':') };
};
