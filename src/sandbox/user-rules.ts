import type { Tenant, User } from './model.js';
import { badRequest, invalidValue } from './refusal.js';

/** What Entra demands of a user principal name and of a password. */

const LOCAL_PART = /^[A-Za-z0-9'._!#^~-]+$/;
const LONGEST_UPN = 113;
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 48;

/** Refuses a name that Entra would not take; whether it is taken by somebody else is another question. */
export const checkUserPrincipalName = (tenant: Tenant, userPrincipalName: string): void => {
  const at = userPrincipalName.lastIndexOf('@');
  const local = userPrincipalName.slice(0, Math.max(at, 0));
  const domain = userPrincipalName.slice(at + 1).toLowerCase();
  const wellFormed =
    LOCAL_PART.test(local) &&
    !local.endsWith('.') &&
    userPrincipalName.length <= LONGEST_UPN &&
    local.length <= LONGEST_LOCAL_PART &&
    domain.length <= LONGEST_DOMAIN;
  if (!wellFormed) throw invalidValue('userPrincipalName', 'User');
  if (!tenant.domains.some((each) => each.id === domain && each.isVerified))
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
      [{ code: 'InvalidValue', message: 'Not a verified domain.', target: 'userPrincipalName' }],
    );
};

export const checkNotTaken = (tenant: Tenant, userPrincipalName: string, exceptId?: string): void => {
  const holder = tenant.users.withKey(userPrincipalName.toLowerCase())[0];
  if (holder === undefined || holder.id === exceptId) return;
  const message = 'Another object with the same value for property userPrincipalName already exists.';
  throw badRequest(message, [{ code: 'ObjectConflict', message, target: 'userPrincipalName' }]);
};

const CLASSES = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/];
const ASCII = /^[\x20-\x7e]+$/;
const BANNED = ['password', 'passw0rd', 'p@ssword', 'p@ssw0rd', 'qwerty', '12345678', 'letmein'];

const passwordWeakness = (password: string, userPrincipalName: string): string | undefined => {
  if (password.length < 8 || password.length > 256) return 'length';
  if (!ASCII.test(password)) return 'characters';
  if (CLASSES.filter((each) => each.test(password)).length < 3) return 'classes';
  const lower = password.toLowerCase();
  if (BANNED.some((word) => lower.includes(word))) return 'banned';
  const name = userPrincipalName.split('@')[0]?.toLowerCase() ?? '';
  return name.length > 3 && lower.includes(name) ? 'contains the user name' : undefined;
};

export const checkPassword = (password: string, userPrincipalName: string): void => {
  const weakness = passwordWeakness(password, userPrincipalName);
  if (weakness === undefined) return;
  throw badRequest(
    'The specified password does not comply with password complexity requirements. Please provide a different password.',
    [{ code: 'PasswordComplexity', message: `Refused for: ${weakness}.`, target: 'password' }],
  );
};

export const isFederated = (tenant: Tenant, user: Pick<User, 'userPrincipalName'>): boolean => {
  const domain = user.userPrincipalName.split('@')[1]?.toLowerCase();
  return tenant.domains.some((each) => each.id === domain && each.authenticationType === 'Federated');
};

const MASTERED_ON_PREMISES = [
  'businessPhones',
  'department',
  'displayName',
  'givenName',
  'jobTitle',
  'mailNickname',
  'mobilePhone',
  'passwordProfile',
  'surname',
  'userPrincipalName',
];

/** Refuses to change what a synchronized user has from the customer's own Active Directory. */
export const checkMasteredHere = (user: User, body: Readonly<Record<string, unknown>>): void => {
  if (user.properties.onPremisesSyncEnabled !== true) return;
  if (Object.keys(body).some((name) => MASTERED_ON_PREMISES.includes(name)))
    throw badRequest(
      'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.',
    );
};
