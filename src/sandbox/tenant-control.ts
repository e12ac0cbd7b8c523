import { z } from 'zod';

import { guid } from './guid.js';
import { membershipId, type Group, type GroupKind, type Tenant, type User } from './model.js';
import { isPermission } from './permissions.js';
import { addUserChange, putPolicy } from './guard-control.js';
import {
  assignRole,
  setPimPolicy,
  changeRoleAssignment,
  putUnit,
  setLicences,
  setPrincipalRoles,
} from './role-control.js';
import { stripRoles } from './role-schedules.js';
import { digest } from './secrets.js';
import { SANDBOX_APP } from './seed.js';
import { consentTo } from './tenant-builder.js';
import { ControlRefusal, groupOf, principalOf, roleOf, userOf } from './tenant-lookup.js';
import { changePolicy } from './access-pass-policy.js';
import { findTenant, isKnownIn, servicePrincipalOf, type World } from './world.js';

/** What a test may do to a tenant behind the bot's back, as the customer's own administrators would. */

const appId = z.string().toLowerCase().default(SANDBOX_APP.clientId);

const Permission = z.string().refine(isPermission, 'not a permission the sandbox knows');

const PermissionsBody = z.strictObject({
  appId,
  grant: z.array(Permission).default([]),
  revoke: z.array(Permission).default([]),
  /** Also in the tokens already issued, which Entra would not do: for tests that cannot wait for a new one. */
  immediately: z.boolean().default(false),
});
const ConsentBody = z.strictObject({ appId, granted: z.boolean() });
const UserBody = z.strictObject({
  userPrincipalName: z.string(),
  displayName: z.string().optional(),
  password: z.string().optional(),
  accountEnabled: z.boolean().optional(),
  roles: z.array(z.string()).default([]),
  groups: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).default({}),
});
const GroupBody = z.strictObject({
  displayName: z.string(),
  kind: z.enum(['security', 'microsoft-365', 'all-users', 'mail-enabled', 'distribution']).default('security'),
  isAssignableToRole: z.boolean().default(false),
  members: z.array(z.string()).default([]),
});
const MembershipBody = z.strictObject({ user: z.string(), group: z.string(), remove: z.boolean().default(false) });
const DomainBody = z.strictObject({
  id: z.string().toLowerCase(),
  isVerified: z.boolean().default(true),
  authenticationType: z.enum(['Managed', 'Federated']).default('Managed'),
});

const changePermissions = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = PermissionsBody.parse(input);
  const principal = principalOf(tenant, body.appId);
  const kept = principal.permissions.filter((name) => !(body.revoke as readonly string[]).includes(name));
  const permissions = [...new Set([...kept, ...body.grant])];
  tenant.servicePrincipals.set(principal.id, { ...principal, permissions });
  if (body.immediately) {
    for (const [value, token] of world.tokens) {
      if (token.tenantId === tenant.id && token.appId === body.appId)
        world.tokens.set(value, { ...token, permissions: new Set(permissions) });
    }
  }
  return { permissions };
};

const changeConsent = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = ConsentBody.parse(input);
  const principal = servicePrincipalOf(tenant, body.appId);
  if (body.granted) {
    const app = world.apps.get(body.appId);
    if (app === undefined || !isKnownIn(app, tenant)) throw new ControlRefusal(`no app ${body.appId} for this tenant`);
    if (principal === undefined) consentTo(tenant, app);
  } else if (principal !== undefined) {
    stripRoles(tenant, principal.id);
    tenant.servicePrincipals.delete(principal.id);
  }
  return { granted: body.granted };
};

