import type { DirectoryFault } from '../../engine/faults.js';
import type { Cloud } from '../../engine/tenant.js';
import type { Redacted } from '../../lib/redacted.js';
import type { Result } from '../../lib/result.js';
import type { SignedIn } from './consents.js';

/** Where a browser comes back to; it must stand in the app's registration, letter for letter. */
interface Return {
  readonly redirectUri: string;
  readonly state: Redacted<string>;
}

export interface ConsentAsk extends Return {
  /** Absent: whichever tenant the administrator belongs to. */
  readonly directoryId?: string;
}

export interface SignInAsk extends Return {
  readonly directoryId: string;
  readonly nonce: string;
  /** PKCE's challenge, S256. */
  readonly challenge: string;
}

export interface SignInAnswer {
  readonly directoryId: string;
  readonly redirectUri: string;
  readonly code: Redacted<string>;
  readonly nonce: string;
  readonly verifier: Redacted<string>;
}

/** What the login authority answered proves nothing: a code that is not good, or a token that is not what was asked for. */
export interface Unproven {
  readonly code: 'connect.unproven';
  readonly detail: string;
}

/** The login authority, where browsers are sent to the app's own tenant and others. All of it is about the server's app. */
export interface LoginAuthority {
  /** The cloud in which the server's app is registered; no tenant of another one can consent to it. */
  readonly cloud: Cloud;
  /** The page on which an administrator lets the app into a tenant. */
  consentUrl(ask: ConsentAsk): Redacted<string>;
  /** The page on which a user of that tenant signs in. */
  signInUrl(ask: SignInAsk): Promise<Result<Redacted<string>, DirectoryFault>>;
  /** Exchanges what a sign-in brought back for who it was: a user of exactly that tenant. */
  redeem(answer: SignInAnswer): Promise<Result<SignedIn, Unproven | DirectoryFault>>;
  /** When the certificate ends that the server's app proves itself with; `undefined`: it has none, or none that can be read. */
  certificate(): Promise<Date | undefined>;
}
