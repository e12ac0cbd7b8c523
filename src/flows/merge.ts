import { NO_POWERS } from '../engine/powers.js';
import type { Powers } from '../engine/powers.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import { ok } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import { nothingToExtend } from './reconsider.js';
import { transition } from './transition.js';

type CallOffDeps = Pick<FlowDeps, 'clock' | 'requests' | 'log' | 'nudge'>;
type MergeDeps = CallOffDeps & Pick<FlowDeps, 'checkups' | 'accounts'>;

/**
 * Gives the time that was granted to the request it was granted for. That one keeps the extension's id, so that a crash
 * between the two writes is repaired by doing it all again; what it says is final, since what is over stays over.
 */
export const merge = async (deps: MergeDeps, extension: AccessRequest): Promise<void> => {
  const { id, extends: extended, endsBy } = extension;
  if (extended === undefined || endsBy === undefined) return;
  const [checkup, account] = await Promise.all([
    deps.checkups.of(extension.tenant),
    deps.accounts.load(extension.account),
  ]);
  const powers = checkup?.powers ?? NO_POWERS;
  // The licence for roles that end by themselves may have gone since they were given.
  const isTimed = account?.grants.some(({ until }) => until !== undefined) === true;
  const parent = await transition(deps, extended.id, LATCHKEY, (request) =>
    applyEvent(
      request,
      { type: 'extend', by: id, endsAt: endsBy, ...alsoFor(request, endsBy, powers, isTimed) },
      deps.clock.now(),
    ),
  );
  // Many others are at the same one at this moment: the sweeper comes back to it.
  if (!parent.ok && parent.error.code === 'busy') return;
  const settled = await transition(deps, id, LATCHKEY, (request) =>
    request.state === 'approved'
      ? applyEvent(
          request,
          parent.ok ? { type: 'merge' } : { type: 'miss', why: nothingToExtend(extended.id) },
          deps.clock.now(),
        )
      : ok(request),
  );
  if (!settled.ok) deps.log.warn({ request: id, code: settled.error.code }, 'more time is not settled yet');
};

/**
 * What else more time takes. An access pass that ends before it is issued anew, but only where that takes nothing away
 * for a moment: an app that may not change who holds an admin role would have to strip the user first.
 */
const alsoFor = (
  { passEndsAt }: AccessRequest,
  endsBy: Date,
  { changesHolders, schedules }: Powers,
  isTimed: boolean,
): { readonly also?: 'revisit' | 'renew' } => {
  if (passEndsAt !== undefined && passEndsAt < endsBy && changesHolders) return { also: 'renew' };
  return schedules || isTimed ? { also: 'revisit' } : {};
};

/** What would prolong an access that is ending has nothing left to prolong, and nobody needs to decide it any more. */
export const callOffExtensions = async (deps: CallOffDeps, parent: AccessRequest): Promise<void> => {
  const open = await deps.requests.byAccount(parent.account, ['pending']);
  for (const { request } of open.filter((one) => one.request.extends?.id === parent.id)) {
    await transition(deps, request.id, LATCHKEY, (current) =>
      current.state === 'pending'
        ? applyEvent(current, { type: 'cancel', calledOff: nothingToExtend(parent.id) }, deps.clock.now())
        : ok(current),
    );
  }
};
