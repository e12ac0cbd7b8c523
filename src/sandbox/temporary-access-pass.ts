import { MINUTE } from '../lib/clock.js';
import type { Random } from '../lib/random.js';
import {
  created,
  noContent,
  okay,
  param,
  withContext,
  type GraphAnswer,
  type GraphCall,
  type Route,
} from './graph-call.js';
import { accessPassPolicyRoutes, allows } from './access-pass-policy.js';
import { guid } from './guid.js';
import type { AccessPass, AccessPassPolicy, Tenant, User } from './model.js';
import { checkOptions, type Row } from './odata.js';
import { page } from './page.js';
import type { AnyOf } from './permissions.js';
import { requireRank } from './privilege.js';
import { readBody, type Shape } from './properties.js';
import { GraphRefusal, notFound } from './refusal.js';
import { digest } from './secrets.js';
import { findUser } from './users.js';

/** Temporary Access Passes: one per user, within the tenant's policy, the value shown once. */

const READ_PASSES: AnyOf = [
  'UserAuthMethod-TAP.ReadWrite.All',
  'UserAuthenticationMethod.Read.All',
  'UserAuthenticationMethod.ReadWrite.All',
];
const WRITE_PASSES: AnyOf = ['UserAuthMethod-TAP.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All'];
const refused = (message: string): GraphRefusal => new GraphRefusal(400, 'badRequest', message);

export type Usability = 'EnabledByPolicy' | 'DisabledByPolicy' | 'Expired' | 'NotYetValid' | 'OneTimeUsed';

export const usabilityOf = (tenant: Tenant, pass: AccessPass, now: Date): Usability => {
  if (!allows(tenant, pass.userId) || (tenant.accessPassPolicy.isUsableOnce && !pass.isUsableOnce))
    return 'DisabledByPolicy';
  if (pass.isUsableOnce && pass.used) return 'OneTimeUsed';
  if (now < pass.startsAt) return 'NotYetValid';
  return now.getTime() < pass.startsAt.getTime() + pass.lifetimeInMinutes * MINUTE ? 'EnabledByPolicy' : 'Expired';
};

const passRow = (tenant: Tenant, pass: AccessPass, now: Date, value: string | null): Row => {
  const reason = usabilityOf(tenant, pass, now);
  return {
    id: pass.id,
    isUsable: reason === 'EnabledByPolicy',
    methodUsabilityReason: reason,
    temporaryAccessPass: value,
    createdDateTime: pass.createdAt.toISOString(),
    startDateTime: pass.startsAt.toISOString(),
    lifetimeInMinutes: pass.lifetimeInMinutes,
    isUsableOnce: pass.isUsableOnce,
  };
};

// Whom another tenant vouches for. Guests of this tenant's own making are users like others here.
const isExternalGuest = ({ userPrincipalName, properties }: User): boolean =>
  properties.userType === 'Guest' && /#EXT#@/i.test(userPrincipalName);

const readStart = (text: unknown, now: Date): Date => {
  const start = typeof text === 'string' ? new Date(text) : now;
  if (start < now) throw refused('Invalid StartDateTime specified. It must not be in the past.');
  return start;
};

const passShape: Shape = {
  startDateTime: { type: 'dateTime', nullable: true },
  lifetimeInMinutes: { type: 'integer', nullable: true },
  isUsableOnce: { type: 'boolean', nullable: true },
};

const checkLifetime = (policy: AccessPassPolicy, lifetime: number): void => {
  const { minimumLifetimeInMinutes: low, maximumLifetimeInMinutes: high } = policy;
  if (lifetime < low || lifetime > high)
    throw refused(`Invalid LifetimeInMinutes specified. The valid range between ${low} and ${high}.`);
};

// Letters and digits that nobody confuses, with the symbols that Entra uses too.
const PASS_ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789*+@#$%&=';

const newPass = (random: Random, length: number): string =>
  Array.from({ length }, () => PASS_ALPHABET[random.below(PASS_ALPHABET.length)]).join('');

const create = (call: GraphCall): GraphAnswer => {
  const { tenant, world, now } = call;
  const policy = tenant.accessPassPolicy;
  const body = readBody(call.body, passShape, 'temporaryAccessPassAuthenticationMethod');
  const user = findUser(tenant, param(call, 'user'), call.aimAt);
  requireRank(tenant, call.caller, user.id);
  if (isExternalGuest(user)) throw refused('Temporary Access Pass cannot be added to an external guest user.');
  if (!allows(tenant, user.id)) throw refused('Temporary Access Pass is not enabled for the user by policy.');
  const lifetimeInMinutes = Number(body.lifetimeInMinutes ?? policy.defaultLifetimeInMinutes);
  checkLifetime(policy, lifetimeInMinutes);
  if (policy.isUsableOnce && body.isUsableOnce === false) throw refused('The policy allows one-time passes only.');

  const value = newPass(world.random, policy.defaultLength);
  const pass: AccessPass = {
    id: guid(world.random),
    userId: user.id,
    digest: digest(value),
    createdAt: now,
    startsAt: readStart(body.startDateTime, now),
    lifetimeInMinutes,
    isUsableOnce: body.isUsableOnce === true || policy.isUsableOnce,
    used: false,
  };
  for (const earlier of tenant.accessPasses.withKey(user.id)) tenant.accessPasses.delete(earlier.id);
  tenant.accessPasses.set(pass.id, pass);
  return created(
    withContext('users/authentication/temporaryAccessPassMethods/$entity', passRow(tenant, pass, now, value)),
  );
};

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$top', '$skiptoken']);
  const user = findUser(call.tenant, param(call, 'user'), call.readAt);
  const passes = call.tenant.accessPasses.withKey(user.id, call.readAt);
  return page(call, 'users/authentication/temporaryAccessPassMethods', passes, (pass) =>
    passRow(call.tenant, pass, call.now, null),
  );
};

const findPass = (call: GraphCall, at: number | undefined): AccessPass => {
  const user = findUser(call.tenant, param(call, 'user'), at);
  const pass = call.tenant.accessPasses.get(param(call, 'pass').toLowerCase(), at);
  if (pass?.userId !== user.id) throw notFound(param(call, 'pass'));
  return pass;
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, []);
  const pass = findPass(call, call.readAt);
  return okay(
    withContext('users/authentication/temporaryAccessPassMethods/$entity', passRow(call.tenant, pass, call.now, null)),
  );
};

const remove = (call: GraphCall): GraphAnswer => {
  const pass = findPass(call, call.aimAt);
  requireRank(call.tenant, call.caller, pass.userId);
  call.tenant.accessPasses.delete(pass.id);
  return noContent;
};

const PASSES = '/users/{user}/authentication/temporaryAccessPassMethods';

export const accessPassRoutes: readonly Route[] = [
  { method: 'POST', path: PASSES, needs: [WRITE_PASSES], handle: create },
  { method: 'GET', path: PASSES, needs: [READ_PASSES], handle: list },
  { method: 'GET', path: `${PASSES}/{pass}`, needs: [READ_PASSES], handle: read },
  { method: 'DELETE', path: `${PASSES}/{pass}`, needs: [WRITE_PASSES], handle: remove },
  ...accessPassPolicyRoutes,
];
