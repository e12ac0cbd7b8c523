/** What a browser brings back from the login authority: believed only as far as it is proven. */
import type { Fault } from '../engine/faults.js';
import { isDeactivated } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn } from './change.js';
import type { Admin } from './change.js';
import { finishConnection } from './connect.js';
import type { Connected, FinishDeps } from './connect.js';
import { callbackUrl, digestOf, leaveStep, newSecret } from './consent.js';
import type { FlowDeps } from './deps.js';
import type { Consent } from './ports/consents.js';
import { standingOf } from './standing.js';
import { mayConnect } from './tenants.js';

export type ArriveDeps = FinishDeps & Pick<FlowDeps, 'login' | 'vault'>;

/** What stood in the address, as it came, and what the browser holds. */
export interface Brought {
  readonly state?: string;
  readonly error?: string;
  readonly errorDescription?: string;
  readonly adminConsent?: string;
  readonly tenant?: string;
  readonly code?: string;
  readonly browser?: Redacted<string>;
}

/** Where the browser goes on to. */
export type Arrival =
  /** To the sign-in, with something that tells it from other browsers when it comes back. */
  | { readonly kind: 'sign-in'; readonly url: Redacted<string>; readonly browser: Redacted<string> }
  /** Here again, in a few seconds, with this state: the consent has not reached all of the directory yet. */
  | { readonly kind: 'waiting'; readonly state: Redacted<string>; readonly directoryId: string }
  | { readonly kind: 'connected'; readonly connected: Connected };

/** What happened, and whom it concerns where that is known. */
export interface Arrived {
  readonly consent?: Consent;
  readonly person?: Person;
  readonly outcome: Result<Arrival, Fault>;
}

const STATE = /^[\w-]{43}$/u;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** Takes the next step of a tenant's way, once: whatever goes wrong, the same address is good for nothing any more. */
export const arrive = async (deps: ArriveDeps, brought: Brought): Promise<Arrived> => {
  const { state = '' } = brought;
  const consent = STATE.test(state) ? await deps.consents.take(digestOf(redacted(state)), deps.clock.now()) : undefined;
  // A refusal says `admin_consent=True` as well, so this comes before anything that could be read as a consent.
  const declined = brought.error === undefined ? undefined : declinedBy(brought);
  if (consent === undefined) return { outcome: err(declined ?? { code: 'connect.gone' }) };
  const person = await deps.people.byId(consent.person);
  const known = { consent, ...(person === undefined ? {} : { person }) };
  if (declined !== undefined) return { ...known, outcome: err(declined) };
  if (person === undefined || isDeactivated(person)) return { ...known, outcome: err({ code: 'connect.gone' }) };
  const admin: Admin = { person, on: consent.address.platform, standing: await standingOf(deps, person) };
  const allowed = await mayOwn(deps, admin);
  return { ...known, outcome: allowed.ok ? await nextStep(deps, admin, consent, brought) : allowed };
};

const nextStep = (
  deps: ArriveDeps,
  admin: Admin,
  consent: Consent,
  brought: Brought,
): Promise<Result<Arrival, Fault>> => {
  if (consent.signIn === undefined) return afterConsent(deps, admin, consent, brought);
  // Else a sign-in that somebody was talked into would vouch for a consent that is not theirs.
  if (brought.browser === undefined || digestOf(brought.browser) !== consent.signIn.browser) {
    return Promise.resolve(err({ code: 'connect.unproven', detail: 'another browser than the one that consented' }));
  }
  const { authorised, signIn } = consent;
  return authorised === undefined
    ? afterSignIn(deps, admin, { ...consent, signIn }, brought)
    : finish(deps, admin, { ...consent, authorised });
};

/** Entra's own words stay out: only what they mean, and its code for whoever looks it up. */
const declinedBy = ({ error = '', errorDescription = '' }: Brought): Fault => {
  const number = /^AADSTS\d{3,9}/u.exec(errorDescription)?.[0];
  const code = number ?? (/^\w{1,40}$/u.test(error) ? error : 'an unknown reason');
  return { code: 'connect.declined', reason: code, byHand: error === 'access_denied' };
};

const afterConsent = async (
  deps: ArriveDeps,
  admin: Admin,
  consent: Consent,
  { tenant, adminConsent }: Brought,
): Promise<Result<Arrival, Fault>> => {
  if (adminConsent?.toLowerCase() !== 'true' || tenant === undefined || !GUID.test(tenant)) {
    return err({ code: 'connect.incomplete' });
  }
  const directoryId = tenant.toLowerCase();
  if (consent.directoryId !== undefined && consent.directoryId.toLowerCase() !== directoryId) {
    return err({ code: 'connect.other-tenant', asked: consent.directoryId, answered: directoryId });
  }
  const free = await mayConnect(deps, admin, { id: consent.tenant, directoryId });
  if (!free.ok) return free;
  const [nonce, verifier, browser] = [newSecret(deps), newSecret(deps), newSecret(deps)];
  const { state } = await leaveStep(deps, {
    ...consent,
    signIn: {
      directoryId,
      nonce: nonce.reveal(),
      verifier: await deps.vault.seal(verifier),
      browser: digestOf(browser),
    },
  });
  const url = await deps.login.signInUrl({
    directoryId,
    redirectUri: callbackUrl(deps),
    state,
    nonce: nonce.reveal(),
    challenge: digestOf(verifier),
  });
  return url.ok ? ok({ kind: 'sign-in', url: url.value, browser }) : url;
};

const afterSignIn = async (
  deps: ArriveDeps,
  admin: Admin,
  consent: Consent & Required<Pick<Consent, 'signIn'>>,
  { code }: Brought,
): Promise<Result<Arrival, Fault>> => {
  if (code === undefined || code === '') return err({ code: 'connect.incomplete' });
  const { directoryId, nonce, verifier } = consent.signIn;
  const signedIn = await deps.login.redeem({
    directoryId,
    redirectUri: callbackUrl(deps),
    code: redacted(code),
    nonce,
    verifier: await deps.vault.open(verifier),
  });
  if (!signedIn.ok) return signedIn;
  return finish(deps, admin, { ...consent, authorised: { ...signedIn.value, at: deps.clock.now() } });
};

const finish = async (
  deps: ArriveDeps,
  admin: Admin,
  consent: Consent & Required<Pick<Consent, 'authorised'>>,
): Promise<Result<Arrival, Fault>> => {
  const finished = await finishConnection(deps, admin, consent);
  if (!finished.ok) return finished;
  if (finished.value !== 'not yet') return ok({ kind: 'connected', connected: finished.value });
  const { state } = await leaveStep(deps, consent);
  return ok({ kind: 'waiting', state, directoryId: consent.authorised.directoryId });
};
