import { z } from 'zod';
import type { DirectoryUserId } from '../engine/ids.js';
import type { BreakGlassDirectory, WriteOutcome } from '../flows/ports/break-glass.js';
import type { Redacted } from '../lib/redacted.js';
import { createdAssignment } from './answers.js';
import { madeUser } from './break-glass-answers.js';
import { GLOBAL_ADMINISTRATOR, writeMark } from './break-glass-mark.js';
import type { Graph, GraphRequest } from './call.js';
import { malformed, readGraphError, writeFailure } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import type { Newcomers } from './newcomers.js';
import { isAlreadyAssigned, isNameTaken } from './outcomes.js';
import type { Patience } from './patience.js';
import { same } from './reading.js';
import { tagAttribute } from './tag.js';

/**
 * The writes to emergency administrators, one request each. Only a refusal in Graph's own words counts as one: whatever
 * else comes back, the write may have happened, and a password that may be set must never be thrown away.
 */

export interface Writing {
  readonly graph: Graph;
  readonly patience: Patience;
  readonly newcomers: Newcomers;
}

export type Created = Awaited<ReturnType<BreakGlassDirectory['create']>>;

const DONE: WriteOutcome = { kind: 'done' };

const failed = ({ fault, unclear }: CallFailure): WriteOutcome => ({ kind: 'failed', fault, unclear });

const unreadable = (what: string): WriteOutcome => ({ kind: 'failed', fault: malformed(what), unclear: true });

const TOO_MANY = 429;

const refused = (answer: GraphAnswer): WriteOutcome => {
  const { fault, unclear } = writeFailure(answer, 'codes-only');
  const isGraphs = answer.status === TOO_MANY || readGraphError(answer) !== undefined;
  return { kind: 'failed', fault, unclear: unclear || !isGraphs };
};

const LONGEST_NICKNAME = 64;

// The only place here that opens a password; the bodies made of it go to Graph and nowhere else.
const secretProperties = (password: Redacted<string>): object => ({
  accountEnabled: true,
  passwordPolicies: 'DisablePasswordExpiration',
  passwordProfile: { password: password.reveal(), forceChangePasswordNextSignIn: false },
});

export const create = async (
  { graph, patience, newcomers }: Writing,
  { id, upn, name }: Parameters<BreakGlassDirectory['create']>[1],
  password: Redacted<string>,
): Promise<Created> => {
  const body = {
    displayName: `Break-glass: ${name}`,
    mailNickname: name.slice(0, LONGEST_NICKNAME),
    userPrincipalName: upn,
    [tagAttribute(graph.clientId)]: writeMark(id),
    ...secretProperties(password),
  };
  const answer = await graph.send({ method: 'POST', path: '/users', body }, patience);
  if (!answer.ok) return failed(answer.error);
  const created = creationOutcome(answer.value, upn);
  if (created.kind === 'done' && created.objectId !== undefined) newcomers.add(created.objectId);
  return created;
};

const creationOutcome = (answer: GraphAnswer, upn: string): Created => {
  if (answer.status !== 201) {
    const outcome = refused(answer);
    if (outcome.kind === 'done' || !isNameTaken(answer)) return outcome;
    return { kind: 'failed', fault: { code: 'directory.name-taken', detail: outcome.fault.detail }, unclear: false };
  }
  const user = madeUser.safeParse(answer.body);
  if (!user.success) return unreadable('the answer to a creation names no user');
  if (!same(user.data.userPrincipalName, upn)) return unreadable('the answer to a creation is about another user');
  return { kind: 'done', objectId: user.data.id.toLowerCase() as DirectoryUserId };
};

const userPath = (user: DirectoryUserId): string => `/users/${encodeURIComponent(user)}`;

export const setPassword = (
  writing: Writing,
  user: DirectoryUserId,
  password: Redacted<string>,
): Promise<WriteOutcome> => write(writing, { method: 'PATCH', path: userPath(user), body: secretProperties(password) });

export const disable = (writing: Writing, user: DirectoryUserId): Promise<WriteOutcome> =>
  write(writing, { method: 'PATCH', path: userPath(user), body: { accountEnabled: false } });

/** A user who is gone already is as good. */
export const remove = (writing: Writing, user: DirectoryUserId): Promise<WriteOutcome> =>
  write(writing, { method: 'DELETE', path: userPath(user) }, isGone);

export const passesOf = (user: DirectoryUserId): string =>
  `${userPath(user)}/authentication/temporaryAccessPassMethods`;

/** Those that are there, one by one; what is gone meanwhile is what was wanted. */
export const withdrawPasses = async (writing: Writing, user: DirectoryUserId): Promise<WriteOutcome> => {
  const found = await writing.graph.send({ method: 'GET', path: passesOf(user) }, writing.patience);
  if (!found.ok) return failed(found.error);
  if (found.value.status !== 200) return isGone(found.value) ? DONE : refused(found.value);
  const passes = passIds.safeParse(found.value.body);
  if (!passes.success) return unreadable('the list of access passes holds something else');
  for (const { id } of passes.data.value) {
    const path = `${passesOf(user)}/${encodeURIComponent(id)}`;
    const outcome = await write(writing, { method: 'DELETE', path }, isGone);
    if (outcome.kind !== 'done') return outcome;
  }
  return DONE;
};

const passIds = z.object({ value: z.array(z.object({ id: z.string().min(1) })) });

const isGone = (answer: GraphAnswer): boolean => answer.status === 404 && readGraphError(answer) !== undefined;

const NO_CONTENT = 204;

/** `isDone`: which refusal says that there was nothing to do. */
export const write = async (
  { graph, patience }: Pick<Writing, 'graph' | 'patience'>,
  request: GraphRequest,
  isDone: (answer: GraphAnswer) => boolean = () => false,
): Promise<WriteOutcome> => {
  const answer = await graph.send(request, patience);
  if (!answer.ok) return failed(answer.error);
  return answer.value.status === NO_CONTENT || isDone(answer.value) ? DONE : refused(answer.value);
};

const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';

/** A user who has only just come to be may be unknown yet to the service that keeps the roles, which then did nothing. */
export const makeAdministrator = async (writing: Writing, user: DirectoryUserId): Promise<WriteOutcome> => {
  const { graph, patience, newcomers } = writing;
  const body = { principalId: user, roleDefinitionId: GLOBAL_ADMINISTRATOR, directoryScopeId: '/' };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await graph.send({ method: 'POST', path: ASSIGNMENTS, body }, patience);
    if (!answer.ok) return failed(answer.error);
    const outcome = assignmentOutcome(answer.value);
    const isUnknownYet = [400, 404].includes(answer.value.status) && newcomers.has(user);
    if (outcome.kind === 'done' || outcome.unclear || !isUnknownYet) return outcome;
    if (!(await patience.pause(attempt, answer.value.retryAfterMs))) return outcome;
  }
};

const assignmentOutcome = (answer: GraphAnswer): WriteOutcome => {
  if (answer.status !== 201) {
    return readGraphError(answer) !== undefined && isAlreadyAssigned(answer) ? DONE : refused(answer);
  }
  const isOne = createdAssignment.safeParse(answer.body).success;
  return isOne ? DONE : unreadable('the answer to a role assignment names none');
};
