/** What a checklist says of the app itself: whether it gets in, what it was granted, and whom it may change. */
import { APP_PERMISSIONS } from './app-permissions.js';
import type { AppPermission } from './app-permissions.js';
import type { Finding, Look } from './finding.js';
import { blameOf, isPassing } from './faults.js';
import type { Blame, DirectoryFault } from './faults.js';
import { mayUse, USEFUL_ROLES } from './own-rights.js';
import type { Tenant } from './tenant.js';

const WHOSE: Readonly<Record<Blame, string>> = {
  us: "That lies on Latchkey's side",
  rights: "That lies with the tenant's administrators",
  licence: 'That lies with what the tenant has bought',
  throttling: 'That passes by itself',
  outage: 'That lies with Microsoft or the way there',
  input: 'That lies with how the tenant was set up here',
};

export const tokenFinding = ({ tenant, inspection: { token }, ownApp, say }: Look): Finding => {
  if (token.ok) return { check: 'token', state: 'ok', says: 'Latchkey gets into the directory.' };
  const { error } = token;
  return {
    check: 'token',
    state: isPassing(error) ? 'unknown' : 'missing',
    says: `Latchkey does not get into the directory: ${say(error)}. ${WHOSE[blameOf(error)]}.`,
    fix: tokenFix(error, tenant, ownApp),
  };
};

const tokenFix = (fault: DirectoryFault, { id, name }: Tenant, ownApp: boolean): string => {
  switch (fault.code) {
    case 'directory.consent':
      return `An administrator of ${name} lets Latchkey in again, in the Entra admin center: Enterprise applications, Permissions, Grant admin consent.`;
    case 'directory.credential':
      return ownApp
        ? `Make a new secret or certificate in the tenant's app registration, then /jit admin tenant app ${id}`
        : "Renew the credential of Latchkey's own app as in manifests/entra.md, and restart Latchkey.";
    case 'directory.not-found':
      return `Compare the tenant id in the Entra admin center with /jit admin tenant show ${id}`;
    case 'directory.forbidden':
      return `An administrator of ${name} exempts Latchkey from the conditional access policies that bar it.`;
    default:
      return `Wait a little, then /jit admin tenant test ${id}`;
  }
};

/** Of what could not be read: what reading it takes, where that is what is missing. */
export const unread = (
  { tenant: { id }, inspection: { permissions }, say }: Look,
  check: string,
  what: string,
  { fault, takes }: { readonly fault: DirectoryFault; readonly takes?: string },
): Finding => {
  const isMissing = takes !== undefined && (!permissions.ok || !permissions.value.includes(takes));
  const grant = fault.code === 'directory.forbidden' && isMissing ? `Grant ${takes}: ${GRANT}` : undefined;
  return {
    check,
    state: 'unknown',
    says: `${what} could not be read: ${say(fault)}.`,
    fix: grant ?? `Wait a little, then /jit admin tenant test ${id}`,
  };
};

const GRANT = 'Entra admin center, Enterprise applications, Latchkey, Permissions, Grant admin consent.';

export const permissionFindings = (look: Look): readonly Finding[] => {
  const { permissions } = look.inspection;
  if (!permissions.ok) {
    const why = { fault: permissions.error, takes: 'Application.Read.All' };
    return [unread(look, 'permission', 'What Latchkey was granted', why)];
  }
  return APP_PERMISSIONS.map((permission) => permissionFinding(look.tenant, permission, permissions.value));
};

const permissionFinding = (tenant: Tenant, permission: AppPermission, granted: readonly string[]): Finding => {
  const { name, purpose, without } = permission;
  const check = `permission:${name}`;
  if (granted.includes(name)) return { check, state: 'ok', says: `${name} is granted, ${purpose}.` };
  return {
    check,
    state: isNeeded(permission, tenant) ? 'missing' : 'warning',
    says: `${name} is not granted, ${purpose}. ${without}`,
    fix: `Grant it: ${GRANT}`,
  };
};

const isNeeded = ({ feature }: AppPermission, { accessPass }: Tenant): boolean =>
  feature === undefined || (feature === 'access passes' && accessPass !== undefined);

/** Whom the app may change, by the strongest directory role that it holds. */
export const roleFinding = (look: Look): Finding => {
  const { tenant, inspection } = look;
  const { principal } = inspection;
  if (!principal.ok) {
    const why = { fault: principal.error, takes: 'RoleManagement.ReadWrite.Directory' };
    return unread(look, 'role', 'The directory roles of Latchkey', why);
  }
  const held = Object.values(USEFUL_ROLES).find(({ id }) => principal.value.roles.includes(id));
  const found = held === undefined ? NO_ROLE : `Latchkey is ${held.name}: it may change ${held.reach}.`;
  if (held?.enough === true) return { check: 'role', state: 'ok', says: found };
  const granted = inspection.permissions.ok ? inspection.permissions.value : [];
  const itself = `, or /jit admin tenant test ${tenant.id} --take-role user-administrator`;
  return {
    check: 'role',
    state: held === undefined ? 'missing' : 'warning',
    says: found,
    fix: `Entra admin center, Roles and admins, User Administrator, Add assignments: Latchkey${mayUse('own-role', granted) ? itself : ''}`,
  };
};

const NO_ROLE =
  'Latchkey holds no directory role: it may change no password, so that a known account gets no credential and keeps its old one.';
