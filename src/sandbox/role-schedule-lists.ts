import { okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import { membersOf } from './memberships.js';
import type { RoleAssignment, RoleSchedule, Span } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { enterPim, READ_SCHEDULES } from './pim.js';
import { notFound } from './refusal.js';
import { scheduleInfoOf } from './role-schedule-info.js';

/**
 * `roleAssignmentSchedules` and `roleAssignmentScheduleInstances`: who holds which role from when until when, and who
 * holds one now. Direct assignments are among them as endless ones, and what a group holds once more for each member.
 */

const SCHEDULES = 'roleManagement/directory/roleAssignmentSchedules';
const INSTANCES = 'roleManagement/directory/roleAssignmentScheduleInstances';

const WHO_AND_WHAT = ['id', 'principalId', 'roleDefinitionId', 'directoryScopeId', 'appScopeId'];
const HOW = ['assignmentType', 'memberType'];

const SCHEDULE_PROPERTIES = new Set([
  ...WHO_AND_WHAT,
  'createdUsing',
  'createdDateTime',
  'modifiedDateTime',
  'status',
  ...HOW,
  'scheduleInfo',
]);

const INSTANCE_PROPERTIES = new Set([
  ...WHO_AND_WHAT,
  'startDateTime',
  'endDateTime',
  ...HOW,
  'roleAssignmentOriginId',
  'roleAssignmentScheduleId',
]);

const FILTERABLE = new Set(['id', 'principalId', 'roleDefinitionId', 'directoryScopeId', 'status', ...HOW]);

const common = ({ principalId, roleDefinitionId, directoryScopeId }: RoleAssignment): Row => ({
  principalId,
  roleDefinitionId,
  directoryScopeId,
  appScopeId: null,
  assignmentType: 'Assigned',
  memberType: 'Direct',
});

const ENDLESS: Row = {
  startDateTime: null,
  recurrence: null,
  expiration: { type: 'noExpiration', endDateTime: null, duration: null },
};

const scheduleRow = ({ id, requestId, createdAt, assignment }: RoleSchedule): Row => ({
  ...common(assignment),
  id,
  createdUsing: requestId,
  createdDateTime: createdAt.toISOString(),
  modifiedDateTime: createdAt.toISOString(),
  status: 'Provisioned',
  scheduleInfo: scheduleInfoOf(assignment.span),
});

const rowOfDirect = (assignment: RoleAssignment): Row => ({
  ...common(assignment),
  id: assignment.id,
  createdUsing: null,
  createdDateTime: null,
  modifiedDateTime: null,
  status: 'Provisioned',
  scheduleInfo: ENDLESS,
});

const timesOf = (span: Span | undefined): Row => ({
  startDateTime: span?.from.toISOString() ?? null,
  endDateTime: span?.until?.toISOString() ?? null,
});

const instanceRow = (assignment: RoleAssignment, scheduleId: string): Row => ({
  ...common(assignment),
  id: assignment.id,
  ...timesOf(assignment.span),
  roleAssignmentOriginId: assignment.id,
  roleAssignmentScheduleId: scheduleId,
});

const scheduleRows = ({ tenant, readAt }: GraphCall): Row[] => [
  ...tenant.roleSchedules.all(readAt).map(scheduleRow),
  ...tenant.roleAssignments
    .all(readAt)
    .filter(({ span }) => span === undefined)
    .map(rowOfDirect),
];

const instanceRows = ({ tenant, readAt }: GraphCall): Row[] => {
  const scheduleIds = new Map(tenant.roleSchedules.all(readAt).map(({ id, assignment }) => [assignment.id, id]));
  return tenant.roleAssignments
    .all(readAt)
    .map((assignment) => instanceRow(assignment, scheduleIds.get(assignment.id) ?? assignment.id));
};

const withMembers =
  ({ tenant, readAt }: GraphCall) =>
  (row: Row): Row[] => {
    const group = tenant.groups.get(String(row.principalId), readAt);
    if (group === undefined) return [row];
    const members = membersOf(tenant, group, readAt);
    return [
      row,
      ...members.map(({ id }) => ({ ...row, id: `${String(row.id)}-${id}`, principalId: id, memberType: 'Group' })),
    ];
  };

interface Kind {
  readonly path: string;
  readonly type: string;
  readonly properties: ReadonlySet<string>;
  readonly rows: (call: GraphCall) => Row[];
}

const KINDS: readonly Kind[] = [
  {
    path: SCHEDULES,
    type: 'microsoft.graph.unifiedRoleAssignmentSchedule',
    properties: SCHEDULE_PROPERTIES,
    rows: scheduleRows,
  },
  {
    path: INSTANCES,
    type: 'microsoft.graph.unifiedRoleAssignmentScheduleInstance',
    properties: INSTANCE_PROPERTIES,
    rows: instanceRows,
  },
];

const lister =
  ({ path, type, properties, rows }: Kind) =>
  (call: GraphCall): GraphAnswer => {
    enterPim(call, READ_SCHEDULES);
    checkOptions(call.query, LIST_OPTIONS);
    const select = readSelect(call.query, type, properties);
    const filterable = [...FILTERABLE].filter((name) => properties.has(name));
    const filter = readFilter(call.query, new Set(filterable));
    const found = rows(call).flatMap(withMembers(call)).filter(filter.test);
    return page(call, path, found, (row) => project(row, select));
  };

const reader =
  ({ path, type, properties, rows }: Kind) =>
  (call: GraphCall): GraphAnswer => {
    enterPim(call, READ_SCHEDULES);
    checkOptions(call.query, ['$select']);
    const select = readSelect(call.query, type, properties);
    const row = rows(call).find(({ id }) => id === param(call, 'id'));
    if (row === undefined) throw notFound(param(call, 'id'));
    return okay(withContext(`${path}/$entity`, project(row, select)));
  };

export const roleScheduleRoutes: readonly Route[] = KINDS.flatMap((kind): Route[] => [
  { method: 'GET', path: `/${kind.path}`, needs: [], handle: lister(kind) },
  { method: 'GET', path: `/${kind.path}/{id}`, needs: [], handle: reader(kind) },
]);
