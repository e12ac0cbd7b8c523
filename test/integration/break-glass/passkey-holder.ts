import { createAuthenticator } from '../../fakes/authenticator.js';
import type { Authenticator, CreationOptions, ProofOptions } from '../../fakes/authenticator.js';
import type { Who } from '../../fakes/service-desk.js';
import { createPasskeyCeremony } from '../../../src/web/passkey-ceremony.js';
import type { LookRig } from './look-rig.js';

/** Gives somebody a passkey, made and checked as on the page that enrols them, and the device that holds it. */
export const enrolPasskey = async (rig: LookRig, who: Who): Promise<Authenticator> => {
  const ceremony = createPasskeyCeremony(rig.origin);
  const device = createAuthenticator(rig.origin);
  const person = await rig.idOf(who);
  const challenge = Buffer.alloc(32, 7).toString('base64url');
  const options = await ceremony.askToCreate({ id: person, name: who }, [], challenge);
  const made = await ceremony.created(device.create(options as CreationOptions), challenge);
  if (!made.ok) throw new Error(made.error);
  const createdAt = rig.desk.parts.clock.now();
  await rig.desk.stores.passkeys.add({ ...made.value, person, name: `phone of ${who}`, createdAt });
  return device;
};

/** What a page asks a passkey, at its first question. */
export const askedAt = async (rig: LookRig, link: string): Promise<ProofOptions> => {
  const { status, text } = await rig.post(link, 'begin');
  if (status !== 200) throw new Error(text);
  return (JSON.parse(text) as { readonly options: ProofOptions }).options;
};
