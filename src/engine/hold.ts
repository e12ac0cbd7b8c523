import { addMs, MINUTE } from '../lib/clock.js';
import { heldAs } from './access.js';
import type { Account } from './account.js';
import type { AccessRequest, Hold } from './request.js';

/** PIM takes no assignment back that is younger (`ActiveDurationTooShort`). */
export const LEAST_ASSIGNED_MS = 5 * MINUTE;

/** Until when Entra keeps the roles of an ending access; `undefined`: it should let go of them by now. */
export const holdOf = (
  { roles, closingSince, hold }: AccessRequest,
  { grants }: Pick<Account, 'grants'>,
  isShut: boolean,
  now: Date,
): Hold | undefined => {
  const ended = closingSince ?? now;
  const given = grants.flatMap(({ access, at }) =>
    access.kind === 'role' && roles.some((role) => heldAs(role) === access.role) ? [at] : [],
  );
  const last = given.reduce<Date | undefined>(
    (latest, at) => (latest === undefined || at > latest ? at : latest),
    undefined,
  );
  // Nothing is given any more once it ends, though the record of it may be renewed.
  const until = addMs(last !== undefined && last < ended ? last : ended, LEAST_ASSIGNED_MS);
  if (until <= now) return undefined;
  const shutSince = hold?.shutSince ?? (isShut ? now : undefined);
  return { until, ...(shutSince === undefined ? {} : { shutSince }) };
};
