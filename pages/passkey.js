/**
 * The browser's side of a passkey page: asks the page's own address what to do (`begin`), lets the authenticator do it,
 * and sends the answer back (`finish`), until the page says that it is done.
 */

import { finish, post, Refusal, say } from './page.js';

const button = document.querySelector('#go');
const field = document.querySelector('#name');

const UNSUPPORTED =
  'This browser cannot use passkeys. Copy the link of this page and open it in Chrome, Edge, Firefox or Safari.';

const PROBLEMS = {
  NotAllowedError: 'That was cancelled or took too long. Press the button to try again.',
  InvalidStateError: 'There is a passkey of yours on this device already.',
  SecurityError: 'Passkeys cannot be used under this address. Tell an admin of Latchkey.',
};

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const withBytes = (descriptors = []) => descriptors.map((one) => ({ ...one, id: bytes(one.id) }));

const create = async (options) => {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = credential.response;
  return answer(credential, {
    clientDataJSON: text(clientDataJSON),
    attestationObject: text(attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
};

const prove = async (options) => {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature } = credential.response;
  return answer(credential, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
  });
};

const answer = ({ id, rawId, type }, response) => ({ id, rawId: text(rawId), type, response });

/** The step after a proof waits for a click of its own: some browsers give one click one passkey dialog. */
let next;

const work = async () => {
  const { step, options } = next ?? (await post('begin', {}));
  next = undefined;
  say('Follow your browser or device…');
  const given = step === 'create' ? await create(options) : await prove(options);
  say('One moment…');
  const said = await post('finish', { answer: given, name: field?.value ?? '' });
  if (said.done !== undefined) return finish(said.done);
  next = said;
  button.textContent = 'Create passkey';
  say('Confirmed. Now create the new passkey.');
};

const problemOf = (thrown) => {
  if (thrown instanceof Refusal) return thrown.message;
  return PROBLEMS[thrown.name] ?? 'That did not work. Check your connection and press the button again.';
};

const press = async () => {
  button.disabled = true;
  try {
    await work();
  } catch (thrown) {
    say(problemOf(thrown), true);
  } finally {
    button.disabled = false;
    if (button.isConnected) button.focus();
  }
};

button.addEventListener('click', () => void press());

if (window.PublicKeyCredential === undefined) {
  button.disabled = true;
  say(UNSUPPORTED, true);
}
