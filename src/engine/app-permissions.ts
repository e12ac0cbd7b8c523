/** Permissions of Microsoft Graph that the app asks of each tenant. */
export interface AppPermission {
  readonly name: string;
  /** Goes on after the name: "to create, find and disable accounts". */
  readonly purpose: string;
  /** What does not work without it, one sentence. */
  readonly without: string;
  /** What alone it is for; absent: nothing works without it. */
  readonly feature?: 'access passes' | 'roles with an end' | 'units' | 'groups' | 'checks';
}

/** Those of `manifests/entra-permissions.json`, in its order. */
export const APP_PERMISSIONS: readonly AppPermission[] = [
  {
    name: 'User.ReadWrite.All',
    purpose: 'to create, find, enable, disable and delete accounts',
    without: 'No request becomes access.',
  },
  {
    name: 'User-PasswordProfile.ReadWrite.All',
    purpose: 'to give an account a fresh password for each request',
    without: 'A known account gets no credential, and keeps its old one.',
  },
  {
    name: 'RoleManagement.ReadWrite.Directory',
    purpose: 'to assign roles, take them away and confirm that',
    without: 'No role can be lent, and no end confirmed.',
  },
  {
    name: 'RoleAssignmentSchedule.ReadWrite.Directory',
    purpose: 'to have Entra itself end roles on time',
    without: 'Latchkey alone takes roles back.',
    feature: 'roles with an end',
  },
  {
    name: 'AdministrativeUnit.Read.All',
    purpose: 'to lend roles for one administrative unit alone',
    without: 'Roles can be lent for the whole directory only.',
    feature: 'units',
  },
  {
    name: 'GroupMember.ReadWrite.All',
    purpose: 'to put accounts into groups and take them out',
    without: 'No group can be lent.',
    feature: 'groups',
  },
  {
    name: 'UserAuthMethod-TAP.ReadWrite.All',
    purpose: 'to issue access passes',
    without: 'Every credential is a password.',
    feature: 'access passes',
  },
  {
    name: 'Policy.Read.AuthenticationMethod',
    purpose: "to keep access passes within the tenant's limits",
    without: 'Every credential is a password.',
    feature: 'access passes',
  },
  {
    name: 'Domain.Read.All',
    purpose: 'to check the domain under which accounts are made',
    without: 'A wrong domain shows only when an account cannot be made.',
    feature: 'checks',
  },
  {
    name: 'Organization.Read.All',
    purpose: "to read the tenant's name",
    without: 'The name stays as it was typed.',
    feature: 'checks',
  },
  {
    name: 'Application.Read.All',
    purpose: 'to check what was granted',
    without: 'What is missing shows only when something fails for it.',
    feature: 'checks',
  },
  {
    name: 'LicenseAssignment.Read.All',
    purpose: 'to know whether Entra can end roles by itself',
    without: 'Latchkey alone takes roles back.',
    feature: 'roles with an end',
  },
];

/** Those that are not among the granted ones. */
export const missingPermissions = (granted: readonly string[]): readonly AppPermission[] =>
  APP_PERMISSIONS.filter(({ name }) => !granted.includes(name));
