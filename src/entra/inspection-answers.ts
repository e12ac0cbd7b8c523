import { z } from 'zod';
import { page } from './answers.js';

/** What a tenant's directory says about its policies, its licences, and the app itself. */

const minutes = z.number().int().positive();

const target = z.object({
  /** A group's object id, or `all_users`. */
  id: z.string(),
});

export const passPolicyAnswer = z
  .object({
    state: z.enum(['enabled', 'disabled']),
    isUsableOnce: z.boolean(),
    minimumLifetimeInMinutes: minutes,
    maximumLifetimeInMinutes: minutes,
    includeTargets: z.array(target).nullish(),
    excludeTargets: z.array(target).nullish(),
  })
  .refine((policy) => policy.minimumLifetimeInMinutes <= policy.maximumLifetimeInMinutes);

export const licencePage = page(
  z.object({
    /** `Enabled`, or one of several ways of having run out. */
    capabilityStatus: z.string(),
    servicePlans: z.array(
      z.object({
        servicePlanId: z.guid(),
        /** `Success` once it is in effect. */
        provisioningStatus: z.string(),
      }),
    ),
  }),
);

export const principalAnswer = z.object({ id: z.guid(), appId: z.guid() });

/** A service principal whose permissions others may be granted. */
export const resourceAnswer = z.object({
  id: z.guid(),
  appRoles: z.array(z.object({ id: z.guid(), value: z.string().nullable() })),
});

export const grantPage = page(z.object({ principalId: z.guid(), resourceId: z.guid(), appRoleId: z.guid() }));

export const roleGroupPage = page(z.object({ id: z.guid(), isAssignableToRole: z.boolean().nullish() }));

const listedCredential = z.object({
  keyId: z.guid().nullish(),
  displayName: z.string().nullish(),
  endDateTime: z.iso.datetime({ offset: true }),
});

export const appCredentialsAnswer = z.object({
  appId: z.guid(),
  passwordCredentials: z.array(listedCredential),
  keyCredentials: z.array(listedCredential),
});

export const extensionPage = page(z.object({ name: z.string(), targetObjects: z.array(z.string()) }));
