import type { PersonId } from '../../engine/ids.js';
import type { Result } from '../../lib/result.js';
import type { Passkey } from './passkeys.js';

/** What an authenticator has just made. */
export type NewPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports'>;

export interface PasskeyOwner {
  readonly id: PersonId;
  readonly name: string;
}

/**
 * What browser and authenticator are asked, as WebAuthn's JSON, and what their answers prove. Answers are anything that
 * came over the network; where one proves nothing, `error` says why, for the log alone.
 */
export interface PasskeyCeremony {
  /** Asks for a new passkey, from no authenticator that holds one of `existing`. */
  askToCreate(owner: PasskeyOwner, existing: readonly Passkey[], challenge: string): Promise<object>;
  created(answer: unknown, challenge: string): Promise<Result<NewPasskey, string>>;
  /** Asks for a proof by one of these passkeys. */
  askToProve(passkeys: readonly Passkey[], challenge: string): Promise<object>;
  /** The count of uses that the authenticator claims. Whether it went forward is for `PasskeyStore.used` to judge. */
  proven(answer: unknown, challenge: string, passkey: Passkey): Promise<Result<number, string>>;
}
