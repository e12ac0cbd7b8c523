import { takenOver } from '../engine/granted.js';
import { restsAs } from '../engine/ending.js';
import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn } from './change.js';
import { whyHidden } from './concern.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import type { LoadedRequest } from './ports.js';
import { standingOf } from './standing.js';
import { transition } from './transition.js';

type LeaveDeps = Pick<
  FlowDeps,
  'clock' | 'random' | 'requests' | 'accounts' | 'people' | 'config' | 'settings' | 'audit' | 'nudge'
>;

const LEASE_MS = MINUTE;

/**
 * An owner closes an access whose end nothing can prove any more: the directory is out of reach for good. Its account
 * stays on record with all it was given and with what is owed to it, for the day the directory can be reached again.
 */
export const leaveUnconfirmed = async (
  deps: LeaveDeps,
  person: Person,
  on: Platform,
  id: RequestId,
): Promise<Result<AccessRequest, Fault>> => {
  const now = deps.clock.now();
  const may = await mayLeaveUnconfirmed(deps, person, id);
  if (!may.ok) return may;
  if (!(await putInDebt(deps, may.value))) return err({ code: 'busy' });
  return transition(deps, id, doerOf(person, on), async (current, stored) => {
    const refused = await whyRefused(deps, person, stored);
    return refused === undefined
      ? applyEvent(current, { type: 'leave-unconfirmed', by: person.name }, now)
      : err(refused);
  });
};

/** The request as it stands, where this person may close it so at this moment; nothing is done yet. */
export const mayLeaveUnconfirmed = async (
  deps: LeaveDeps,
  person: Person,
  id: RequestId,
): Promise<Result<AccessRequest, Fault>> => {
  const stored = await deps.requests.load(id);
  if (stored === undefined) return err({ code: 'request.unknown', asked: id });
  const refused = await whyRefused(deps, person, stored);
  if (refused !== undefined) return err(refused);
  const possible = applyEvent(stored.request, { type: 'leave-unconfirmed', by: person.name }, deps.clock.now());
  return possible.ok ? ok(stored.request) : possible;
};

const whyRefused = async (deps: LeaveDeps, person: Person, stored: LoadedRequest): Promise<Fault | undefined> => {
  const hidden = await whyHidden(deps, person, stored);
  if (hidden !== undefined) return hidden;
  const allowed = await mayOwn(deps, { standing: await standingOf(deps, person) });
  return allowed.ok ? undefined : allowed.error;
};

/**
 * Before the request is closed, for nothing else would remember afterwards what its account owes. One that is closed in
 * the end all the same has only named twice what it wants. `false`: somebody is at work on the account.
 */
const putInDebt = async ({ accounts, clock }: LeaveDeps, request: AccessRequest): Promise<boolean> => {
  const now = clock.now();
  const leased = await accounts.lease(request.account, now, addMs(now, LEASE_MS));
  if (leased === undefined) return false;
  const { fence, abandoned } = leased;
  const account = abandoned ? takenOver(leased.account, now) : leased.account;
  try {
    return await accounts.update({ ...account, owed: restsAs(account, [request]) }, fence, addMs(now, LEASE_MS));
  } finally {
    await accounts.release(account.id, fence);
  }
};
