import { z } from 'zod';
import type { GroupId, RuleId, TenantId } from '../engine/ids.js';
import type { Group, Rule, Tenant } from '../engine/tenant.js';
import { readerOf, type FieldsOf } from './document.js';
import { groupIdSchema, personIdSchema, quorumSchema, roleSchema, ruleIdSchema, tenantIdSchema } from './values.js';

/** Documents of `tenants`, `groups` and `rules`: what they mean, with the id in MongoDB's place. */
export type TenantDocument = Omit<Tenant, 'id'> & { readonly _id: TenantId };

/** `nameKey`: the name as it must be unique. */
export type GroupDocument = Omit<Group, 'id'> & { readonly _id: GroupId; readonly nameKey: string };

export type RuleDocument = Omit<Rule, 'id'> & { readonly _id: RuleId };

const tenantDocument = z.strictObject({
  _id: tenantIdSchema,
  name: z.string(),
  directoryId: z.string(),
  domain: z.string(),
  defaultDurationMs: z.number(),
} satisfies FieldsOf<TenantDocument>);

const groupDocument = z.strictObject({
  _id: groupIdSchema,
  name: z.string(),
  nameKey: z.string(),
  members: z.array(personIdSchema),
} satisfies FieldsOf<GroupDocument>);

const ruleDocument = z.strictObject({
  _id: ruleIdSchema,
  name: z.string(),
  subjects: z.array(groupIdSchema),
  tenants: z.array(tenantIdSchema),
  roles: z.array(roleSchema),
  longestMs: z.number(),
  quorum: quorumSchema.exactOptional(),
} satisfies FieldsOf<RuleDocument>);

const readTenantDocument = readerOf<TenantDocument>('tenants', tenantDocument);
const readGroupDocument = readerOf<GroupDocument>('groups', groupDocument);
const readRuleDocument = readerOf<RuleDocument>('rules', ruleDocument);

export const readTenant = (document: unknown): Tenant => {
  const { _id, ...tenant } = readTenantDocument(document);
  return { id: _id, ...tenant };
};

export const readGroup = (document: unknown): Group => {
  const { _id, nameKey: _nameKey, ...group } = readGroupDocument(document);
  return { id: _id, ...group };
};

export const readRule = (document: unknown): Rule => {
  const { _id, ...rule } = readRuleDocument(document);
  return { id: _id, ...rule };
};
