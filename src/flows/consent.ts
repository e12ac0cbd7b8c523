/** The way of a tenant to us, step by step through a browser: consent, sign-in, and what is kept in between. */
import { createHash } from 'node:crypto';
import type { Fault } from '../engine/faults.js';
import type { Address } from '../engine/person.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import type { PageAddress } from './page-links.js';
import type { Consent } from './ports/consents.js';
import { mayConnect } from './tenants.js';

type StepDeps = Pick<FlowDeps, 'clock' | 'random' | 'consents' | 'settings'>;

const SECRET_BYTES = 32;
const GOOD_FOR_MS = 10 * MINUTE;

/** The one address to which the login authority sends browsers back. */
export const callbackUrl = ({ settings }: Pick<FlowDeps, 'settings'>): string =>
  `${settings.publicUrl}/entra/consent/callback`;

/** 256 random bits, in a form that fits an address, a cookie and PKCE alike. */
export const newSecret = ({ random }: Pick<FlowDeps, 'random'>): Redacted<string> =>
  redacted(random.bytes(SECRET_BYTES).toString('base64url'));

/** So many random bits cannot be searched backwards from a plain digest. Also PKCE's S256. */
export const digestOf = (secret: Redacted<string>): string =>
  createHash('sha256').update(secret.reveal()).digest('base64url');

/** Leaves the next step for whoever brings the state that comes back. */
export const leaveStep = async (
  deps: StepDeps,
  step: Omit<Consent, 'stateHash' | 'expiresAt'>,
): Promise<{ readonly state: Redacted<string>; readonly expiresAt: Date }> => {
  const now = deps.clock.now();
  const state = newSecret(deps);
  const expiresAt = addMs(now, GOOD_FOR_MS);
  await deps.consents.sweep(now);
  await deps.consents.insert({ ...step, stateHash: digestOf(state), expiresAt });
  return { state, expiresAt };
};

/** The tenant that somebody wants connected. */
export type WantedTenant = Pick<Consent, 'tenant' | 'directoryId' | 'name' | 'domain' | 'organization' | 'cloud'>;

/** A link to the page on which an administrator of the tenant lets the server's app in; once, for ten minutes. */
export const offerConsent = async (
  deps: StepDeps & ChangeDeps & Pick<FlowDeps, 'login'>,
  admin: Admin,
  wanted: WantedTenant,
  address: Address,
): Promise<Result<PageAddress, Fault>> => {
  const { tenant: id, directoryId, cloud } = wanted;
  const allowed = await mayConnect(deps, admin, { id, ...(directoryId === undefined ? {} : { directoryId }) });
  if (!allowed.ok) return allowed;
  if (cloud !== undefined && cloud !== deps.login.cloud) return err({ code: 'connect.cloud' });
  const { state, expiresAt } = await leaveStep(deps, { ...wanted, person: admin.person.id, address });
  const asked = directoryId === undefined ? {} : { directoryId };
  return ok({ url: deps.login.consentUrl({ ...asked, redirectUri: callbackUrl(deps), state }), expiresAt });
};
