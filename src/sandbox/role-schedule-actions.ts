import type { GraphCall } from './graph-call.js';
import type { RoleAssignment, RoleSchedule, Span } from './model.js';
import {
  alreadyAssigned,
  invalidRequest,
  invalidSchedule,
  notAssigned,
  tooShort,
  unknownRole,
  unknownSubject,
} from './pim.js';
import { checkPimPolicy } from './pim-policy.js';
import type { Body } from './properties.js';
import { newAssignmentId, requirePrincipal } from './role-assignments.js';
import { roleById } from './role-catalog.js';
import { readSpan, SHORTEST_MS } from './role-schedule-info.js';
import { dropAssignment, findAssignment, findSchedule, putSchedule, type RoleKey } from './role-schedules.js';
import { readScope } from './role-scopes.js';

/** What a request to Privileged Identity Management does: assign, change the end, remove. */

export type ScheduleAction = 'adminAssign' | 'adminUpdate' | 'adminExtend' | 'adminRemove';

export interface ScheduleRequest {
  readonly id: string;
  readonly action: ScheduleAction;
  readonly key: RoleKey;
  readonly body: Body;
}

export interface ScheduleOutcome {
  readonly status: 'Provisioned' | 'Granted' | 'Revoked';
  readonly scheduleId: string | null;
  readonly span: Span | undefined;
}

const knowsSubject = (call: GraphCall, id: string): boolean => {
  const { tenant, aimAt, now, target, world } = call;
  const created = tenant.users.get(id, aimAt)?.properties.createdDateTime;
  if (typeof created !== 'string')
    return (tenant.groups.get(id, aimAt) ?? tenant.servicePrincipals.get(id, aimAt)) !== undefined;
  const ageMs = now.getTime() - Date.parse(created);
  return world.faults.take(target, ['pim-lag'], ({ ms }) => ageMs < ms) === undefined;
};

/** Who gets which role where, each of which has to exist. */
export const readRoleKey = (call: GraphCall, body: Body): RoleKey => {
  const principalId = String(body.principalId).toLowerCase();
  if (!knowsSubject(call, principalId)) throw unknownSubject();
  requirePrincipal(call.tenant, principalId, call.aimAt);
  const role = roleById(String(body.roleDefinitionId));
  if (role === undefined) throw unknownRole();
  const directoryScopeId = readScope(call.tenant, String(body.directoryScopeId), role, call.aimAt);
  return { principalId, roleDefinitionId: role.id, directoryScopeId };
};

const checkPolicy = ({ tenant }: GraphCall, span: Span, { justification, ticketInfo }: Body): void =>
  checkPimPolicy(tenant.pimPolicy, span, {
    justification: typeof justification === 'string' ? justification : '',
    hasTicket: typeof (ticketInfo as Body | null | undefined)?.ticketNumber === 'string',
  });

const put = (call: GraphCall, request: ScheduleRequest, assignmentId: string, span: Span): ScheduleOutcome => {
  checkPolicy(call, span, request.body);
  const schedule: RoleSchedule = {
    id: request.id,
    requestId: request.id,
    createdAt: call.now,
    assignment: { id: assignmentId, ...request.key, span },
  };
  putSchedule(call.tenant, schedule);
  return { status: span.from > call.now ? 'Granted' : 'Provisioned', scheduleId: schedule.id, span };
};

const infoOf = ({ body }: ScheduleRequest): Body | undefined => (body.scheduleInfo ?? undefined) as Body | undefined;

const assign = (call: GraphCall, request: ScheduleRequest): ScheduleOutcome => {
  const { tenant, now, world } = call;
  if ((findAssignment(tenant, request.key) ?? findSchedule(tenant, request.key)) !== undefined) throw alreadyAssigned();
  return put(call, request, newAssignmentId(world), readSpan(infoOf(request), now));
};

/** What the request is to change, whether it was made here, directly, or is still to begin. */
const requireAssignment = ({ tenant }: GraphCall, { key }: ScheduleRequest): RoleAssignment => {
  const assignment = findSchedule(tenant, key)?.assignment ?? findAssignment(tenant, key);
  if (assignment === undefined) throw notAssigned();
  return assignment;
};

const update = (call: GraphCall, request: ScheduleRequest): ScheduleOutcome => {
  const { id, span } = requireAssignment(call, request);
  return put(call, request, id, readSpan(infoOf(request), call.now, span?.from));
};

/** Of what ends, later: anything else is an update. */
const extend = (call: GraphCall, request: ScheduleRequest): ScheduleOutcome => {
  const { id, span: before } = requireAssignment(call, request);
  const span = readSpan(infoOf(request), call.now, before?.from);
  const end = before?.until ?? null;
  if (end === null || (span.until !== null && span.until <= end)) throw invalidSchedule();
  return put(call, request, id, span);
};

const remove = (call: GraphCall, request: ScheduleRequest): ScheduleOutcome => {
  const { tenant, now } = call;
  if (infoOf(request) !== undefined) throw invalidRequest();
  const assignment = findAssignment(tenant, request.key);
  if (assignment === undefined) throw notAssigned();
  const { span } = assignment;
  if (span !== undefined && now.getTime() - span.from.getTime() < SHORTEST_MS) throw tooShort();
  const scheduleId = findSchedule(tenant, request.key)?.id ?? null;
  dropAssignment(tenant, request.key);
  return { status: 'Revoked', scheduleId, span: undefined };
};

const PERFORM = { adminAssign: assign, adminUpdate: update, adminExtend: extend, adminRemove: remove } as const;

export const performScheduleRequest = (call: GraphCall, request: ScheduleRequest): ScheduleOutcome =>
  PERFORM[request.action](call, request);
