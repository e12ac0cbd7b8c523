import type { Step } from '../engine/plan.js';
import type { DirectoryUser, StepOutcome } from '../flows/ports.js';
import type { Redacted } from '../lib/redacted.js';
import { createdAssignment, createdUser } from './answers.js';
import type { GraphRequest, SingleRequest } from './call.js';
import { malformed, readGraphError, writeFailure } from './errors.js';
import type { GraphAnswer, Quoting } from './errors.js';
import { LONGEST_TAG, writeTag } from './tag.js';

/** Each step as a request to Graph, and each answer as what became of the step. */

export type Creation = Extract<Step, { do: 'create' }>;
/** A step on a user who exists. */
export type Change = Exclude<Step, Creation>;

/** What the requests for one account have in common. */
export interface Subject {
  readonly user: DirectoryUser;
  readonly password: Redacted<string>;
  readonly tagAttribute: string;
  /** The Graph of the tenant's own cloud, without a version: in bodies, objects are named by their address there. */
  readonly graphAddress: string;
}

const LONGEST_NICKNAME = 64;

// The only place that opens the password; the bodies made here go to Graph and nowhere else.
const secretProperties = ({ user, password, tagAttribute }: Subject, generation: number): object => ({
  passwordProfile: { password: password.reveal(), forceChangePasswordNextSignIn: false },
  [tagAttribute]: writeTag(user.account, generation).slice(0, LONGEST_TAG),
});

export const creationRequest = (subject: Subject, step: Creation): SingleRequest => {
  const { upn, displayName } = subject.user;
  return {
    method: 'POST',
    path: '/users',
    body: {
      accountEnabled: step.enabled,
      displayName,
      mailNickname: upn.slice(0, upn.lastIndexOf('@')).slice(0, LONGEST_NICKNAME),
      userPrincipalName: upn,
      ...secretProperties(subject, step.generation),
    },
  };
};

export const changeRequest = (subject: Subject, objectId: string, step: Change): GraphRequest => {
  const user = `/users/${encodeURIComponent(objectId)}`;
  const assignments = '/roleManagement/directory/roleAssignments';
  switch (step.do) {
    case 'set': {
      const secrets = step.generation === undefined ? {} : secretProperties(subject, step.generation);
      return { method: 'PATCH', path: user, body: { accountEnabled: step.enabled, ...secrets } };
    }
    case 'revoke-sessions':
      // Graph refuses a whole batch for one POST in it without a body.
      return { method: 'POST', path: `${user}/revokeSignInSessions`, body: {} };
    case 'unassign':
      return { method: 'DELETE', path: `${assignments}/${encodeURIComponent(step.assignment)}` };
    case 'leave':
      // Without `$ref` at its end this would delete the user.
      return {
        method: 'DELETE',
        path: `/groups/${encodeURIComponent(step.group)}/members/${encodeURIComponent(objectId)}/$ref`,
      };
    case 'assign':
      return {
        method: 'POST',
        path: assignments,
        body: { principalId: objectId, roleDefinitionId: step.role, directoryScopeId: '/' },
      };
    case 'join':
      return {
        method: 'POST',
        path: `/groups/${encodeURIComponent(step.group)}/members/$ref`,
        body: { '@odata.id': `${subject.graphAddress}/v1.0/directoryObjects/${encodeURIComponent(objectId)}` },
      };
    case 'delete':
      return { method: 'DELETE', path: user };
    default:
      return step satisfies never;
  }
};

const DONE: StepOutcome = { kind: 'done' };

const unreadable = (what: string): StepOutcome => ({ kind: 'failed', fault: malformed(what), unclear: true });

const refused = (answer: GraphAnswer, quoting: Quoting): StepOutcome => ({
  kind: 'failed',
  ...writeFailure(answer, quoting),
});

const isNameTaken = (answer: GraphAnswer): boolean => {
  if (answer.status !== 400 && answer.status !== 409) return false;
  const error = readGraphError(answer);
  return (
    error?.subjects.includes('ObjectConflict userPrincipalName') === true ||
    /property userPrincipalName already exists/i.test(error?.message ?? '')
  );
};

export const creationOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 201) {
    const created = createdUser.safeParse(answer.body);
    if (created.success) return { kind: 'done', objectId: created.data.id };
    return unreadable('the answer to a creation names no user');
  }
  const { fault, unclear } = writeFailure(answer, 'codes-only');
  if (!isNameTaken(answer)) return { kind: 'failed', fault, unclear };
  return { kind: 'failed', fault: { code: 'directory.name-taken', detail: fault.detail }, unclear: false };
};

const isAlreadyAssigned = (answer: GraphAnswer): boolean =>
  answer.status === 409 ||
  (answer.status === 400 && /conflicting object|already exists/i.test(readGraphError(answer)?.message ?? ''));

const assignmentOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 201) {
    const created = createdAssignment.safeParse(answer.body);
    if (created.success) return { kind: 'done', assignment: created.data.id };
    return unreadable('the answer to a role assignment names none');
  }
  return isAlreadyAssigned(answer) ? DONE : refused(answer, 'with-message');
};

const isAlreadyMember = (answer: GraphAnswer): boolean =>
  answer.status === 400 && /object references already exist/i.test(readGraphError(answer)?.message ?? '');

const membershipOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 204) return { kind: 'done', joined: true };
  return isAlreadyMember(answer) ? DONE : refused(answer, 'with-message');
};

export const changeOutcome = (step: Change, answer: GraphAnswer): StepOutcome => {
  switch (step.do) {
    case 'assign':
      return assignmentOutcome(answer);
    case 'join':
      return membershipOutcome(answer);
    case 'unassign':
    case 'leave':
    case 'delete':
      if (answer.status === 404) return { kind: 'absent' };
      return answer.status === 204 ? DONE : refused(answer, 'with-message');
    case 'set':
      return answer.status === 204 ? DONE : refused(answer, 'codes-only');
    case 'revoke-sessions':
      return answer.status >= 200 && answer.status < 300 ? DONE : refused(answer, 'with-message');
    default:
      return step satisfies never;
  }
};
