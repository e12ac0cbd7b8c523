import type { GraphCall } from './graph-call.js';
import { hasAny, type AnyOf } from './permissions.js';
import { GraphRefusal } from './refusal.js';

/** Privileged Identity Management at its door: a service behind Graph, with codes of its own. */

export const READ_SCHEDULES: AnyOf = [
  'RoleAssignmentSchedule.Read.Directory',
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
];
export const WRITE_SCHEDULES: AnyOf = [
  'RoleAssignmentSchedule.ReadWrite.Directory',
  'RoleManagement.ReadWrite.Directory',
];
export const REMOVE_SCHEDULES: AnyOf = [...WRITE_SCHEDULES, 'RoleAssignmentSchedule.Remove.Directory'];

const refused = (code: string, message: string): GraphRefusal => new GraphRefusal(400, code, message);

export const alreadyAssigned = (): GraphRefusal =>
  refused('RoleAssignmentExists', 'The Role assignment already exists.');
export const notAssigned = (): GraphRefusal =>
  refused('RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
export const tooShort = (): GraphRefusal =>
  refused('ActiveDurationTooShort', 'The Active duration is too short. Minimum Required is 5 minutes.');
export const invalidRequest = (): GraphRefusal =>
  refused('InvalidRoleAssignmentRequest', 'The role assignment request is invalid.');
export const invalidSchedule = (): GraphRefusal =>
  refused('InvalidRoleAssignmentRequestSchedule', 'The role assignment request schedule is invalid.');
export const unknownSubject = (): GraphRefusal => new GraphRefusal(404, 'SubjectNotFound', 'The subject is not found.');
export const unknownRole = (): GraphRefusal => new GraphRefusal(404, 'RoleNotFound', 'The role is not found.');

/** The missing permission is told in the words of the service behind, wrapped up as text. */
const lacksPermission = (wanted: AnyOf): GraphRefusal =>
  new GraphRefusal(
    403,
    'UnknownError',
    JSON.stringify({
      errorCode: 'PermissionScopeNotGranted',
      message: `Authorization failed due to missing permission scope ${wanted.join(',')}.`,
      instanceAnnotations: [],
    }),
  );

/** Nothing here, reading included, without one of these permissions and the licence. */
export const enterPim = ({ caller, tenant }: GraphCall, wanted: AnyOf): void => {
  if (!hasAny(caller.permissions, wanted)) throw lacksPermission(wanted);
  if (!tenant.plans.includes('P2'))
    throw refused(
      'AadPremiumLicenseRequired',
      'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
    );
};
