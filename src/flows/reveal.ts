import type { Account, Credential } from '../engine/account.js';
import { isNamedBy } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import type { Fault } from '../engine/faults.js';
import type { AccountId, RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { whyHidden } from './concern.js';
import type { FlowDeps } from './deps.js';
import { doerOf } from './effects.js';
import { transition } from './transition.js';

type RevealDeps = Pick<
  FlowDeps,
  'clock' | 'requests' | 'accounts' | 'people' | 'config' | 'settings' | 'vault' | 'nudge'
>;

export interface Revealed {
  readonly request: AccessRequest;
  readonly upn: string;
  readonly kind: 'password' | 'access pass';
  readonly secret: Redacted<string>;
}

/**
 * Takes the credential out of the database and hands it to its requester: once. It is opened before it is taken, so
 * that a value no key opens is not lost; and taken before anything is shown, so that nobody sees it twice.
 */
export const reveal = async (
  deps: RevealDeps,
  person: Person,
  on: Platform,
  id: RequestId,
): Promise<Result<Revealed, Fault>> => {
  const stored = await deps.requests.load(id);
  if (stored === undefined) return err({ code: 'request.unknown', asked: id });
  const refusal = whyNotReveal(stored.request, person, deps.clock.now());
  if (refusal !== undefined) return err((await whyHidden(deps, person, stored)) ?? refusal);
  const account = await deps.accounts.load(stored.request.account);
  if (isLentToAnother(account, id)) return err({ code: 'reveal.shared', id });
  const taken = await take(deps, account);
  if (taken === undefined) return err(await afterLoss(deps, id));
  // Its end, or the wish for another credential, may have come in this very moment; then this one is worthless.
  const recorded = await transition(deps, id, doerOf(person, on), (request) => {
    const late = whyNotReveal(request, person, deps.clock.now());
    return late === undefined ? applyEvent(request, { type: 'reveal' }, deps.clock.now()) : err(late);
  });
  if (!recorded.ok) return recorded;
  return ok({ request: recorded.value, upn: recorded.value.upn, ...taken });
};

/** Another request on the account has asked for a new credential since this one was offered its own. */
const isLentToAnother = (account: Account | undefined, id: RequestId): boolean => {
  const credential = account?.credential;
  const holder = credential?.use === 'lent' ? credential.request : account?.pass?.request;
  return holder !== undefined && holder !== id;
};

type Taken = Pick<Revealed, 'kind' | 'secret'>;

const take = async (deps: RevealDeps, account: Account | undefined): Promise<Taken | undefined> => {
  if (account?.credential.use === 'lent') return takePassword(deps, account.id, account.credential);
  const { issued, sealed } = account?.pass ?? {};
  if (account === undefined || issued === undefined || sealed === undefined) return undefined;
  const secret = await deps.vault.open(sealed);
  const taken = await deps.accounts.takePass(account.id, issued.id);
  return taken === undefined ? undefined : { kind: 'access pass', secret };
};

const takePassword = async (
  deps: RevealDeps,
  id: AccountId,
  { sealed, generation }: Extract<Credential, { use: 'lent' }>,
): Promise<Taken | undefined> => {
  if (sealed === undefined) return undefined;
  const secret = await deps.vault.open(sealed);
  const taken = await deps.accounts.takeSealed(id, generation);
  return taken === undefined ? undefined : { kind: 'password', secret };
};

/** Either another click was faster, or a process died between taking and showing. */
const afterLoss = async (deps: RevealDeps, id: RequestId): Promise<Fault> => {
  const stored = await deps.requests.load(id);
  const request = stored?.request;
  return request?.revealedAt === undefined
    ? { code: 'reveal.lost', id }
    : { code: 'reveal.taken', id, at: request.revealedAt };
};

const whyNotReveal = (request: AccessRequest, person: Person, now: Date): Fault | undefined => {
  const { id } = request;
  if (!isNamedBy(person, request.requester)) return { code: 'request.not-yours', id, requester: request.requesterName };
  const over = request.endsAt !== undefined && request.endsAt <= now;
  if (request.state !== 'active' || over) {
    return { code: 'request.wrong-state', id, state: over ? 'closing' : request.state, verb: 'reveal' };
  }
  if (request.reveal === 'taken') return { code: 'reveal.taken', id, at: request.revealedAt ?? now };
  if (request.reveal === 'shared') return { code: 'reveal.shared', id };
  if (request.reveal === 'own') return { code: 'reveal.own', id, upn: request.upn };
  if (request.reveal === 'none') return { code: 'request.wrong-state', id, state: 'provisioning', verb: 'reveal' };
  return undefined;
};

/** A credential that was lost is never shown again: a new one is made, and the old one stops working. */
export const reissue = (
  deps: RevealDeps,
  person: Person,
  on: Platform,
  id: RequestId,
): Promise<Result<AccessRequest, Fault>> =>
  transition(deps, id, doerOf(person, on), async (request, stored) => {
    const refusal = whyNotReveal(request, person, deps.clock.now());
    const curable = refusal === undefined || refusal.code === 'reveal.taken' || refusal.code === 'reveal.shared';
    if (curable) return applyEvent(request, { type: 'reissue' }, deps.clock.now());
    return err((await whyHidden(deps, person, stored)) ?? refusal);
  });
