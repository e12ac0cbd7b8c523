/** Why something stayed shut, or open. `foreign`: sealed for somebody else. `damaged`: not what was sealed. */
export type VaultErrorReason = 'foreign' | 'damaged' | 'bad-identity' | 'bad-recipient' | 'no-recipient';

const SENTENCES: Readonly<Record<VaultErrorReason, string>> = {
  foreign: 'no vault identity opens this value',
  damaged: 'the sealed value is damaged',
  'bad-identity': 'a vault identity is not an age identity',
  'bad-recipient': 'a recipient is not the public key of an age identity',
  'no-recipient': 'nobody could open what is sealed to nobody',
};

/** Holds no library text: that might repeat an identity or part of a secret. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly reason: VaultErrorReason;

  constructor(reason: VaultErrorReason) {
    super(SENTENCES[reason]);
    this.reason = reason;
  }
}
