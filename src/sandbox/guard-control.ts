import { z } from 'zod';

import { NO_USERS, POLICY_STATES } from './conditional-access.js';
import { guid } from './guid.js';
import type { ConditionalAccessPolicy, Tenant } from './model.js';
import { groupOf, roleOf, userOf } from './tenant-lookup.js';
import type { World } from './world.js';

/** What the customer's own people do about sign-ins and leave in the logs: policies, and changes by hand. */

const names = z.array(z.string()).default([]);

const PolicyBody = z.strictObject({
  displayName: z.string().min(1),
  state: z.enum(POLICY_STATES).default('enabled'),
  /** Users, groups and roles by name or id; users also `All`, `None` and `GuestsOrExternalUsers`. */
  includeUsers: names,
  excludeUsers: names,
  includeGroups: names,
  excludeGroups: names,
  includeRoles: names,
  excludeRoles: names,
});
const ChangeBody = z.strictObject({
  user: z.string(),
  activity: z.string(),
  category: z.string().default('UserManagement'),
  result: z.enum(['success', 'failure']).default('success'),
  /** Who was changed. */
  target: z.string().optional(),
  ipAddress: z.string().default('203.0.113.7'),
});

const WORDS = ['All', 'None', 'GuestsOrExternalUsers'];

/** Adds a conditional access policy, or changes the one that has the name. */
export const putPolicy = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = PolicyBody.parse(input);
  const now = world.clock.now().toISOString();
  const before = tenant.conditionalAccessPolicies.all().find(({ displayName }) => displayName === body.displayName);
  const users = (list: readonly string[]) =>
    list.map((name) => (WORDS.includes(name) ? name : userOf(tenant, name).id));
  const groups = (list: readonly string[]) => list.map((name) => groupOf(tenant, name).id);
  const roles = (list: readonly string[]) => list.map((name) => roleOf(name).id);
  const policy: ConditionalAccessPolicy = {
    id: before?.id ?? guid(world.random),
    displayName: body.displayName,
    state: body.state,
    createdDateTime: before?.createdDateTime ?? now,
    modifiedDateTime: before === undefined ? null : now,
    builtInControls: before?.builtInControls ?? ['mfa'],
    users: {
      ...NO_USERS,
      includeUsers: users(body.includeUsers),
      excludeUsers: users(body.excludeUsers),
      includeGroups: groups(body.includeGroups),
      excludeGroups: groups(body.excludeGroups),
      includeRoles: roles(body.includeRoles),
      excludeRoles: roles(body.excludeRoles),
    },
  };
  tenant.conditionalAccessPolicies.set(policy.id, policy);
  return { id: policy.id };
};

/** A change that a user made in a portal. What it changed is not changed here: only the log has it. */
export const addUserChange = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = ChangeBody.parse(input);
  const user = userOf(tenant, body.user);
  const target = body.target === undefined ? undefined : userOf(tenant, body.target);
  const id = guid(world.random);
  tenant.changeLog.set(id, {
    id,
    at: world.clock.now(),
    activity: body.activity,
    category: body.category,
    result: body.result,
    userId: user.id,
    userPrincipalName: user.userPrincipalName,
    ipAddress: body.ipAddress,
    ...(target === undefined ? {} : { target: { id: target.id, name: target.userPrincipalName } }),
  });
  return { id };
};
