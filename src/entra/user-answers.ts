import { z } from 'zod';
import { page } from './answers.js';

/** Users and administrative units as lists and searches show them. */

const userRow = z.looseObject({
  id: z.guid(),
  userPrincipalName: z.string().min(1),
  displayName: z.string().nullish(),
  /** `Member` or `Guest`. */
  userType: z.string().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
});

export type UserRow = z.infer<typeof userRow>;

export const foundUser = userRow;

export const foundUserPage = page(userRow);

export const surveyedUserPage = page(userRow.extend({ accountEnabled: z.boolean() }));

const unitRow = z.object({ id: z.guid(), displayName: z.string() });

export const foundUnit = unitRow;

export const unitPage = page(unitRow);
