/** The viewer's own keys, opened by whatever sealed them, and what they open in turn. */

import { say } from './page.js';
import { openByPasskey, openByPassphrase, openWith } from './vault-key.js';

export class WrongPassphrase extends Error {}

/** Lets what was just said be seen before the work that stands everything still. */
const painted = () => new Promise((resolve) => setTimeout(resolve, 60));

const opened = async ({ sealedIdentity, sealedBy, passkey }, passphrase) => {
  if (sealedBy === 'passkey') return openByPasskey(sealedIdentity, passkey);
  say('Opening your key…');
  await painted();
  try {
    return await openByPassphrase(sealedIdentity, passphrase);
  } catch {
    throw new WrongPassphrase('wrong');
  }
};

/** Those that open; each of them is enough. Throws where none does. */
export const openKeys = async (keys, passphrase) => {
  const identities = [];
  let problem;
  for (const key of keys) {
    try {
      identities.push(await opened(key, passphrase));
    } catch (thrown) {
      problem = thrown;
    }
  }
  if (identities.length === 0) throw problem;
  return identities;
};

export const openSealed = async (identities, sealed) => {
  for (const identity of identities) {
    try {
      return await openWith(identity, sealed);
    } catch {
      // Sealed to another of their keys, or to none.
    }
  }
  return undefined;
};
