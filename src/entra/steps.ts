import type { RoleId } from '../engine/ids.js';
import type { Step } from '../engine/plan.js';
import type { DirectoryUser } from '../flows/ports.js';
import type { Redacted } from '../lib/redacted.js';
import type { GraphRequest } from './call.js';
import { LONGEST_TAG, writeTag } from './tag.js';

/** Each step as a request to Graph. */

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
  readonly passTerms: PassTerms;
}

/** How access passes are issued under the tenant's policy. */
export interface PassTerms {
  /** How many minutes a pass has to last that is to hold until then. */
  readonly minutes: (until: Date) => number;
  /** Whether the policy knows only passes for one sign-in. */
  readonly onceOnly: boolean;
}

const LONGEST_NICKNAME = 64;

// The only place that opens the password; the bodies made here go to Graph and nowhere else.
const secretProperties = ({ user, password, tagAttribute }: Subject, generation: number): object => ({
  passwordProfile: { password: password.reveal(), forceChangePasswordNextSignIn: false },
  [tagAttribute]: writeTag(user.account, generation).slice(0, LONGEST_TAG),
});

export const creationRequest = (subject: Subject, step: Creation): GraphRequest => {
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

const ASSIGNMENTS = '/roleManagement/directory/roleAssignments';
const SCHEDULE_REQUESTS = '/roleManagement/directory/roleAssignmentScheduleRequests';

/** The role and where it is held, out of the name under which it is held (`heldAs`). */
const placeOf = (held: RoleId): { readonly roleDefinitionId: string; readonly directoryScopeId: string } => {
  const at = held.indexOf('@');
  return at < 0
    ? { roleDefinitionId: held, directoryScopeId: '/' }
    : { roleDefinitionId: held.slice(0, at), directoryScopeId: held.slice(at + 1) };
};

/** To PIM every change of a role for a time is a request, which it answers when it is done. */
const scheduleRequest = (
  action: 'adminAssign' | 'adminUpdate' | 'adminRemove',
  objectId: string,
  { role, until }: { readonly role: RoleId; readonly until?: Date },
): GraphRequest => ({
  method: 'POST',
  path: SCHEDULE_REQUESTS,
  body: {
    action,
    principalId: objectId,
    ...placeOf(role),
    justification: 'Lent by Latchkey',
    ...(until === undefined
      ? {}
      : { scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: until.toISOString() } } }),
  },
});

export const changeRequest = (subject: Subject, objectId: string, step: Change): GraphRequest => {
  const user = `/users/${encodeURIComponent(objectId)}`;
  const passes = `${user}/authentication/temporaryAccessPassMethods`;
  switch (step.do) {
    case 'set': {
      const secrets = step.generation === undefined ? {} : secretProperties(subject, step.generation);
      return { method: 'PATCH', path: user, body: { accountEnabled: step.enabled, ...secrets } };
    }
    case 'revoke-sessions':
      // Graph refuses a whole batch for one POST in it without a body.
      return { method: 'POST', path: `${user}/revokeSignInSessions`, body: {} };
    case 'unassign':
      if (step.scheduled === true) return scheduleRequest('adminRemove', objectId, step);
      return { method: 'DELETE', path: `${ASSIGNMENTS}/${encodeURIComponent(step.assignment)}` };
    case 'leave':
      // Without `$ref` at its end this would delete the user.
      return {
        method: 'DELETE',
        path: `/groups/${encodeURIComponent(step.group)}/members/${encodeURIComponent(objectId)}/$ref`,
      };
    case 'withdraw-pass':
      return { method: 'DELETE', path: `${passes}/${encodeURIComponent(step.pass)}` };
    case 'issue-pass':
      return {
        method: 'POST',
        path: passes,
        body: {
          lifetimeInMinutes: subject.passTerms.minutes(step.until),
          isUsableOnce: step.once || subject.passTerms.onceOnly,
        },
      };
    case 'reschedule':
      return scheduleRequest('adminUpdate', objectId, step);
    case 'assign':
      if (step.until !== undefined) return scheduleRequest('adminAssign', objectId, step);
      return { method: 'POST', path: ASSIGNMENTS, body: { principalId: objectId, ...placeOf(step.role) } };
    case 'join':
      return {
        method: 'POST',
        path: `/groups/${encodeURIComponent(step.group)}/members/$ref`,
        body: { '@odata.id': `${subject.graphAddress}/v1.0/directoryObjects/${encodeURIComponent(objectId)}` },
      };
    case 'untag':
      return { method: 'PATCH', path: user, body: { [subject.tagAttribute]: null } };
    case 'delete':
      return { method: 'DELETE', path: user };
    default:
      return step satisfies never;
  }
};
