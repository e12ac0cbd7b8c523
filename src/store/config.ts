/** What admins set up: organizations, tenants, groups, rules, templates, offices and settings. */
import type { Db } from 'mongodb';
import type { GroupId, OrganizationId, RuleId, TemplateId, TenantId } from '../engine/ids.js';
import type { Group } from '../engine/group.js';
import type { Organization } from '../engine/organization.js';
import { reaches } from '../engine/rule.js';
import type { Rule } from '../engine/rule.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import type { ConfigStore } from '../flows/ports/config.js';
import {
  groupSchema,
  officesSchema,
  organizationSchema,
  ruleSchema,
  settingsSchema,
  templateSchema,
  tenantSchema,
} from './config-document.js';
import { keysConcerning, keysOfRule, referencesOfRule } from './rule-keys.js';
import { documentOf, openShelf } from './shelf.js';
import type { ShelfDocument, ShelfOptions } from './shelf.js';
import { openSingle } from './single.js';

const NO_OFFICES = { owners: [], dismissed: [], auditors: [] };

/** Reminders an hour apart reach a busy approver several times before a request lapses. */
const NO_SETTINGS = { approvalChannels: [], adminChannels: [], remindEveryMs: 3_600_000 };

export const createConfigStore = (db: Db): ConfigStore => ({
  organizations: organizations(db),
  tenants: openShelf<Tenant, TenantId>(db, { collection: 'tenants', schema: tenantSchema, uses: () => [] }).shelf,
  groups: groups(db),
  rules: rules(db),
  templates: openShelf<Template, TemplateId>(db, {
    collection: 'templates',
    schema: templateSchema,
    uses: ({ tenants, notify }) => [
      ...tenants.map((id) => ({ kind: 'tenant' as const, id })),
      ...notify.map((id) => ({ kind: 'group' as const, id })),
    ],
  }).shelf,
  offices: openSingle(db, 'offices', officesSchema, NO_OFFICES),
  settings: openSingle(db, 'settings', settingsSchema, NO_SETTINGS),
});

const organizations = (db: Db): ConfigStore['organizations'] => {
  const { shelf, find } = openShelf<Organization, OrganizationId>(db, {
    collection: 'organizations',
    schema: organizationSchema,
    uses: ({ admins }) => admins.map((id) => ({ kind: 'person', id })),
  });
  return { ...shelf, administeredBy: (people) => find({ uses: { $in: people.map((id) => `person:${id}`) } }) };
};

const groups = (db: Db): ConfigStore['groups'] => {
  const { shelf, find, change } = openShelf<Group, GroupId>(db, {
    collection: 'groups',
    schema: groupSchema,
    uses: ({ members }) => members.map((id) => ({ kind: 'person', id })),
  });
  return {
    ...shelf,
    ofPeople: (people) => find({ uses: { $in: people.map((id) => `person:${id}`) } }),
    addMembers: (id, people) =>
      change(id, (group) => ({ ...group, members: [...new Set([...group.members, ...people])] })),
    removeMembers: (id, people) =>
      change(id, (group) => ({ ...group, members: group.members.filter((member) => !people.includes(member)) })),
  };
};

const RULES: ShelfOptions<Rule> = {
  collection: 'rules',
  schema: ruleSchema,
  uses: referencesOfRule,
  keys: keysOfRule,
};

/** A rule as it is stored, for whoever stores many at once. */
export const documentOfRule = (rule: Rule): ShelfDocument<Rule> => documentOf(RULES, rule);

const rules = (db: Db): ConfigStore['rules'] => {
  const { shelf, find } = openShelf<Rule, RuleId>(db, RULES);
  return {
    ...shelf,
    concerning: async (subjects, tenant) => {
      const found = await find({ keys: { $in: keysConcerning(subjects, tenant) } });
      // A key does not say whose rule it is, and a tenant may have come to another organization since.
      return tenant === undefined ? found : found.filter((rule) => reaches(rule, tenant));
    },
  };
};
