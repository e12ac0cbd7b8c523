import { addMs, MINUTE, SECOND } from '../lib/clock.js';
import { heldAs } from './access.js';
import { SETTLE_MS } from './account.js';
import type { Account } from './account.js';
import type { AccessRequest } from './request.js';

/** What Entra ends by itself before the access ends, and can no longer be told to end later. */

/** An end that is off by less is not worth another write. */
export const TOLERANCE_MS = MINUTE;

/** How often to look whether Entra has ended a role that it should have ended by now. */
const LOOK_AGAIN_MS = 20 * SECOND;

/** When to look at a live access because Entra ends a role of it too early, so that it is given anew; `undefined`: never. */
export const earlyEndAt = (
  { state, endsAt, roles }: AccessRequest,
  { grants }: Pick<Account, 'grants'>,
  now: Date,
): Date | undefined => {
  if (state !== 'active' || endsAt === undefined) return undefined;
  const looks = grants.flatMap(({ access, until }) => {
    const isMine = access.kind === 'role' && roles.some((role) => heldAs(role) === access.role);
    if (!isMine || until === undefined || endsAt.getTime() - until.getTime() <= TOLERANCE_MS) return [];
    if (until > now) return [until.getTime()];
    // It may be gone, and reads be late to show it. What is still there after that is not ended any more.
    return now < addMs(until, SETTLE_MS) ? [addMs(now, LOOK_AGAIN_MS).getTime()] : [];
  });
  return looks.length === 0 ? undefined : new Date(Math.min(...looks));
};
