import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { Recipient } from 'age-encryption';
import type { RecipientSealer } from '../flows/ports/break-glass.js';
import { redacted } from '../lib/redacted.js';
import { createKeyRecipient } from './key-recipient.js';
import { VaultError } from './vault-error.js';

/** Seals to the public keys of people, so that whoever has all of the server's own keys can open nothing. */
export const createRecipientSealer = (): RecipientSealer => {
  // Reading one takes as long as sealing to it, and a night of rotations seals to the same few.
  const known = new Map<string, Recipient>();
  const recipientOf = (text: string): Recipient => {
    const recipient = known.get(text) ?? createKeyRecipient(text);
    known.set(text, recipient);
    return recipient;
  };
  const seal = async (text: string, recipients: readonly string[]): Promise<string> => {
    if (recipients.length === 0) throw new VaultError('no-recipient');
    const encrypter = new Encrypter();
    for (const recipient of recipients) encrypter.addRecipient(recipientOf(recipient));
    return armor.encode(await encrypter.encrypt(text));
  };
  return {
    seal: (entry, recipients) => seal(JSON.stringify(entry), recipients),
    sealText: (text, recipients) => seal(text.reveal(), recipients),
    isRecipient: async (text) => {
      try {
        await createKeyRecipient(text).wrapFileKey(new Uint8Array(16));
        return true;
      } catch (thrown) {
        if (thrown instanceof VaultError) return false;
        throw thrown;
      }
    },
    generate: async () => {
      const identity = await generateIdentity();
      return { identity: redacted(identity), recipient: await identityToRecipient(identity) };
    },
  };
};
