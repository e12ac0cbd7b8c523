import { z } from 'zod';
import { accountId, groupId, personId, requestId, roleId, ruleId, tenantId } from '../engine/ids.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Address, Platform } from '../engine/person.js';
import type { Quorum, Role } from '../engine/tenant.js';
import { wordOf, type FieldsOf } from './document.js';

/** Values that several collections hold. */
const idBy = <T>(brand: (text: string) => T): z.ZodType<T> => z.string().min(1).transform(brand);

export const requestIdSchema = idBy(requestId);
export const personIdSchema = idBy(personId);
export const tenantIdSchema = idBy(tenantId);
export const groupIdSchema = idBy(groupId);
export const ruleIdSchema = idBy(ruleId);
export const accountIdSchema = idBy(accountId);
export const roleIdSchema = idBy(roleId);
export const identityKeySchema = idBy((text) => text as IdentityKey);

export const platformSchema = wordOf<Platform>({ slack: true, teams: true });

export const addressSchema = z.strictObject({
  platform: platformSchema,
  conversation: z.string(),
  serviceUrl: z.string().exactOptional(),
} satisfies FieldsOf<Address>);

export const roleSchema = z.strictObject({ id: roleIdSchema, name: z.string() } satisfies FieldsOf<Role>);

export const quorumSchema = z.strictObject({
  group: groupIdSchema,
  groupName: z.string(),
  count: z.int(),
} satisfies FieldsOf<Quorum>);
