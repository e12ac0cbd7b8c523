import { z } from 'zod';
import { page, userAnswer } from './answers.js';

/** What a tenant's directory answers about its emergency administrators, what guards them and what they did. */

export const keptUser = userAnswer;

/** What a creation answers; the name shows that it is about the user who was asked for. */
export const madeUser = z.object({ id: z.guid(), userPrincipalName: z.string() });

export const initialDomainPage = page(
  z.object({ id: z.string().min(1), isInitial: z.boolean().nullish(), isVerified: z.boolean() }),
);

const names = z.array(z.string()).nullish();

const policyRow = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  /** `enabled`, `disabled`, or `enabledForReportingButNotEnforced`. */
  state: z.string(),
  conditions: z.object({
    users: z
      .object({
        /** Object ids, or `All`, `None`, `GuestsOrExternalUsers`. */
        includeUsers: names,
        excludeUsers: names,
        includeGroups: names,
        excludeGroups: names,
        /** Template ids. */
        includeRoles: names,
        excludeRoles: names,
      })
      .nullish(),
  }),
});

export type PolicyRow = z.infer<typeof policyRow>;

export const policyAnswer = policyRow;

export const policyPage = page(policyRow);

export const membershipPage = page(z.object({ id: z.guid() }));

export const signInPage = page(
  z.object({
    id: z.string().min(1),
    createdDateTime: z.iso.datetime({ offset: true }),
    userId: z.string(),
    appDisplayName: z.string().nullish(),
    ipAddress: z.string().nullish(),
    location: z.object({ city: z.string().nullish(), countryOrRegion: z.string().nullish() }).nullish(),
    /** `errorCode` 0: the sign-in succeeded. */
    status: z.object({ errorCode: z.number().int().nullish(), failureReason: z.string().nullish() }).nullish(),
  }),
);

export type SignInRow = z.infer<typeof signInPage>['value'][number];

export const auditPage = page(
  z.object({
    id: z.string().min(1),
    activityDateTime: z.iso.datetime({ offset: true }),
    activityDisplayName: z.string().nullish(),
    result: z.string().nullish(),
    initiatedBy: z.object({
      user: z.object({ id: z.string().nullish(), ipAddress: z.string().nullish() }).nullish(),
    }),
    targetResources: z
      .array(z.object({ displayName: z.string().nullish(), userPrincipalName: z.string().nullish() }))
      .nullish(),
  }),
);

export type AuditRow = z.infer<typeof auditPage>['value'][number];
