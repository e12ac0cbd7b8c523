import { z } from 'zod';

/** The shapes of every answer that is read. What does not fit is not guessed at. */

export const graphError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().optional(),
    details: z.array(z.object({ code: z.string().optional(), target: z.string().optional() })).optional(),
    innerError: z.object({ 'request-id': z.string().optional() }).optional(),
  }),
});

export const batchAnswer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number().int().min(100).max(599),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    }),
  ),
});

export const page = <Row extends z.ZodType>(row: Row) =>
  z.object({ value: z.array(row), '@odata.nextLink': z.string().optional() });

export const userAnswer = z.looseObject({
  id: z.guid(),
  userPrincipalName: z.string(),
  accountEnabled: z.boolean(),
  /** `Member` or `Guest`. */
  userType: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
});

export const createdUser = z.object({ id: z.guid() });

export const createdAssignment = z.object({ id: z.string().min(1) });

/** What PIM answers to a request; `status` says whether it is done. */
export const createdSchedule = z.object({ status: z.string(), targetScheduleId: z.string().min(1) });

export const createdPass = z.object({
  id: z.string().min(1),
  temporaryAccessPass: z.string().min(1),
  startDateTime: z.iso.datetime({ offset: true }),
  lifetimeInMinutes: z.int().positive(),
});

export const passPage = page(z.object({ id: z.string().min(1) }));

export const schedulePage = page(
  z.object({
    id: z.string().min(1),
    principalId: z.guid(),
    roleDefinitionId: z.guid(),
    directoryScopeId: z.string().nullable(),
    /** `Direct`, or through a group. */
    memberType: z.string().nullish(),
    scheduleInfo: z
      .object({
        expiration: z
          .object({ type: z.string().nullish(), endDateTime: z.iso.datetime({ offset: true }).nullish() })
          .nullish(),
      })
      .nullish(),
  }),
);

export const assignmentPage = page(
  z.object({
    id: z.string().min(1),
    principalId: z.guid(),
    roleDefinitionId: z.guid(),
    /** `/`, or an administrative unit or app to which the role is confined; null for scopes of an app's own. */
    directoryScopeId: z.string().nullable(),
  }),
);

// Graph leaves out, or answers null for, whatever it may not tell of a group.
const groupRow = z.object({
  id: z.guid(),
  /** `Unified`: a Microsoft 365 group. `DynamicMembership`: a rule names its members. */
  groupTypes: z.array(z.string()).nullish(),
  mailEnabled: z.boolean().nullish(),
  isAssignableToRole: z.boolean().nullish(),
});

export type GroupRow = z.infer<typeof groupRow>;

export const groupPage = page(groupRow);

export const listedGroupPage = page(
  groupRow.extend({ displayName: z.string(), onPremisesSyncEnabled: z.boolean().nullish() }),
);

export const rolePage = page(
  z.object({
    id: z.guid(),
    displayName: z.string(),
    isEnabled: z.boolean().nullish(),
    isBuiltIn: z.boolean().nullish(),
    /** In v1.0 only some tenants answer with it. */
    isPrivileged: z.boolean().nullish(),
  }),
);

export const organizationPage = page(z.object({ id: z.guid(), displayName: z.string() }));

export const domainPage = page(
  z.object({
    id: z.string().min(1),
    isVerified: z.boolean(),
    authenticationType: z.string(),
  }),
);

export const groupNamePage = page(z.object({ id: z.guid(), displayName: z.string() }));

export const memberPage = page(
  z.object({
    id: z.guid(),
    displayName: z.string().nullish(),
    mail: z.string().nullish(),
    userPrincipalName: z.string().nullish(),
    accountEnabled: z.boolean().nullish(),
  }),
);

export const standingAnswer = z.object({ id: z.guid(), accountEnabled: z.boolean() });
