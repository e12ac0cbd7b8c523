/** Approving with a second factor: a page on which the approver proves, by passkey, that it is they who click. */
import type { Fault } from '../engine/faults.js';
import { requestId } from '../engine/ids.js';
import type { RequestId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { issuePage, visitOf } from './page-links.js';
import type { PageAddress } from './page-links.js';
import { beginProof, chatOf, finishProof, passkeysOf, whyNoPasskeysAt } from './passkey-proof.js';
import type { PasskeyDeps } from './passkey-proof.js';

export const CONFIRM_PAGE = 'passkey-approve';

/** Requests are only looked at: what becomes of one is for whoever is told of the approval. */
interface Requests {
  readonly requests: Pick<FlowDeps['requests'], 'load'>;
}

type OfferDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'passkeys' | 'settings'> & Requests;

export type ConfirmDeps = PasskeyDeps & Requests;

/** An approver's yes that a passkey stands for. */
export interface Approval {
  readonly person: Person;
  readonly on: Platform;
  readonly request: RequestId;
  readonly note?: string;
  readonly factor: 'passkey';
}

export type Approve = (approval: Approval) => Promise<Result<AccessRequest, Fault>>;

/** A page that approves this request once its visitor has proven who they are. */
export const offerConfirmation = async (
  deps: OfferDeps,
  person: Person,
  on: Platform,
  request: RequestId,
  note?: string,
): Promise<Result<PageAddress, Fault>> => {
  const unusable = whyNoPasskeysAt(deps.settings.publicUrl);
  if (unusable !== undefined) return err(unusable);
  if ((await deps.requests.load(request)) === undefined) return err({ code: 'request.unknown', asked: request });
  if ((await passkeysOf(deps, person)).length === 0) return err({ code: 'passkey.none' });
  const facts = { request, on, ...(note === undefined ? {} : { note }) };
  return ok(await issuePage(deps, { kind: CONFIRM_PAGE, person: person.id, facts }));
};

export interface Confirmation {
  readonly person: Person;
  readonly request: AccessRequest;
}

/** What would be approved, and by whom. */
export const lookAtConfirmation = async (
  deps: Pick<ConfirmDeps, 'clock' | 'people' | 'pageLinks' | 'requests'>,
  token: Redacted<string>,
): Promise<Result<Confirmation, Fault>> => {
  const visit = await visitOf(deps, token, CONFIRM_PAGE);
  if (!visit.ok) return visit;
  const { link, person } = visit.value;
  const stored = await deps.requests.load(requestId(link.facts['request'] ?? ''));
  return stored === undefined ? err({ code: 'page.gone' }) : ok({ person, request: stored.request });
};

/** What the browser is to ask its authenticator. Asking again makes what was asked before worthless. */
export const beginConfirmation = async (deps: PasskeyDeps, token: Redacted<string>): Promise<Result<object, Fault>> => {
  const visit = await visitOf(deps, token, CONFIRM_PAGE);
  if (!visit.ok) return visit;
  return beginProof(deps, token, { kind: CONFIRM_PAGE, person: visit.value.person });
};

/**
 * Checks the proof, then takes the link, then approves: a failed proof leaves the link for another try, and of two that
 * succeed only the one that took the link approves.
 */
export const finishConfirmation = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  answer: unknown,
  approve: Approve,
): Promise<Result<AccessRequest, Fault>> => {
  const visit = await visitOf(deps, token, CONFIRM_PAGE);
  if (!visit.ok) return visit;
  const { person } = visit.value;
  const proven = await finishProof(deps, token, { kind: CONFIRM_PAGE, person }, answer);
  if (!proven.ok) return proven;
  const link = await deps.pageLinks.take(token, CONFIRM_PAGE, deps.clock.now());
  if (link === undefined) return err({ code: 'page.gone' });
  const { request = '', note } = link.facts;
  return approve({
    person,
    on: chatOf(link),
    request: requestId(request),
    ...(note === undefined ? {} : { note }),
    factor: 'passkey',
  });
};
