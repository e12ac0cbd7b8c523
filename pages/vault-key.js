/**
 * Keys to a vault, as a browser makes, seals and opens them. An open identity never leaves this page: what is sent is its
 * public half, and itself as a passkey or a passphrase has sealed it.
 */

import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient, webauthn } from './age.js';

/** A new key pair: `AGE-SECRET-KEY-1…` and `age1…`. */
export const makeKey = async () => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** What is typed on one keyboard and opened on another must be the same characters. */
const asTyped = (passphrase) => passphrase.normalize('NFC');

const sealed = async (text, prepare) => {
  const encrypter = new Encrypter();
  prepare(encrypter);
  return armor.encode(await encrypter.encrypt(text));
};

const opened = (armored, prepare) => {
  const decrypter = new Decrypter();
  prepare(decrypter);
  return decrypter.decrypt(armor.decode(armored), 'text');
};

/** Asks for a passkey that can seal; what comes back names it and is no secret. Throws where PRF is missing. */
export const makePasskey = (keyName) => webauthn.createCredential({ keyName });

/** Both ask for the passkey once. */
export const sealByPasskey = (identity, passkey) =>
  sealed(identity, (encrypter) => encrypter.addRecipient(new webauthn.WebAuthnRecipient({ identity: passkey })));

export const openByPasskey = (sealedIdentity, passkey) =>
  opened(sealedIdentity, (decrypter) => decrypter.addIdentity(new webauthn.WebAuthnIdentity({ identity: passkey })));

/** Both take a second or more, in which the page stands still. */
export const sealByPassphrase = (identity, passphrase) =>
  sealed(identity, (encrypter) => encrypter.setPassphrase(asTyped(passphrase)));

export const openByPassphrase = (sealedIdentity, passphrase) =>
  opened(sealedIdentity, (decrypter) => decrypter.addPassphrase(asTyped(passphrase)));

/** What was sealed to the public half of this identity. */
export const openWith = (identity, armored) => opened(armored, (decrypter) => decrypter.addIdentity(identity));
