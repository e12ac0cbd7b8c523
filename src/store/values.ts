import { z } from 'zod';
import {
  accountId,
  directoryGroupId,
  directoryUserId,
  groupId,
  organizationId,
  personId,
  requestId,
  roleId,
  ruleId,
  templateId,
  tenantId,
  unitId,
  viewId,
} from '../engine/ids.js';
import type { BreakGlassId, IdentityKey, VaultId } from '../engine/ids.js';
import type { Address, Platform } from '../engine/person.js';
import type { AdministrativeUnit, DirectoryGroup, ExistingUser, FreshUser, Role } from '../engine/access.js';
import type { Verdict } from '../engine/request.js';
import type { Escalation, Quorum } from '../engine/rule.js';
import { wordOf, type FieldsOf } from './document.js';

/** Values that several collections hold. */
const idBy = <T>(brand: (text: string) => T): z.ZodType<T> => z.string().min(1).transform(brand);

export const requestIdSchema = idBy(requestId);
export const personIdSchema = idBy(personId);
export const tenantIdSchema = idBy(tenantId);
export const groupIdSchema = idBy(groupId);
export const ruleIdSchema = idBy(ruleId);
export const organizationIdSchema = idBy(organizationId);
export const templateIdSchema = idBy(templateId);
export const directoryGroupIdSchema = idBy(directoryGroupId);
export const accountIdSchema = idBy(accountId);
export const roleIdSchema = idBy(roleId);
export const directoryUserIdSchema = idBy(directoryUserId);
export const identityKeySchema = idBy((text) => text as IdentityKey);
export const breakGlassIdSchema = idBy((text) => text as BreakGlassId);
export const vaultIdSchema = idBy((text) => text as VaultId);
export const viewIdSchema = idBy(viewId);

export const platformSchema = wordOf<Platform>({ slack: true, teams: true });

export const addressSchema = z.strictObject({
  platform: platformSchema,
  conversation: z.string(),
  serviceUrl: z.string().exactOptional(),
} satisfies FieldsOf<Address>);

export const unitSchema = z.strictObject({
  id: idBy(unitId),
  name: z.string(),
} satisfies FieldsOf<AdministrativeUnit>);

export const directoryGroupSchema = z.strictObject({
  id: directoryGroupIdSchema,
  name: z.string(),
  roleAssignable: z.boolean(),
} satisfies FieldsOf<DirectoryGroup>);

export const existingUserSchema = z.strictObject({
  id: directoryUserIdSchema,
  upn: z.string(),
  name: z.string(),
  origin: wordOf<ExistingUser['origin']>({ cloud: true, synced: true, guest: true }),
} satisfies FieldsOf<ExistingUser>);

export const freshUserSchema = z.strictObject({
  firstName: z.string(),
  lastName: z.string(),
  upn: z.string(),
} satisfies FieldsOf<FreshUser>);

export const roleSchema = z.strictObject({
  id: roleIdSchema,
  name: z.string(),
  privileged: z.boolean().exactOptional(),
  unit: unitSchema.exactOptional(),
} satisfies FieldsOf<Role>);

const escalation = z.strictObject({
  afterMs: z.number(),
  group: groupIdSchema,
  groupName: z.string(),
  at: z.date().exactOptional(),
  lookAt: z.date().exactOptional(),
} satisfies FieldsOf<Escalation>);

export const quorumSchema = z.strictObject({
  group: groupIdSchema,
  groupName: z.string(),
  count: z.int(),
  escalation: escalation.exactOptional(),
} satisfies FieldsOf<Quorum>);

export const verdictSchema = z.strictObject({
  person: personIdSchema,
  name: z.string(),
  at: z.date(),
  on: platformSchema,
  note: z.string().exactOptional(),
  factor: z.literal('passkey').exactOptional(),
} satisfies FieldsOf<Verdict>);
