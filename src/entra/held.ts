import type { Observed } from '../engine/account.js';
import type { DirectoryFault } from '../engine/faults.js';
import { roleId } from '../engine/ids.js';
import type { RoleId } from '../engine/ids.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { assignmentPage, passPage, schedulePage } from './answers.js';
import { faultOf, malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import { readRows } from './read.js';
import { same } from './reading.js';
import type { AccessAnswers, Reading } from './reading.js';

/** The roles and access passes that a user holds. */

/**
 * A role that Entra ends by itself is listed twice: as a schedule, which tells the end, and while it is active as an
 * assignment, under another id. It counts once, by its schedule, also while only one of the two shows it.
 */
export const readHeldRoles = async (
  reading: Reading,
  objectId: string,
  answers: Pick<AccessAnswers, 'assignments' | 'schedules'>,
): Promise<Result<HeldRoles, DirectoryFault>> => {
  const assignments = await readRows(reading.graph, assignmentPage, answers.assignments, reading.patience);
  if (!assignments.ok) return assignments;
  const scheduled = await readSchedules(reading, answers.schedules);
  if (!scheduled.ok) return scheduled;
  const rows = [...assignments.value, ...(scheduled.value ?? [])];
  if (!rows.every(({ principalId }) => same(principalId, objectId))) {
    return err(malformed('the list holds role assignments of others'));
  }
  const ending = (scheduled.value ?? []).map(({ id, until, ...row }) => ({ id, role: heldRole(row), until }));
  const direct = assignments.value.map(({ id, ...row }) => ({ id, role: heldRole(row) }));
  return ok({
    assignments: [...ending, ...direct.filter(({ role }) => !ending.some((each) => each.role === role))],
    ...(scheduled.value === undefined ? {} : { endsRead: true }),
  });
};

/** The roles that are held, and whether it is known which of them end. */
type HeldRoles = Pick<Extract<Observed, { exists: true }>, 'assignments' | 'endsRead'>;

interface RoleRow {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string | null;
}

interface ScheduleRow extends RoleRow {
  readonly id: string;
  readonly until: Date;
}

/** `undefined`: nobody looked, or nobody may. */
const readSchedules = async (
  { graph, patience, look }: Reading,
  answer: GraphAnswer | undefined,
): Promise<Result<readonly ScheduleRow[] | undefined, DirectoryFault>> => {
  if (answer === undefined) return ok(undefined);
  // Where none of ours can be there, a tenant that does not let us is looked at without.
  if (look.schedules === 'wanted' && isRefused(answer)) return ok(undefined);
  // One that has lost the licence never shows them again, and every role that holds is an assignment as well.
  if (isRefused(answer) && faultOf(answer).code === 'directory.licence') return ok(undefined);
  const rows = await readRows(graph, schedulePage, answer, patience);
  if (!rows.ok) return rows;
  return ok(
    rows.value.flatMap(({ scheduleInfo, memberType, ...row }) => {
      const end = scheduleInfo?.expiration?.endDateTime;
      // What comes with a group ends with the membership.
      return end === undefined || end === null || memberType === 'Group' ? [] : [{ ...row, until: new Date(end) }];
    }),
  );
};

const isRefused = ({ status }: GraphAnswer): boolean => status === 400 || status === 403;

/** A role confined to part of the directory is not the role people ask for, and must not pass for it. */
const heldRole = ({ roleDefinitionId, directoryScopeId }: RoleRow): RoleId => {
  const definition = roleDefinitionId.toLowerCase();
  return roleId(directoryScopeId === '/' ? definition : `${definition}@${directoryScopeId ?? 'app'}`);
};

/** Ids of the user's access passes; `undefined`: nobody looked, or nobody may look and none of ours can be there. */
export const readHeldPasses = async (
  { graph, patience, look }: Reading,
  answer: GraphAnswer | undefined,
): Promise<Result<readonly string[] | undefined, DirectoryFault>> => {
  if (answer === undefined) return ok(undefined);
  if (look.passes === 'wanted' && isRefused(answer)) return ok(undefined);
  if (answer.status === 404) return err({ code: 'directory.unavailable', detail: faultOf(answer).detail });
  const rows = await readRows(graph, passPage, answer, patience);
  return rows.ok ? ok(rows.value.map(({ id }) => id)) : rows;
};
