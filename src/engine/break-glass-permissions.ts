import type { AppPermission } from './app-permissions.js';

/** A permission of Microsoft Graph that break-glass accounts take, of whichever app reaches them. */
export interface BreakGlassPermission extends Omit<AppPermission, 'feature'> {
  /** What alone it is for; absent: nothing works without it. */
  readonly feature?: 'conditional access' | 'watch' | 'access passes' | 'checks';
}

/** Those of `breakGlass` in `manifests/entra-permissions.json`, in its order. */
export const BREAK_GLASS_PERMISSIONS: readonly BreakGlassPermission[] = [
  {
    name: 'User.ReadWrite.All',
    purpose: 'to create, find, enable, disable and delete emergency administrators',
    without: 'No break-glass account can be kept.',
  },
  {
    name: 'User-PasswordProfile.ReadWrite.All',
    purpose: 'to change their passwords',
    without: 'No password is ever rotated.',
  },
  {
    name: 'RoleManagement.ReadWrite.Directory',
    purpose: 'to make them Global Administrators and confirm that they are',
    without: 'None can be made a Global Administrator, and nobody confirms that one is.',
  },
  {
    name: 'Domain.Read.All',
    purpose: "to find the tenant's first domain, which no federation can take along",
    without: 'No new break-glass account can be made.',
  },
  {
    name: 'RoleAssignmentSchedule.Read.Directory',
    purpose: 'to tell a role for good from one that ends',
    without: 'A Global Administrator whose role ends by itself passes for one for good.',
    feature: 'checks',
  },
  {
    name: 'Application.Read.All',
    purpose: 'to check what was granted',
    without: 'What is missing shows only when something fails for it.',
    feature: 'checks',
  },
  {
    name: 'Policy.Read.All',
    purpose: 'to find the conditional access policies that would lock them out',
    without: 'Nobody is told of a policy that would lock them out.',
    feature: 'conditional access',
  },
  {
    name: 'Policy.ReadWrite.ConditionalAccess',
    purpose: 'to exclude them from such policies',
    without: "The tenant's administrators exclude them by hand.",
    feature: 'conditional access',
  },
  {
    name: 'AuditLog.Read.All',
    purpose: 'to notice each use of them',
    without: 'Nobody is told when one is used.',
    feature: 'watch',
  },
  {
    name: 'Directory.Read.All',
    purpose: 'to be let into those logs, which ask for both',
    without: 'Nobody is told when one is used.',
    feature: 'watch',
  },
  {
    name: 'UserAuthMethod-TAP.ReadWrite.All',
    purpose: 'to issue an access pass beside the password',
    without: 'Whoever signs in brings a second factor of their own.',
    feature: 'access passes',
  },
  {
    name: 'Policy.Read.AuthenticationMethod',
    purpose: "to keep such a pass within the tenant's limits",
    without: 'Whoever signs in brings a second factor of their own.',
    feature: 'access passes',
  },
];

/** Those that are not among the granted ones. */
export const missingForBreakGlass = (granted: readonly string[]): readonly BreakGlassPermission[] =>
  BREAK_GLASS_PERMISSIONS.filter(({ name }) => !granted.includes(name));
