/** The browser's side of making a key to a vault: made, sealed, opened again for proof, and only then sent. */

import { finish, post, Refusal, say } from './page.js';
import {
  makeKey,
  makePasskey,
  openByPasskey,
  openByPassphrase,
  openWith,
  sealByPasskey,
  sealByPassphrase,
} from './vault-key.js';

const form = document.querySelector('#vault');
const button = document.querySelector('#go');
const passphrase = document.querySelector('#passphrase');
const again = document.querySelector('#again');
const strength = document.querySelector('#strength');
const byPasskey = document.querySelector('#by-passkey');
const byPassphrase = document.querySelector('#by-passphrase');

const SHORTEST = 12;

/** What to mend before going on, for the reader. */
class Unfit extends Error {}

/** Somebody who copies the database can guess for years, so that nothing is called better than it is. */
const judge = (text) => {
  const length = [...text].length;
  const missing = SHORTEST - length;
  if (missing > 0)
    return { words: `Too short: ${missing} more ${missing === 1 ? 'character' : 'characters'} at least.` };
  if (new Set(text.toLowerCase()).size < 6) return { words: 'Too simple: it repeats a few characters.' };
  if (length < 16) return { fits: true, words: 'Weak unless it is random. Five or six unrelated words are better.' };
  if (length < 24) return { fits: true, words: 'Good, unless it is a name, a date or a saying.' };
  return { fits: true, words: 'Strong, unless it is a quotation.' };
};

const showStrength = () => {
  const { words, fits } = judge(passphrase.value);
  strength.textContent = passphrase.value === '' ? '' : words;
  strength.classList.toggle('problem', passphrase.value !== '' && fits !== true);
};

/** Lets what was just said be seen before the work that stands everything still. */
const painted = () => new Promise((resolve) => setTimeout(resolve, 60));

/** The steps that are left. With a passkey each begins with a press: some browsers give one press one dialog. */
let steps;

const send = async (key, sealedIdentity, reopened, more) => {
  if (reopened !== key.identity) throw new Unfit('What was sealed did not open again. Reload the page and start anew.');
  say('It opens. One moment…');
  const { recipient } = key;
  const { challenge } = await post('begin', { recipient });
  const proof = await openWith(reopened, challenge);
  const { done } = await post('finish', { recipient, sealedIdentity, proof, ...more });
  passphrase.value = '';
  again.value = '';
  finish(done);
};

const FOLLOW = 'Follow your browser or device…';

/** By a passkey: make it, seal with it, open with it. */
const passkeySteps = () => {
  const made = {};
  return [
    {
      label: 'Make the passkey (1 of 3)',
      says: FOLLOW,
      work: async () => {
        made.passkey = await makePasskey(`Latchkey, vault of ${form.dataset.vault}`);
      },
    },
    {
      label: 'Seal the key with it (2 of 3)',
      says: FOLLOW,
      work: async () => {
        made.key = await makeKey();
        made.sealed = await sealByPasskey(made.key.identity, made.passkey);
      },
    },
    {
      label: 'Check that it opens (3 of 3)',
      says: FOLLOW,
      work: async () => {
        const reopened = await openByPasskey(made.sealed, made.passkey);
        await send(made.key, made.sealed, reopened, { sealedBy: 'passkey', passkey: made.passkey });
      },
    },
  ];
};

const checkPassphrase = () => {
  const { words, fits } = judge(passphrase.value);
  if (fits !== true) {
    passphrase.focus();
    throw new Unfit(words);
  }
  if (passphrase.value === again.value) return;
  again.focus();
  throw new Unfit('The two are not the same. Type it once more.');
};

const passphraseSteps = () => [
  {
    label: 'Make the key',
    says: 'Sealing the key and opening it again for proof. This takes some seconds…',
    work: async () => {
      checkPassphrase();
      await painted();
      const key = await makeKey();
      const sealedIdentity = await sealByPassphrase(key.identity, passphrase.value);
      await painted();
      const reopened = await openByPassphrase(sealedIdentity, again.value);
      await send(key, sealedIdentity, reopened, { sealedBy: 'passphrase' });
    },
  },
];

const choose = () => {
  for (const part of document.querySelectorAll('[data-by]')) part.hidden = part.dataset.by !== chosen();
  steps = byPasskey.checked ? passkeySteps() : passphraseSteps();
  button.textContent = steps[0].label;
};

const chosen = () => (byPasskey.checked ? 'passkey' : 'passphrase');

const PROBLEMS = {
  NotAllowedError: 'That was cancelled or took too long. Press the button to try again.',
  SecurityError: 'Passkeys cannot be used under this address. Take a passphrase, or tell an admin of Latchkey.',
};

const NO_PRF = 'This browser or device cannot seal with a passkey. Choose a passphrase instead.';

const withoutPasskey = (words) => {
  byPasskey.disabled = true;
  byPassphrase.checked = true;
  choose();
  say(words, true);
};

const tell = (thrown) => {
  // So the age format's own library names the missing extension.
  if (/PRF/u.test(thrown.message))
    return withoutPasskey(`${NO_PRF} A passkey that it made just now is of no use here.`);
  if (thrown instanceof Refusal || thrown instanceof Unfit) return say(thrown.message, true);
  return say(PROBLEMS[thrown.name] ?? 'That did not work. Check your connection and press the button again.', true);
};

const press = async () => {
  const step = steps[0];
  button.disabled = true;
  say(step.says);
  try {
    await step.work();
    steps = steps.slice(1);
    if (steps[0] !== undefined) {
      for (const choice of [byPasskey, byPassphrase]) choice.disabled = true;
      button.textContent = steps[0].label;
      say('Done. Press the button for the next step.');
    }
  } catch (thrown) {
    tell(thrown);
  } finally {
    button.disabled = false;
    if (button.isConnected && document.activeElement === document.body) button.focus();
  }
};

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void press();
});
for (const choice of [byPasskey, byPassphrase]) choice.addEventListener('change', choose);
passphrase.addEventListener('input', showStrength);

choose();

const canSeal = async () => {
  if (form.dataset.passkeys === 'no' || window.PublicKeyCredential === undefined) return false;
  const told = await window.PublicKeyCredential.getClientCapabilities?.().catch(() => undefined);
  return told?.['extension:prf'] !== false;
};

if (window.isSecureContext) {
  if (!(await canSeal())) withoutPasskey(NO_PRF);
} else {
  button.disabled = true;
  say('Under this address browsers make no keys: it has to begin with https. Tell an admin of Latchkey.', true);
}
