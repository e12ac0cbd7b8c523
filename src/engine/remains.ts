import { heldAs } from './access.js';
import type { Reading } from './confirmation.js';
import type { Desired } from './desired.js';
import type { AccessRequest, Remains } from './request.js';

/** What a reading still shows of an access that is to end, and that nobody else needs. */
export const remainsOf = (
  { roles, groups }: AccessRequest,
  wanted: Desired,
  { observed, at: readAt }: Reading,
): Remains => {
  if (!observed.exists) return { readAt, signIn: false, access: [] };
  const held = roles.filter((role) => observed.assignments.some((assignment) => assignment.role === heldAs(role)));
  const joined = groups.filter(({ id }) => observed.groups.some((group) => group.id === id));
  return {
    readAt,
    signIn: observed.enabled && (wanted.user === 'shut' || wanted.user === 'deleted'),
    access: [
      ...held.filter((one) => !wanted.roles.some(({ role }) => role === heldAs(one))).map(({ name }) => name),
      ...joined.filter(({ id }) => !wanted.groups.includes(id)).map(({ name }) => name),
    ],
  };
};
