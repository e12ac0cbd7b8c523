import { z } from 'zod';

/**
 * The whole configuration as one portable document: names and ids that people can read and edit, durations as they are
 * typed, people by chat identity. Secrets are no part of it, and neither are requests, accounts or the audit log.
 */
const name = z.string().trim().min(1).max(80);
// What could disguise a text or break its line; the conversation takes it out of what is typed.
const plain = /^[^\p{Cc}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]*$/u;
const PLAIN = 'leave out line breaks, control characters and marks that change the reading direction';
const title = name.regex(plain, PLAIN);
const id = z.string().regex(/^[\w.-]{1,64}$/u, 'letters, digits, dot, dash and underscore only');
const person = z.string().regex(/^(?:slack|teams):[\w-]{2,64}$/u, 'write people as slack:USERID or teams:OBJECTID');
const duration = z.string().min(1).max(30);
const guid = z.guid();
const owner = { organization: id.optional() };

const role = z.strictObject({ name, id: guid });
const unit = z.strictObject({ name: z.string().min(1), id: guid });
const user = z.strictObject({ name: z.string().min(1).max(120), id: guid });
const directoryGroup = z.strictObject({
  name: z.string().min(1),
  id: guid,
  // What nobody has vouched for counts as the worst: no pattern ever grants it.
  roleAssignable: z.boolean().default(true),
});
const pattern = z.strictObject({ pattern: z.string().min(1).max(120) });
const account = z.enum(['dedicated', 'fresh', 'existing']);
const atEnd = z.enum(['keep', 'disable', 'delete']);

const organization = z.strictObject({ id, name: title, admins: z.array(person).default([]) });

const tenant = z.strictObject({
  id,
  name: title,
  ...owner,
  directory: guid,
  domain: z.string().min(3).max(253),
  default: duration,
  longest: duration.optional(),
  roles: z
    .array(role.extend({ unit: z.strictObject({ name: z.string().min(1), id: guid }).optional() }))
    .min(1)
    .optional(),
  groups: z.array(directoryGroup).min(1).optional(),
  accountName: z.string().max(64).optional(),
  atEnd: atEnd.optional(),
  accessPass: z.enum(['once', 'many']).optional(),
  cloud: z.enum(['global', 'usgov', 'usdod', 'china']).optional(),
});

const follows = z.union([
  z.strictObject({ slack: z.string().min(1), name: z.string() }),
  z.strictObject({ teams: z.string().min(1), name: z.string() }),
  z.strictObject({ entra: guid, directory: guid, name: z.string() }),
]);

const group = z.strictObject({
  id: id.optional(),
  name: title,
  ...owner,
  members: z.array(person).default([]),
  follows: follows.optional(),
});

const template = z.strictObject({
  id: id.optional(),
  name: title,
  ...owner,
  description: z.string().max(500).regex(plain, PLAIN).default(''),
  tenants: z.array(id).default([]),
  roles: z.array(role).default([]),
  groups: z.array(directoryGroup).default([]),
  duration: duration.optional(),
  account: account.default('dedicated'),
  namePattern: z.string().max(64).optional(),
  atEnd: atEnd.default('disable'),
  tap: z.boolean().default(false),
  notify: z.array(name).default([]),
  default: z.boolean().default(false),
});

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/u, 'write times as 08:00');

const rule = z.strictObject({
  id: id.optional(),
  name: title,
  ...owner,
  effect: z.enum(['allow', 'deny']).default('allow'),
  subjects: z
    .array(z.union([z.literal('everyone'), z.strictObject({ group: name }), z.strictObject({ person })]))
    .min(1),
  where: z
    .array(z.union([z.literal('everywhere'), z.strictObject({ tenant: id }), z.strictObject({ organization: id })]))
    .min(1),
  roles: z.array(z.union([role.extend({ unit: unit.optional() }), pattern])).default([]),
  groups: z.array(z.union([directoryGroup.omit({ roleAssignable: true }), pattern])).default([]),
  templates: z.array(name).default([]),
  accounts: z.array(account).min(1).optional(),
  atEnd: z.array(atEnd).min(1).optional(),
  tap: z.boolean().optional(),
  users: z.array(z.union([user, pattern])).optional(),
  outsiders: z.boolean().optional(),
  breakGlass: z.literal(true).optional(),
  when: z
    .strictObject({ days: z.array(z.int().min(1).max(7)).min(1), from: clock, until: clock, zone: z.string().min(1) })
    .optional(),
  longest: duration.optional(),
  ticket: z.union([z.boolean(), z.string().min(1).max(200)]).optional(),
  approvals: z
    .array(
      z.strictObject({
        group: name,
        count: z.int().min(1).max(99),
        escalation: z.strictObject({ after: duration, group: name }).optional(),
      }),
    )
    .optional(),
  selfApproval: z.boolean().optional(),
  denials: z.int().min(1).max(99).optional(),
  pending: duration.optional(),
  passkey: z.boolean().optional(),
});

const channel = z
  .string()
  .regex(/^(?:slack|teams):\S{2,200}$/u, 'write channels as slack:CHANNEL or teams:CONVERSATION');

const settings = z.strictObject({
  approvalChannels: z.array(channel).default([]),
  adminChannels: z.array(channel).default([]),
  remindEvery: z.union([duration, z.literal('never')]),
});

export const portableSchema = z.strictObject({
  version: z.literal(1),
  organizations: z.array(organization).default([]),
  tenants: z.array(tenant).default([]),
  groups: z.array(group).default([]),
  templates: z.array(template).default([]),
  rules: z.array(rule).default([]),
  owners: z.array(person).default([]),
  auditors: z.array(person).default([]),
  settings: settings.optional(),
});

export type Portable = z.output<typeof portableSchema>;
export type PortableItem = {
  [K in 'organizations' | 'tenants' | 'groups' | 'templates' | 'rules']: Portable[K][number];
};
