/** What admins set up: tenants, groups and entitlement rules. */
import type { Collection, Db, Filter } from 'mongodb';
import type { GroupId, PersonId, TenantId } from '../engine/ids.js';
import type { Group, Rule, Tenant } from '../engine/tenant.js';
import type { ConfigStore } from '../flows/ports.js';
import { BOUNDED, insertUnlessTaken, type Named, openCollection, removeOne } from './collection.js';
import {
  type GroupDocument,
  readGroup,
  readRule,
  readTenant,
  type RuleDocument,
  type TenantDocument,
} from './config-document.js';
import { retrying } from './retry.js';

type Tenants = Pick<ConfigStore, 'tenants' | 'tenant' | 'addTenant' | 'removeTenant'>;
type Rules = Pick<ConfigStore, 'rules' | 'rulesFor' | 'addRule' | 'removeRule'>;
type Groups = Omit<ConfigStore, keyof Tenants | keyof Rules>;

export const createConfigStore = (db: Db): ConfigStore => ({
  ...createTenants(openCollection<TenantDocument>(db, 'tenants')),
  ...createGroups(openCollection<GroupDocument>(db, 'groups')),
  ...createRules(openCollection<RuleDocument>(db, 'rules')),
});

const createTenants = (tenants: Collection<TenantDocument>): Tenants => ({
  tenants: () => find(tenants, {}, readTenant),
  tenant: async (id) => (await find(tenants, { _id: id }, readTenant))[0],
  addTenant: ({ id, ...tenant }) => insertUnlessTaken(tenants, { _id: id, ...tenant }),
  removeTenant: (id) => removeOne(tenants, id),
});

const createGroups = (groups: Collection<GroupDocument>): Groups => ({
  groups: () => find(groups, {}, readGroup),
  groupsByIds: (ids) => find(groups, { _id: { $in: ids } }, readGroup),
  groupsOf: (people) => find(groups, { members: { $in: people } }, readGroup),
  addGroup: ({ id, ...group }) =>
    insertUnlessTaken(groups, { _id: id, ...group, nameKey: group.name.trim().toLowerCase() }),
  addMembers: (id, people) => addMembers(groups, id, people),
  removeMembers: (id, people) => removeMembers(groups, id, people),
  removeGroup: (id) => removeOne(groups, id),
});

const createRules = (rules: Collection<RuleDocument>): Rules => ({
  rules: () => find(rules, {}, readRule),
  rulesFor: (groups, tenant) => rulesFor(rules, groups, tenant),
  addRule: ({ id, ...rule }) => insertUnlessTaken(rules, { _id: id, ...rule }),
  removeRule: (id) => removeOne(rules, id),
});

/** Sorted by name, as people read them. */
const find = async <T extends Named & { readonly name: string }, U extends Tenant | Group | Rule>(
  collection: Collection<T>,
  filter: Filter<T>,
  read: (document: unknown) => U,
): Promise<readonly U[]> =>
  await retrying(async () => {
    const found = await collection.find(filter, BOUNDED).toArray();
    return found.map((document) => read(document)).toSorted((one, other) => one.name.localeCompare(other.name));
  });

const rulesFor = async (
  rules: Collection<RuleDocument>,
  groups: readonly GroupId[],
  tenant: TenantId | undefined,
): Promise<readonly Rule[]> =>
  await find(rules, { subjects: { $in: groups }, ...(tenant === undefined ? {} : { tenants: tenant }) }, readRule);

const addMembers = async (
  groups: Collection<GroupDocument>,
  id: GroupId,
  people: readonly PersonId[],
): Promise<void> => {
  await retrying(() => groups.updateOne({ _id: id }, { $addToSet: { members: { $each: [...people] } } }, BOUNDED));
};

const removeMembers = async (
  groups: Collection<GroupDocument>,
  id: GroupId,
  people: readonly PersonId[],
): Promise<void> => {
  await retrying(() => groups.updateOne({ _id: id }, { $pullAll: { members: [...people] } }, BOUNDED));
};
