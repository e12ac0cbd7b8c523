import { guid } from './guid.js';
import { groupsOf } from './memberships.js';
import type { Tenant, User } from './model.js';
import { rolesHeldBy } from './privilege.js';
import { roleById } from './role-catalog.js';
import { matches } from './secrets.js';
import { usabilityOf, type Usability } from './temporary-access-pass.js';
import type { World } from './world.js';

/** "Can this user sign in with this now, and as what?" */

export interface SignInAttempt {
  readonly upn: string;
  readonly password?: string | undefined;
  readonly accessPass?: string | undefined;
  /** What is signed in to; default: the Azure portal. */
  readonly app?: string | undefined;
  readonly ipAddress?: string | undefined;
}

export type SignInReason =
  | 'unknown_user'
  | 'disabled'
  | 'wrong_password'
  | 'no_access_pass'
  | 'wrong_access_pass'
  | 'expired_access_pass'
  | 'access_pass_not_yet_valid'
  | 'access_pass_already_used'
  | 'access_pass_disabled_by_policy';

export interface SignInResult {
  readonly ok: boolean;
  readonly reason?: SignInReason;
  /** Display names, sorted; empty unless `ok`. */
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** The password is right, but has to be changed before anything else. */
  readonly mustChangePassword?: boolean;
}

const UNUSABLE: Readonly<Record<Exclude<Usability, 'EnabledByPolicy'>, SignInReason>> = {
  DisabledByPolicy: 'access_pass_disabled_by_policy',
  Expired: 'expired_access_pass',
  NotYetValid: 'access_pass_not_yet_valid',
  OneTimeUsed: 'access_pass_already_used',
};

const checkAccessPass = (world: World, tenant: Tenant, user: User, value: string): SignInReason | undefined => {
  const pass = tenant.accessPasses.withKey(user.id)[0];
  if (pass === undefined) return 'no_access_pass';
  if (!matches(value, pass.digest)) return 'wrong_access_pass';
  const usability = usabilityOf(tenant, pass, world.clock.now());
  return usability === 'EnabledByPolicy' ? undefined : UNUSABLE[usability];
};

// By a sign-in that succeeds: one that a disabled account is refused costs nothing.
const useUp = (tenant: Tenant, user: User): void => {
  for (const pass of tenant.accessPasses.withKey(user.id)) tenant.accessPasses.set(pass.id, { ...pass, used: true });
};

const checkCredential = (
  world: World,
  tenant: Tenant,
  user: User,
  { password, accessPass }: SignInAttempt,
): SignInReason | undefined => {
  if (accessPass !== undefined) return checkAccessPass(world, tenant, user, accessPass);
  return password !== undefined && matches(password, user.password.digest) ? undefined : 'wrong_password';
};

const locate = (world: World, upn: string): { tenant: Tenant; user: User } | undefined => {
  for (const tenant of world.tenants.values()) {
    const user = tenant.users.withKey(upn.toLowerCase())[0];
    if (user !== undefined) return { tenant, user };
  }
  return undefined;
};

const refuse = (reason: SignInReason): SignInResult => ({ ok: false, reason, roles: [], groups: [] });

const decide = (world: World, attempt: SignInAttempt): SignInResult => {
  const found = locate(world, attempt.upn);
  if (found === undefined) return refuse('unknown_user');
  const { tenant, user } = found;
  // The credential first, as Entra does: whoever does not know it learns nothing about the account.
  const reason = checkCredential(world, tenant, user, attempt) ?? (user.accountEnabled ? undefined : 'disabled');
  if (reason !== undefined) return refuse(reason);
  if (attempt.accessPass !== undefined) useUp(tenant, user);
  return {
    ok: true,
    roles: [...rolesHeldBy(tenant, user.id)].map((id) => roleById(id)?.displayName ?? id).toSorted(),
    groups: groupsOf(tenant, user.id)
      .map(({ displayName }) => displayName)
      .toSorted(),
    ...(attempt.accessPass === undefined && user.password.mustChange ? { mustChangePassword: true } : {}),
  };
};

// learn.microsoft.com: "Microsoft Entra authentication and authorization error codes".
const ERROR_CODES: Readonly<Record<Exclude<SignInReason, 'unknown_user'>, number>> = {
  disabled: 50057,
  wrong_password: 50126,
  no_access_pass: 130503,
  wrong_access_pass: 130503,
  expired_access_pass: 130504,
  access_pass_not_yet_valid: 130502,
  access_pass_already_used: 130505,
  access_pass_disabled_by_policy: 130501,
};

/** Of a user whom nobody knows, no tenant keeps a record. */
const keepRecord = (world: World, { upn, app, ipAddress }: SignInAttempt, { reason }: SignInResult): void => {
  const found = locate(world, upn);
  if (found === undefined || reason === 'unknown_user') return;
  const { tenant, user } = found;
  const id = guid(world.random);
  tenant.signInLog.set(id, {
    id,
    at: world.clock.now(),
    userId: user.id,
    userPrincipalName: user.userPrincipalName,
    app: app ?? 'Azure Portal',
    ipAddress: ipAddress ?? '203.0.113.7',
    errorCode: reason === undefined ? 0 : ERROR_CODES[reason],
  });
};

export const signIn = (world: World, attempt: SignInAttempt): SignInResult => {
  const result = decide(world, attempt);
  keepRecord(world, attempt, result);
  world.signIns.push({
    at: world.clock.now().toISOString(),
    tenantId: locate(world, attempt.upn)?.tenant.id ?? null,
    userPrincipalName: attempt.upn,
    method: attempt.accessPass === undefined ? 'password' : 'accessPass',
    ok: result.ok,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
  });
  return result;
};
