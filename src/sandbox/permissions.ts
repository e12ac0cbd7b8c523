import { denied } from './refusal.js';

/** Microsoft Graph's own application id, the same in every tenant. */
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';

/** Application permissions of Graph with the ids of their app roles. */
export const GRAPH_PERMISSIONS = {
  'AdministrativeUnit.Read.All': '134fd756-38ce-4afd-ba33-e9623dbe66c2',
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  'AuditLog.Read.All': 'b0afded3-3588-46d8-8b3d-9842eff778da',
  'Directory.Read.All': '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
  'Directory.ReadWrite.All': '19dbc75e-c2e2-444c-a770-ec69d8559fc7',
  'Domain.Read.All': 'dbb9058a-0e50-45d7-ae91-66909b5d4664',
  'Group.Read.All': '5b567255-7703-4780-807c-7be8301ae99b',
  'Group.ReadWrite.All': '62a82d76-70ea-41e2-9197-370581804d09',
  'GroupMember.Read.All': '98830695-27a2-44f7-8c18-0c3ebc9698f6',
  'GroupMember.ReadWrite.All': 'dbaae8cf-10b5-4b86-a4a1-f871c94c6695',
  'LicenseAssignment.Read.All': 'e2f98668-2877-4f38-a2f4-8202e0717aa1',
  'Organization.Read.All': '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  'Policy.Read.All': '246dd0d5-5bd0-4def-940b-0421030a5b68',
  'Policy.Read.AuthenticationMethod': '8e3bc81b-d2f3-4b7b-838c-32c88218d2f0',
  'Policy.ReadWrite.AuthenticationMethod': '29c18626-4985-4dcd-85c0-193eef327366',
  'Policy.ReadWrite.ConditionalAccess': '01c0a623-fc9b-48e9-b794-0756f8e8f067',
  'RoleAssignmentSchedule.Read.Directory': 'd5fe8ce8-684c-4c83-a52c-46e882ce4be1',
  'RoleAssignmentSchedule.ReadWrite.Directory': 'dd199f4a-f148-40a4-a2ec-f0069cc799ec',
  'RoleAssignmentSchedule.Remove.Directory': 'd3495511-98b7-4df3-b317-4e35c19f6129',
  'RoleManagement.Read.Directory': '483bed4a-2ad3-4361-a73b-c83ccdbdc53c',
  'RoleManagement.ReadWrite.Directory': '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8',
  'User-PasswordProfile.ReadWrite.All': 'cc117bb9-00cf-4eb8-b580-ea2a878fe8f7',
  'User.DeleteRestore.All': 'eccc023d-eccf-4e7b-9683-8813ab36cecc',
  'User.EnableDisableAccount.All': '3011c876-62b7-4ada-afa2-506cbbecc68c',
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
  'User.ReadWrite.All': '741f803b-c850-494e-b5df-cde7c675a1ca',
  'User.RevokeSessions.All': '77f3a031-c388-4f99-b373-dc68676a979e',
  'UserAuthMethod-TAP.ReadWrite.All': '627169a8-8c15-451c-861a-5b80e383de5c',
  'UserAuthenticationMethod.Read.All': '38d9df27-64da-44fd-b7c5-a6fbac20248f',
  'UserAuthenticationMethod.ReadWrite.All': '50483e42-d915-4231-9639-7fdb7fd190e5',
} as const satisfies Readonly<Record<string, string>>;

export type Permission = keyof typeof GRAPH_PERMISSIONS;

export const isPermission = (name: string): name is Permission => Object.hasOwn(GRAPH_PERMISSIONS, name);

/** Any one of these opens the door. The first is the least privileged. */
export type AnyOf = readonly Permission[];

export const READ_USERS: AnyOf = [
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
export const WRITE_USERS: AnyOf = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
export const DELETE_USERS: AnyOf = ['User.DeleteRestore.All', 'User.ReadWrite.All', 'Directory.ReadWrite.All'];
export const READ_GROUPS: AnyOf = [
  'GroupMember.Read.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
export const WRITE_MEMBERS: AnyOf = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
export const READ_ROLES: AnyOf = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];
export const READ_UNITS: AnyOf = ['AdministrativeUnit.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
export const WRITE_ROLES: AnyOf = ['RoleManagement.ReadWrite.Directory'];

export const hasAny = (granted: ReadonlySet<string>, wanted: AnyOf): boolean =>
  wanted.some((name) => granted.has(name));

export const requireAny = (granted: ReadonlySet<string>, wanted: AnyOf): void => {
  if (!hasAny(granted, wanted)) throw denied();
};
