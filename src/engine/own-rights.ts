import { roleId } from './ids.js';
import type { RoleId } from './ids.js';

/** What the app's own rights let it do (learn.microsoft.com: "Who can reset passwords", "permissions reference"). */

const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = roleId('7be44c8a-adaf-4e2a-84d6-ab2649e08a13');
const GLOBAL_ADMINISTRATOR = roleId('62e90394-69f5-4237-9190-012177145e10');
const USER_ADMINISTRATOR = roleId('fe930be7-5e62-47db-91af-98c3a49a38b1');
const AUTHENTICATION_ADMINISTRATOR = roleId('c4e39bd9-1100-46d3-8c65-fb160da0071f');

/** Who holds one of these may change everybody, Global Administrators included. */
export const ABOVE_EVERYONE: readonly RoleId[] = [PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR];

/** A directory role that an app can have use of, by what people type. */
export interface UsefulRole {
  readonly id: RoleId;
  readonly name: string;
  /** Whose password, sign-in and existence it lets the app change. */
  readonly reach: string;
  /** Whether it is enough for lending accounts. */
  readonly enough: boolean;
}

/** The one that reaches furthest first. */
export const USEFUL_ROLES: Readonly<Record<string, UsefulRole>> = {
  'global-administrator': {
    id: GLOBAL_ADMINISTRATOR,
    name: 'Global Administrator',
    reach: 'everybody, other Global Administrators included; that is more than Latchkey needs',
    enough: true,
  },
  'privileged-authentication-administrator': {
    id: PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    name: 'Privileged Authentication Administrator',
    reach: 'everybody, Global Administrators included',
    enough: true,
  },
  'user-administrator': {
    id: USER_ADMINISTRATOR,
    name: 'User Administrator',
    reach:
      'users without an admin role, and holders of the lesser ones (readers, Guest Inviter, Groups, Helpdesk, Password and User Administrators); an account that holds more is stripped of it first',
    enough: true,
  },
  'authentication-administrator': {
    id: AUTHENTICATION_ADMINISTRATOR,
    name: 'Authentication Administrator',
    reach: 'users without an admin role, readers, Guest Inviter, Authentication and Password Administrators',
    enough: false,
  },
};

/** Those that the app may be told to take for itself. */
export const TAKEABLE = ['user-administrator', 'privileged-authentication-administrator'] as const;

/** What takes one of several permissions. */
const TAKES_ONE_OF = {
  schedules: ['RoleAssignmentSchedule.ReadWrite.Directory', 'RoleManagement.ReadWrite.Directory'],
  'own-role': ['RoleManagement.ReadWrite.Directory'],
  'pass-policy': ['Policy.ReadWrite.AuthenticationMethod'],
} as const;

export const mayUse = (what: keyof typeof TAKES_ONE_OF, granted: readonly string[]): boolean =>
  TAKES_ONE_OF[what].some((permission) => granted.includes(permission));
