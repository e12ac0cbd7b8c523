import type { StepOutcome } from '../flows/ports.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { redacted } from '../lib/redacted.js';
import { createdAssignment, createdPass, createdSchedule, createdUser } from './answers.js';
import { malformed, readGraphError, writeFailure } from './errors.js';
import type { GraphAnswer, Quoting } from './errors.js';
import type { Change } from './steps.js';

/** What became of each step, by Graph's answer to its request. */

const DONE: StepOutcome = { kind: 'done' };

const unreadable = (what: string): StepOutcome => ({ kind: 'failed', fault: malformed(what), unclear: true });

const refused = (answer: GraphAnswer, quoting: Quoting): StepOutcome => ({
  kind: 'failed',
  ...writeFailure(answer, quoting),
});

export const isNameTaken = (answer: GraphAnswer): boolean => {
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

export const isAlreadyAssigned = (answer: GraphAnswer): boolean =>
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

/** PIM's word for one that is there already; of two with different ends the next look makes one. */
const isScheduledAlready = (answer: GraphAnswer): boolean => readGraphError(answer)?.code === 'RoleAssignmentExists';

const scheduleOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 201) {
    const created = createdSchedule.safeParse(answer.body);
    if (created.success && created.data.status === 'Provisioned') {
      return { kind: 'done', assignment: created.data.targetScheduleId };
    }
    return unreadable('the answer to a role for a time does not say that it was given');
  }
  return isScheduledAlready(answer) ? DONE : refused(answer, 'with-message');
};

const removalOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 201) return DONE;
  const isGone = readGraphError(answer)?.code === 'RoleAssignmentDoesNotExist';
  return isGone ? { kind: 'absent' } : refused(answer, 'with-message');
};

const goneOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 404) return { kind: 'absent' };
  return answer.status === 204 ? DONE : refused(answer, 'with-message');
};

/** Graph has no code of its own for it. */
const isAgainstPolicy = (answer: GraphAnswer): boolean =>
  answer.status === 400 && /policy|external guest/i.test(readGraphError(answer)?.message ?? '');

// Nothing of this answer is quoted: the value of the pass travels in it.
const passOutcome = (answer: GraphAnswer): StepOutcome => {
  if (answer.status === 201) {
    const created = createdPass.safeParse(answer.body);
    if (!created.success) return unreadable('the answer to an access pass holds none');
    const { id, temporaryAccessPass, startDateTime, lifetimeInMinutes } = created.data;
    const endsAt = addMs(new Date(startDateTime), lifetimeInMinutes * MINUTE);
    return { kind: 'done', pass: { id, value: redacted(temporaryAccessPass), endsAt } };
  }
  const { fault, unclear } = writeFailure(answer, 'codes-only');
  if (!isAgainstPolicy(answer)) return { kind: 'failed', fault, unclear };
  return { kind: 'failed', fault: { code: 'directory.no-pass', detail: fault.detail }, unclear: false };
};

export const changeOutcome = (step: Change, answer: GraphAnswer): StepOutcome => {
  switch (step.do) {
    case 'assign':
      return step.until === undefined ? assignmentOutcome(answer) : scheduleOutcome(answer);
    case 'reschedule':
      return answer.status === 201 ? DONE : refused(answer, 'with-message');
    case 'issue-pass':
      return passOutcome(answer);
    case 'join':
      return membershipOutcome(answer);
    case 'unassign':
      if (step.scheduled === true) return removalOutcome(answer);
      return goneOutcome(answer);
    case 'leave':
    case 'withdraw-pass':
    case 'delete':
      return goneOutcome(answer);
    case 'set':
    case 'untag':
      return answer.status === 204 ? DONE : refused(answer, 'codes-only');
    case 'revoke-sessions':
      return answer.status >= 200 && answer.status < 300 ? DONE : refused(answer, 'with-message');
    default:
      return step satisfies never;
  }
};
