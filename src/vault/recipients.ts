import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import type { RecipientSealer } from '../flows/ports/break-glass.js';
import { redacted } from '../lib/redacted.js';

/** Seals to the public keys of people, so that whoever has all of the server's keys can open nothing. */
export const createRecipientSealer = (): RecipientSealer => ({
  seal: (entry, recipients) => seal(JSON.stringify(entry), recipients),
  sealText: (text, recipients) => seal(text.reveal(), recipients),
  isRecipient: async (text) => {
    try {
      new Encrypter().addRecipient(text);
      return true;
    } catch {
      return false;
    }
  },
  generate: async () => {
    const identity = await generateIdentity();
    return { identity: redacted(identity), recipient: await identityToRecipient(identity) };
  },
});

const seal = async (text: string, recipients: readonly string[]): Promise<string> => {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
};
