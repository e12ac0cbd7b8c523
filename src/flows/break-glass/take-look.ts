/** The page of a look: its link is taken once, and what was sealed for its viewer is handed over, sealed. */
import { openers } from '../../engine/break-glass.js';
import type { BreakGlassAccount, Candidate, SealedEntry } from '../../engine/break-glass.js';
import type { BreakGlassView } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import { viewId } from '../../engine/ids.js';
import { applyToLook, runsOutAt, wrongLookState } from '../../engine/look.js';
import { isNamedBy } from '../../engine/person.js';
import type { VaultKey } from '../../engine/vault.js';
import { randomId } from '../../lib/random.js';
import type { Redacted } from '../../lib/redacted.js';
import { addMs, DAY } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { issuePage, visitOf } from '../page-links.js';
import { beginProof } from '../passkey-proof.js';
import { changeLook } from './change-look.js';
import { LOOK_PAGE } from './link-look.js';
import { lookEvent } from './look-audit.js';
import type { Opening } from './look-ground.js';
import { rotateAfter, rotateNow } from './look-rotation.js';
import { lookVisit, OPEN_LOOK_PAGE, provenLookVisit } from './look-visit.js';
import type { LookKind, LookVisit, LookVisitDeps } from './look-visit.js';

export type TakeLookDeps = LookVisitDeps & Pick<FlowDeps, 'vault' | 'sealer' | 'breakGlassDirectory'>;

/** With what the browser opens what it will be given: the viewer's own keys as they left them, or a proof to give. */
export type LookKeys =
  | {
      readonly mode: 'recipients';
      readonly keys: readonly Pick<VaultKey, 'sealedIdentity' | 'sealedBy' | 'passkey'>[];
    }
  | { readonly mode: 'server'; readonly options: object };

/** Begins to open it: consumes nothing. */
export const beginLook = async (
  deps: TakeLookDeps,
  token: Redacted<string>,
  kind: LookKind,
): Promise<Result<LookKeys, Fault>> => {
  const visit = await lookVisit(deps, token, kind);
  if (!visit.ok) return visit;
  const { opening, person } = visit.value;
  if (opening.mode === 'server') {
    const options = await beginProof(deps, token, { kind, person });
    return options.ok ? ok({ mode: 'server', options: options.value }) : options;
  }
  const keys = opening.keys.map(({ sealedIdentity, sealedBy, passkey }) => ({
    sealedIdentity,
    sealedBy,
    ...(passkey === undefined ? {} : { passkey }),
  }));
  return ok({ mode: 'recipients', keys });
};

/** A password as it is handed over: sealed; or open, where the server alone can open it and a passkey has just asked. */
export interface ShownCandidate {
  readonly at: Date;
  /** Whether the directory has said that it is set. */
  readonly set: boolean;
  readonly sealed?: string;
  /** A `SealedEntry`, as JSON. */
  readonly entry?: string;
}

export interface ShownLook {
  readonly accounts: readonly {
    readonly upn: string;
    readonly directoryId: string;
    /** Likeliest first. */
    readonly candidates: readonly ShownCandidate[];
  }[];
  readonly endsAt: Date;
  readonly accessPass: boolean;
}

/**
 * Takes the link, once; puts down that what is shown will be changed; and hands it over. All of it is on record before the
 * answer leaves. `next`: the token by which this window, and no other, comes back to it.
 */
export const takeLook = async (
  deps: TakeLookDeps,
  token: Redacted<string>,
  answer: unknown,
): Promise<Result<ShownLook & { readonly next: string }, Fault>> => {
  const visit = await provenLookVisit(deps, token, LOOK_PAGE, answer);
  if (!visit.ok) return visit;
  const { person, on } = visit.value;
  if ((await deps.pageLinks.take(token, LOOK_PAGE, deps.clock.now())) === undefined) return err({ code: 'page.gone' });
  // Of two links to the same look one opens it: the other meets a look that is open.
  const opened = await changeLook(deps, visit.value.view.id, (view) =>
    applyToLook(view, { type: 'show' }, deps.clock.now()),
  );
  if (!opened.ok) return opened;
  const view = opened.value;
  await rotateAfter(deps, view);
  const shown = await shownIn(deps, { ...visit.value, view });
  const link = { kind: OPEN_LOOK_PAGE, person: person.id, facts: { view: view.id, on } };
  const { url } = await issuePage(deps, link, view.lastsMs);
  return ok({ ...shown, next: url.reveal().slice(url.reveal().lastIndexOf('/') + 1) });
};

/** What opens the accounts at this very moment: a rotation may have come in between. */
export const currentLook = async (
  deps: TakeLookDeps,
  token: Redacted<string>,
  answer: unknown,
): Promise<Result<ShownLook, Fault>> => {
  const visit = await provenLookVisit(deps, token, OPEN_LOOK_PAGE, answer);
  if (!visit.ok) return visit;
  await recordWithin(deps, visit.value, 'break-glass.shown-again', {});
  return ok(await shownIn(deps, visit.value));
};

