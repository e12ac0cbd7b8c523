import type { RoleAssignment, RoleSchedule, Tenant } from './model.js';

/**
 * Role assignments that begin and end by themselves. The schedule is there until its end, the assignment that comes of
 * it only between start and end; nobody has to call anything for either.
 */

/** Which role, for whom, where: Entra knows each such triple once. */
export interface RoleKey {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}

export const isActive = ({ span }: RoleAssignment, at: number): boolean =>
  span === undefined || (span.from.getTime() <= at && (span.until === null || at < span.until.getTime()));

export const isNotOver = ({ assignment }: RoleSchedule, at: number): boolean =>
  assignment.span.until === null || at < assignment.span.until.getTime();

const concerns =
  (wanted: RoleKey) =>
  (each: RoleKey): boolean =>
    each.principalId === wanted.principalId &&
    each.roleDefinitionId === wanted.roleDefinitionId &&
    each.directoryScopeId === wanted.directoryScopeId;

/** The assignment that is active now, whoever made it. */
export const findAssignment = (tenant: Tenant, key: RoleKey): RoleAssignment | undefined =>
  tenant.roleAssignments.withKey(key.principalId).find(concerns(key));

/** The schedule of an assignment that is active or still to begin. */
export const findSchedule = (tenant: Tenant, key: RoleKey): RoleSchedule | undefined =>
  tenant.roleSchedules.withKey(key.principalId).find(({ assignment }) => concerns(key)(assignment));

/** Puts the schedule in the place of whatever the same principal held of the same role there. */
export const putSchedule = (tenant: Tenant, schedule: RoleSchedule): void => {
  const { assignment } = schedule;
  const earlier = findSchedule(tenant, assignment);
  if (earlier !== undefined) tenant.roleSchedules.delete(earlier.id);
  const direct = findAssignment(tenant, assignment);
  if (direct !== undefined) tenant.roleAssignments.delete(direct.id);
  tenant.roleSchedules.set(schedule.id, schedule);
  tenant.roleAssignments.set(assignment.id, assignment);
};

/** Takes the assignment, active or not, with its schedule. */
export const dropAssignment = (tenant: Tenant, key: RoleKey): void => {
  const schedule = findSchedule(tenant, key);
  const assignment = schedule?.assignment ?? findAssignment(tenant, key);
  if (schedule !== undefined) tenant.roleSchedules.delete(schedule.id);
  if (assignment !== undefined) tenant.roleAssignments.delete(assignment.id);
};

/** Takes every role that a principal holds or is to hold, except those that `keep` spares. */
export const stripRoles = (
  tenant: Tenant,
  principalId: string,
  keep: (assignment: RoleAssignment) => boolean = () => false,
): void => {
  const scheduled = tenant.roleSchedules.withKey(principalId).map(({ assignment }) => assignment);
  for (const assignment of [...scheduled, ...tenant.roleAssignments.withKey(principalId)]) {
    if (!keep(assignment)) dropAssignment(tenant, assignment);
  }
};
