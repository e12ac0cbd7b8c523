/** Permissions of Microsoft Graph that the app asks of each tenant. */
export interface AppPermission {
  readonly name: string;
  /** Goes on after the name: "to create, find and disable accounts". */
  readonly purpose: string;
}

/** Those of `manifests/entra-permissions.json`, in its order. */
export const APP_PERMISSIONS: readonly AppPermission[] = [
  { name: 'User.ReadWrite.All', purpose: 'to create, find, enable, disable and delete accounts' },
  { name: 'User-PasswordProfile.ReadWrite.All', purpose: 'to give an account a fresh password for each request' },
  { name: 'RoleManagement.ReadWrite.Directory', purpose: 'to assign roles, take them away and confirm that' },
  { name: 'GroupMember.ReadWrite.All', purpose: 'to put accounts into groups and take them out' },
  { name: 'UserAuthMethod-TAP.ReadWrite.All', purpose: 'to issue access passes' },
  { name: 'Policy.Read.AuthenticationMethod', purpose: "to keep access passes within the tenant's limits" },
  { name: 'Domain.Read.All', purpose: 'to check the domain under which accounts are made' },
  { name: 'Organization.Read.All', purpose: "to read the tenant's name" },
  { name: 'Application.Read.All', purpose: 'to check what was granted' },
];

/** Those that are not among the granted ones. */
export const missingPermissions = (granted: readonly string[]): readonly AppPermission[] =>
  APP_PERMISSIONS.filter(({ name }) => !granted.includes(name));