/** Adds a user, or changes the one who has the name. */
const putUser = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = UserBody.parse(input);
  const now = world.clock.now().toISOString();
  const before = tenant.users.withKey(body.userPrincipalName.toLowerCase())[0];
  const user: User = {
    id: before?.id ?? guid(world.random),
    userPrincipalName: body.userPrincipalName,
    accountEnabled: body.accountEnabled ?? before?.accountEnabled ?? true,
    password:
      body.password === undefined
        ? (before?.password ?? { digest: '', mustChange: false })
        : { digest: digest(body.password), mustChange: false },
    properties: {
      businessPhones: [],
      createdDateTime: now,
      lastPasswordChangeDateTime: now,
      mailNickname: body.userPrincipalName.split('@')[0],
      signInSessionsValidFromDateTime: now,
      userType: 'Member',
      ...before?.properties,
      displayName: body.displayName ?? before?.properties.displayName ?? body.userPrincipalName,
      ...body.properties,
    },
  };
  tenant.users.set(user.id, user);
  for (const role of body.roles) assignRole(world, tenant, user.id, roleOf(role));
  for (const group of body.groups) join(tenant, groupOf(tenant, group), user);
  return { id: user.id };
};

// Not even the customer's own administrators name the members of a group that has a rule for them.
const join = (tenant: Tenant, group: Group, user: User): void => {
  if (group.kind === 'all-users') throw new ControlRefusal(`the rule of ${group.displayName} names its members`);
  tenant.memberships.set(membershipId(group.id, user.id), { groupId: group.id, memberId: user.id });
};

const MAY_HOLD_ROLES: readonly GroupKind[] = ['security', 'microsoft-365'];

const addGroup = (world: World, tenant: Tenant, input: unknown): unknown => {
  const body = GroupBody.parse(input);
  const members = body.members.map((member) => userOf(tenant, member));
  if (body.isAssignableToRole && !MAY_HOLD_ROLES.includes(body.kind))
    throw new ControlRefusal(`a group of kind ${body.kind} cannot be role-assignable`);
  const group: Group = {
    id: guid(world.random),
    kind: body.kind,
    displayName: body.displayName,
    description: null,
    mailNickname: body.displayName.toLowerCase().replaceAll(' ', '-'),
    isAssignableToRole: body.isAssignableToRole,
    createdDateTime: world.clock.now().toISOString(),
  };
  tenant.groups.set(group.id, group);
  for (const member of members) join(tenant, group, member);
  return { id: group.id };
};

const changeMembership = (_: World, tenant: Tenant, input: unknown): unknown => {
  const body = MembershipBody.parse(input);
  const user = userOf(tenant, body.user);
  const group = groupOf(tenant, body.group);
  if (body.remove) tenant.memberships.delete(membershipId(group.id, user.id));
  else join(tenant, group, user);
  return { ok: true };
};

const putDomain = (_: World, tenant: Tenant, input: unknown): unknown => {
  const body = DomainBody.parse(input);
  const before = tenant.domains.find((domain) => domain.id === body.id);
  const domain = { isInitial: false, isDefault: false, ...before, ...body };
  tenant.domains = [...tenant.domains.filter((each) => each.id !== body.id), domain];
  return domain;
};

const changeAccessPassPolicy = (_: World, tenant: Tenant, input: unknown): unknown => {
  tenant.accessPassPolicy = changePolicy(tenant.accessPassPolicy, input);
  return tenant.accessPassPolicy;
};

const actions: Readonly<Record<string, (world: World, tenant: Tenant, body: unknown) => unknown>> = {
  permissions: changePermissions,
  'service-principal-roles': setPrincipalRoles,
  consent: changeConsent,
  users: putUser,
  groups: addGroup,
  'role-assignments': changeRoleAssignment,
  memberships: changeMembership,
  domains: putDomain,
  'access-pass-policy': changeAccessPassPolicy,
  'administrative-units': putUnit,
  licences: setLicences,
  'pim-policy': setPimPolicy,
  'conditional-access-policies': putPolicy,
  'user-changes': addUserChange,
};

/** `idOrDomain` names the tenant; what cannot be done is a `ControlRefusal`. */
export const changeTenant = (world: World, idOrDomain: string, action: string, body: unknown): unknown => {
  const tenant = findTenant(world, idOrDomain);
  if (tenant === undefined) throw new ControlRefusal(`no tenant ${idOrDomain}`);
  const perform = actions[action];
  if (perform === undefined)
    throw new ControlRefusal(
      `nothing called ${action} can be done to a tenant; known: ${Object.keys(actions).join(', ')}`,
    );
  return perform(world, tenant, body);
};
