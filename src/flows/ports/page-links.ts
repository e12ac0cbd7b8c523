import type { PersonId } from '../../engine/ids.js';
import type { Redacted } from '../../lib/redacted.js';

/** What a one-time page is for. Each kind has one page that shows it and acts on it. */
export interface PageLink {
  readonly kind: string;
  /** Whom the link was given to; what is done by it, they do. */
  readonly person: PersonId;
  /** What it is about. No secret. */
  readonly facts: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/**
 * One-time links by their token, of which only a digest is kept. A link that is unknown, expired, already taken or of
 * another kind is `undefined` alike.
 */
export interface PageLinkStore {
  /** Also forgets whatever has expired by `now`. */
  issue(token: Redacted<string>, link: PageLink, now: Date): Promise<void>;
  /** Reads without consuming. */
  look(token: Redacted<string>, kind: string, now: Date): Promise<PageLink | undefined>;
  /** Consumes the link: exactly one caller gets it. */
  take(token: Redacted<string>, kind: string, now: Date): Promise<PageLink | undefined>;
  /** Keeps the challenge that a browser has to answer, in the place of an earlier one. `false`: no such link. */
  challenge(token: Redacted<string>, kind: string, challenge: string, now: Date): Promise<boolean>;
  /** Takes the challenge out, once. */
  takeChallenge(token: Redacted<string>, kind: string, now: Date): Promise<string | undefined>;
}
