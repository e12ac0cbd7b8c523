import { z } from 'zod';
import type { AccountKind, ExpirationAction } from '../engine/access.js';
import type { Follow, FollowTrouble } from '../engine/follow.js';
import type { Group } from '../engine/group.js';
import type { Organization } from '../engine/organization.js';
import type { Demands, Rule, Selector, Subject, What, Where } from '../engine/rule.js';
import type { Template } from '../engine/template.js';
import type { Cloud, Tenant } from '../engine/tenant.js';
import type { BotSettings, Offices } from '../flows/ports/config.js';
import { wordOf, type FieldsOf } from './document.js';
import {
  addressSchema,
  directoryGroupIdSchema,
  directoryGroupSchema,
  directoryUserIdSchema,
  groupIdSchema,
  identityKeySchema,
  organizationIdSchema,
  personIdSchema,
  quorumSchema,
  roleIdSchema,
  roleSchema,
  ruleIdSchema,
  templateIdSchema,
  tenantIdSchema,
  unitSchema,
} from './values.js';

/** What admins set up, as it is stored. Everything here is read strictly; see `FieldsOf`. */

export const accountKindSchema = wordOf<AccountKind>({ dedicated: true, fresh: true, existing: true });

export const expirationActionSchema = wordOf<ExpirationAction>({ keep: true, disable: true, delete: true });

export const organizationSchema = z.strictObject({
  id: organizationIdSchema,
  name: z.string(),
  admins: z.array(personIdSchema),
} satisfies FieldsOf<Organization>);

export const cloudSchema = wordOf<Cloud>({ global: true, usgov: true, usdod: true, china: true });

export const tenantSchema = z.strictObject({
  id: tenantIdSchema,
  name: z.string(),
  organization: organizationIdSchema.exactOptional(),
  directoryId: z.string(),
  domain: z.string(),
  defaultDurationMs: z.number(),
  longestDurationMs: z.number().exactOptional(),
  roles: z.array(roleSchema).exactOptional(),
  groups: z.array(directoryGroupSchema).exactOptional(),
  namePattern: z.string().exactOptional(),
  atEnd: expirationActionSchema.exactOptional(),
  accessPass: wordOf<NonNullable<Tenant['accessPass']>>({ once: true, many: true }).exactOptional(),
  cloud: cloudSchema.exactOptional(),
  authorised: z.strictObject({ name: z.string(), upn: z.string(), at: z.date() }).exactOptional(),
  leaving: z.strictObject({ by: z.string(), at: z.date() }).exactOptional(),
} satisfies FieldsOf<Tenant>);

const follow: z.ZodType<Follow> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slack'), usergroup: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('teams'), team: z.string(), name: z.string() }),
  z.strictObject({ kind: z.literal('entra'), directoryId: z.string(), group: z.string(), name: z.string() }),
]);

const followTrouble = z.strictObject({ since: z.date(), clause: z.string() } satisfies FieldsOf<FollowTrouble>);

export const groupSchema = z.strictObject({
  id: groupIdSchema,
  name: z.string(),
  organization: organizationIdSchema.exactOptional(),
  members: z.array(personIdSchema),
  follows: follow.exactOptional(),
  followTrouble: followTrouble.exactOptional(),
} satisfies FieldsOf<Group>);

const subject: z.ZodType<Subject> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('everyone') }),
  z.strictObject({ kind: z.literal('group'), id: groupIdSchema }),
  z.strictObject({ kind: z.literal('person'), id: personIdSchema }),
]);

const where: z.ZodType<Where> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('organization'), id: organizationIdSchema }),
  z.strictObject({ kind: z.literal('tenant'), id: tenantIdSchema }),
]);

const selectorOf = <Id extends string>(id: z.ZodType<Id>): z.ZodType<Selector<Id>> =>
  z.union([
    z.strictObject({ kind: z.literal('one'), id, name: z.string(), unit: unitSchema.exactOptional() }),
    z.strictObject({ kind: z.literal('pattern'), pattern: z.string() }),
  ]);

const what = z.strictObject({
  roles: z.array(selectorOf(roleIdSchema)),
  groups: z.array(selectorOf(directoryGroupIdSchema)),
  templates: z.array(templateIdSchema),
  accounts: z.array(accountKindSchema).exactOptional(),
  atEnd: z.array(expirationActionSchema).exactOptional(),
  tap: z.boolean().exactOptional(),
  users: z.array(selectorOf(directoryUserIdSchema)).exactOptional(),
  outsiders: z.boolean().exactOptional(),
  breakGlass: z.literal(true).exactOptional(),
} satisfies FieldsOf<What>);

const demands = z.strictObject({
  longestMs: z.number(),
  ticket: z.strictObject({ pattern: z.string().exactOptional() }).exactOptional(),
  quorums: z.array(quorumSchema),
  selfApproval: z.boolean(),
  denials: z.int(),
  pendingMs: z.number(),
  secondFactor: z.boolean(),
} satisfies FieldsOf<Demands>);

const ruleHead = {
  id: ruleIdSchema,
  name: z.string(),
  organization: organizationIdSchema.exactOptional(),
  subjects: z.array(subject),
  where: z.array(where),
  what,
  when: z
    .strictObject({ days: z.array(z.int()), fromMinute: z.int(), untilMinute: z.int(), zone: z.string() })
    .exactOptional(),
};

export const ruleSchema: z.ZodType<Rule> = z.discriminatedUnion('effect', [
  z.strictObject({ ...ruleHead, effect: z.literal('allow'), demands }),
  z.strictObject({ ...ruleHead, effect: z.literal('deny') }),
]);

export const templateSchema = z.strictObject({
  id: templateIdSchema,
  name: z.string(),
  organization: organizationIdSchema.exactOptional(),
  description: z.string(),
  tenants: z.array(tenantIdSchema),
  roles: z.array(roleSchema),
  groups: z.array(directoryGroupSchema),
  durationMs: z.number().exactOptional(),
  account: accountKindSchema,
  namePattern: z.string().exactOptional(),
  atEnd: expirationActionSchema,
  tap: z.boolean(),
  notify: z.array(groupIdSchema),
  isDefault: z.boolean(),
} satisfies FieldsOf<Template>);

export const officesSchema = z.strictObject({
  owners: z.array(personIdSchema),
  dismissed: z.array(identityKeySchema),
  auditors: z.array(personIdSchema),
} satisfies FieldsOf<Offices>);

export const settingsSchema = z.strictObject({
  approvalChannels: z.array(addressSchema),
  adminChannels: z.array(addressSchema),
  remindEveryMs: z.number(),
} satisfies FieldsOf<BotSettings>);