const recordWithin = (
  deps: TakeLookDeps,
  { view, person, on }: LookVisit,
  what: string,
  facts: Readonly<Record<string, string>>,
): Promise<void> =>
  deps.audit.append(
    `look/${view.id}/${randomId(deps.random)}`,
    lookEvent(view, { what, at: deps.clock.now(), by: person.id, on, facts }),
  );

const shownIn = async (deps: TakeLookDeps, { view, tenant, opening }: LookVisit): Promise<ShownLook> => {
  const accounts = await accountsOf(deps, view);
  return {
    accounts: await Promise.all(
      accounts.map(async ({ upn, candidates }) => ({
        upn,
        directoryId: tenant.directoryId,
        candidates: await Promise.all(
          openers(candidates).map((one) => shownAs(deps, one, opening.mode, { upn, directoryId: tenant.directoryId })),
        ),
      })),
    ),
    endsAt: runsOutAt(view) ?? deps.clock.now(),
    accessPass: view.accessPass,
  };
};

const accountsOf = async (
  { breakGlass }: Pick<TakeLookDeps, 'breakGlass'>,
  { accounts }: BreakGlassView,
): Promise<readonly BreakGlassAccount[]> =>
  (await Promise.all(accounts.map((id) => breakGlass.load(id)))).flatMap((account) => account ?? []);

const shownAs = async (
  { vault, log }: TakeLookDeps,
  { at, answer, sealed }: Candidate,
  mode: Opening['mode'],
  owner: Owner,
): Promise<ShownCandidate> => {
  const shown = { at, set: answer?.kind === 'set' };
  if (mode === 'recipients') return { ...shown, sealed };
  try {
    const entry = (await vault.open(sealed)).reveal();
    if (isOf(owner, entry)) return { ...shown, entry };
    log.error({ at, ...owner }, 'something else is kept in the place of a break-glass password, and is not shown');
  } catch {
    // Sealed to people before the organization chose the server: theirs to open, and not ours. Or it was tampered with.
    log.warn({ at, ...owner }, 'a break-glass password does not open with the keys of this server');
  }
  return { ...shown, sealed };
};

type Owner = Pick<SealedEntry, 'upn' | 'directoryId'>;

/** Whoever can write to the database could otherwise have the server open whatever else is sealed to it. */
const isOf = ({ upn, directoryId }: Owner, entry: string): boolean => {
  try {
    const said = JSON.parse(entry) as Partial<SealedEntry> | null;
    return said?.upn?.toLowerCase() === upn.toLowerCase() && said.directoryId === directoryId;
  } catch {
    return false;
  }
};

/** Sealed to its viewer's keys; `value` where the server alone can open what belongs to the organization. */
export interface ShownPass {
  readonly endsAt: Date;
  readonly sealed?: string;
  readonly value?: string;
}

/** A fresh access pass for one of the accounts, where it was asked for and agreed to. */
export const passForLook = async (
  deps: TakeLookDeps,
  token: Redacted<string>,
  upn: string,
  answer: unknown,
): Promise<Result<ShownPass, Fault>> => {
  const visit = await provenLookVisit(deps, token, OPEN_LOOK_PAGE, answer);
  if (!visit.ok) return visit;
  const { view, tenant, opening } = visit.value;
  const account = (await accountsOf(deps, view)).find((one) => one.upn === upn);
  if (!view.accessPass || account?.objectId === undefined) return err(wrongLookState(view, 'get an access pass for'));
  await recordWithin(deps, visit.value, 'break-glass.pass', { upn });
  // Before it is issued, for whoever is never told of it: the change of the password ends it as well.
  await deps.breakGlass.note(account.id, { passUntil: addMs(deps.clock.now(), DAY) });
  const issued = await deps.breakGlassDirectory.issuePass(tenant, account.objectId);
  if (!issued.ok) return issued;
  const { value, endsAt } = issued.value;
  if (opening.mode === 'server') return ok({ endsAt, value: value.reveal() });
  const recipients = opening.keys.map(({ recipient }) => recipient);
  return ok({ endsAt, sealed: await deps.sealer.sealText(value, recipients) });
};

/** The viewer is done: what they saw is changed at once. */
export const endLook = async (deps: TakeLookDeps, token: Redacted<string>): Promise<Result<BreakGlassView, Fault>> => {
  const visit = await visitOf(deps, token, OPEN_LOOK_PAGE);
  if (!visit.ok) return visit;
  const { person, link } = visit.value;
  const over = await changeLook(deps, viewId(link.facts['view'] ?? ''), (view) => {
    if (!isNamedBy(person, view.requester)) return err({ code: 'page.gone' });
    return view.state === 'over' ? ok(view) : applyToLook(view, { type: 'finish' }, deps.clock.now());
  });
  if (!over.ok) return over;
  await rotateNow(deps, over.value);
  await deps.pageLinks.take(token, OPEN_LOOK_PAGE, deps.clock.now());
  return over;
};
