import {
  created,
  noContent,
  okay,
  param,
  withContext,
  type GraphAnswer,
  type GraphCall,
  type Route,
} from './graph-call.js';
import { guid } from './guid.js';
import type { RoleScheduleRequest } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { enterPim, invalidRequest, READ_SCHEDULES, REMOVE_SCHEDULES, WRITE_SCHEDULES } from './pim.js';
import { readBody, type Body, type Shape } from './properties.js';
import { GraphRefusal, notFound, notImplemented } from './refusal.js';
import { performScheduleRequest, readRoleKey, type ScheduleAction } from './role-schedule-actions.js';
import { scheduleInfoOf, scheduleInfoShape } from './role-schedule-info.js';
import { dropAssignment, type RoleKey } from './role-schedules.js';
import { servicePrincipalOf } from './world.js';

/** `roleAssignmentScheduleRequests`: every change to a role for a time is a request, kept with what came of it. */

const REQUESTS = 'roleManagement/directory/roleAssignmentScheduleRequests';

const requestShape: Shape = {
  action: { type: 'string', required: true },
  principalId: { type: 'string', required: true },
  roleDefinitionId: { type: 'string', required: true },
  directoryScopeId: { type: 'string', required: true },
  appScopeId: { type: 'string', nullable: true },
  customData: { type: 'string', nullable: true },
  isValidationOnly: { type: 'boolean' },
  justification: { type: 'string', nullable: true },
  scheduleInfo: { type: scheduleInfoShape, nullable: true },
  ticketInfo: {
    nullable: true,
    type: { ticketNumber: { type: 'string', nullable: true }, ticketSystem: { type: 'string', nullable: true } },
  },
};

const OURS: Readonly<Record<string, ScheduleAction>> = {
  adminassign: 'adminAssign',
  adminupdate: 'adminUpdate',
  adminextend: 'adminExtend',
  adminremove: 'adminRemove',
};

// For signed-in users, or for what is over already.
const OTHERS = ['adminrenew', 'selfactivate', 'selfdeactivate', 'selfextend', 'selfrenew'];

const readAction = (text: string): ScheduleAction => {
  const action = OURS[text.toLowerCase()];
  if (action !== undefined) return action;
  if (OTHERS.includes(text.toLowerCase())) throw notImplemented(`the action '${text}'`);
  throw new GraphRefusal(400, 'BadRequest', `'${text}' is not a valid action.`);
};

interface Outcome {
  readonly action: ScheduleAction;
  readonly key: RoleKey;
  readonly status: string;
  readonly scheduleId: string | null;
  readonly scheduleInfo: Body | null;
}

const requestRow = (call: GraphCall, id: string, body: Body, outcome: Outcome): Row => {
  const now = call.now.toISOString();
  return {
    id,
    status: outcome.status,
    createdDateTime: now,
    completedDateTime: now,
    approvalId: null,
    customData: body.customData ?? null,
    action: outcome.action,
    ...outcome.key,
    appScopeId: null,
    isValidationOnly: false,
    targetScheduleId: outcome.scheduleId,
    justification: body.justification ?? null,
    createdBy: {
      application: null,
      device: null,
      user: { displayName: null, id: servicePrincipalOf(call.tenant, call.caller.appId)?.id ?? null },
    },
    scheduleInfo: outcome.scheduleInfo,
    ticketInfo: body.ticketInfo ?? { ticketNumber: null, ticketSystem: null },
  };
};

const submit = (call: GraphCall): GraphAnswer => {
  const removes = (call.body as Body | undefined)?.action === 'adminRemove';
  enterPim(call, removes ? REMOVE_SCHEDULES : WRITE_SCHEDULES);
  const body = readBody(call.body, requestShape, 'unifiedRoleAssignmentScheduleRequest');
  if ((body.appScopeId ?? null) !== null) throw invalidRequest();
  if (body.isValidationOnly === true) throw notImplemented('requests that are validated only');
  const action = readAction(String(body.action));
  const key = readRoleKey(call, body);
  const id = guid(call.world.random);
  const { status, scheduleId, span } = performScheduleRequest(call, { id, action, key, body });
  const scheduleInfo = span === undefined ? null : scheduleInfoOf(span);
  const row = requestRow(call, id, body, { action, key, status, scheduleId, scheduleInfo });
  call.tenant.roleScheduleRequests.set(id, { id, principalId: key.principalId, row });
  return created(withContext(`${REQUESTS}/$entity`, row));
};

const PROPERTIES = new Set([
  'id',
  'status',
  'createdDateTime',
  'completedDateTime',
  'approvalId',
  'customData',
  'action',
  'principalId',
  'roleDefinitionId',
  'directoryScopeId',
  'appScopeId',
  'isValidationOnly',
  'targetScheduleId',
  'justification',
  'createdBy',
  'scheduleInfo',
  'ticketInfo',
]);

const FILTERABLE = new Set(['principalId', 'roleDefinitionId', 'directoryScopeId', 'status', 'action']);

const TYPE = 'microsoft.graph.unifiedRoleAssignmentScheduleRequest';

const list = (call: GraphCall): GraphAnswer => {
  enterPim(call, READ_SCHEDULES);
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, TYPE, PROPERTIES);
  const filter = readFilter(call.query, FILTERABLE);
  const { principalId } = filter.pins;
  const { roleScheduleRequests } = call.tenant;
  const requests =
    principalId === undefined
      ? roleScheduleRequests.all(call.readAt)
      : roleScheduleRequests.withKey(principalId, call.readAt);
  return page(call, REQUESTS, requests.map(({ row }) => row).filter(filter.test), (row) => project(row, select));
};

const findRequest = (call: GraphCall, at: number | undefined): RoleScheduleRequest => {
  const request = call.tenant.roleScheduleRequests.get(param(call, 'request').toLowerCase(), at);
  if (request === undefined) throw notFound(param(call, 'request'));
  return request;
};

const read = (call: GraphCall): GraphAnswer => {
  enterPim(call, READ_SCHEDULES);
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, TYPE, PROPERTIES);
  return okay(withContext(`${REQUESTS}/$entity`, project(findRequest(call, call.readAt).row, select)));
};

/** Only what has not begun can be taken back like this. */
const cancel = (call: GraphCall): GraphAnswer => {
  enterPim(call, WRITE_SCHEDULES);
  if (call.body !== undefined) readBody(call.body, {}, 'cancel');
  const request = findRequest(call, call.aimAt);
  const schedule = call.tenant.roleSchedules.all().find(({ requestId }) => requestId === request.id);
  if (schedule === undefined || schedule.assignment.span.from <= call.now) throw invalidRequest();
  dropAssignment(call.tenant, schedule.assignment);
  call.tenant.roleScheduleRequests.set(request.id, { ...request, row: { ...request.row, status: 'Canceled' } });
  return noContent;
};

export const roleScheduleRequestRoutes: readonly Route[] = [
  { method: 'POST', path: `/${REQUESTS}`, needs: [], handle: submit },
  { method: 'GET', path: `/${REQUESTS}`, needs: [], handle: list },
  { method: 'GET', path: `/${REQUESTS}/{request}`, needs: [], handle: read },
  { method: 'POST', path: `/${REQUESTS}/{request}/cancel`, needs: [], handle: cancel },
];
