import type { PersonId } from '../../engine/ids.js';

/** A WebAuthn credential by which a person confirms. Nothing in it is secret. */
export interface Passkey {
  /** The authenticator's own id for it, base64url. */
  readonly credentialId: string;
  readonly person: PersonId;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** The authenticator's count of its uses; always 0 where it does not count. */
  readonly counter: number;
  /** How a browser reaches the authenticator: `internal`, `hybrid`, `usb` … */
  readonly transports: readonly string[];
  /** By which its owner tells it from the others. */
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
}

export interface PasskeyStore {
  /** Oldest first. A person who was joined with another has those of both: ask by every id. */
  ofPerson(ids: readonly PersonId[]): Promise<readonly Passkey[]>;
  /** `false`: that credential is enrolled already, by whomever. */
  add(passkey: Passkey): Promise<boolean>;
  /** Records a use. `false`: the count went back or stood still, so two devices hold this credential; or it is gone. */
  used(credentialId: string, counter: number, at: Date): Promise<boolean>;
  remove(credentialId: string): Promise<boolean>;
}
