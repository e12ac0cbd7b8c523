/** Agreeing to a look where a passkey is demanded: a page on which the approver proves that it is they who click. */
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import { viewId } from '../../engine/ids.js';
import type { ViewId } from '../../engine/ids.js';
import type { Person, Platform } from '../../engine/person.js';
import type { Redacted } from '../../lib/redacted.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { issuePage, visitOf } from '../page-links.js';
import type { PageAddress } from '../page-links.js';
import { beginProof, chatOf, finishProof, passkeysOf, whyNoPasskeysAt } from '../passkey-proof.js';
import type { PasskeyDeps } from '../passkey-proof.js';

export const CONFIRM_LOOK_PAGE = 'look-approve';

/** An approver's yes that a passkey stands for. */
export type ApproveLook = (approval: {
  readonly person: Person;
  readonly on: Platform;
  readonly look: ViewId;
  readonly factor: 'passkey';
}) => Promise<Result<BreakGlassView, Fault>>;

export type ConfirmLookDeps = PasskeyDeps & Pick<FlowDeps, 'views'>;

/** A page that agrees to this look once its visitor has proven who they are. */
export const offerLookConfirmation = async (
  deps: Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'passkeys' | 'settings'>,
  person: Person,
  on: Platform,
  look: ViewId,
): Promise<Result<PageAddress, Fault>> => {
  const unusable = whyNoPasskeysAt(deps.settings.publicUrl);
  if (unusable !== undefined) return err(unusable);
  if ((await passkeysOf(deps, person)).length === 0) return err({ code: 'passkey.none' });
  return ok(await issuePage(deps, { kind: CONFIRM_LOOK_PAGE, person: person.id, facts: { look, on } }));
};

export interface LookConfirmation {
  readonly person: Person;
  readonly on: Platform;
  readonly view: BreakGlassView;
}

/** What would be agreed to, and by whom. */
export const lookAtLookConfirmation = async (
  deps: Pick<ConfirmLookDeps, 'clock' | 'people' | 'pageLinks' | 'views'>,
  token: Redacted<string>,
): Promise<Result<LookConfirmation, Fault>> => {
  const visit = await visitOf(deps, token, CONFIRM_LOOK_PAGE);
  if (!visit.ok) return visit;
  const { link, person } = visit.value;
  const stored = await deps.views.load(viewId(link.facts['look'] ?? ''));
  return stored === undefined ? err({ code: 'page.gone' }) : ok({ person, on: chatOf(link), view: stored.view });
};

export const beginLookConfirmation = async (
  deps: ConfirmLookDeps,
  token: Redacted<string>,
): Promise<Result<object, Fault>> => {
  const seen = await lookAtLookConfirmation(deps, token);
  return seen.ok ? beginProof(deps, token, { kind: CONFIRM_LOOK_PAGE, person: seen.value.person }) : seen;
};

/** Checks the proof, then takes the link, then agrees: a failed proof leaves the link for another try. */
export const finishLookConfirmation = async (
  deps: ConfirmLookDeps,
  token: Redacted<string>,
  answer: unknown,
  approve: ApproveLook,
): Promise<Result<BreakGlassView, Fault>> => {
  const seen = await lookAtLookConfirmation(deps, token);
  if (!seen.ok) return seen;
  const { person, on, view } = seen.value;
  const proven = await finishProof(deps, token, { kind: CONFIRM_LOOK_PAGE, person }, answer);
  if (!proven.ok) return proven;
  const link = await deps.pageLinks.take(token, CONFIRM_LOOK_PAGE, deps.clock.now());
  return link === undefined ? err({ code: 'page.gone' }) : approve({ person, on, look: view.id, factor: 'passkey' });
};
