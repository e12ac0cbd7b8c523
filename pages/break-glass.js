/**
 * The browser's side of a look at break-glass passwords. What is sealed for its viewer is opened here and nowhere else, is
 * shown for a while, and is then forgotten: from the page and from every variable.
 */

import { prove } from './passkey-proof.js';
import { Refusal, say } from './page.js';
import { openByPasskey, openByPassphrase, openWith } from './vault-key.js';

const find = (id) => document.querySelector(`#${id}`);

const form = find('open');
const button = find('go');
const passphrase = find('passphrase');
const shown = find('shown');

/** So long in the background, the page may lie open on somebody else's screen. */
const HIDDEN_MS = 5 * 60_000;

/** Where this page asks: its link at first, and from then on an address that only it knows. */
let place = location.pathname;
let taken = false;
/** The viewer's own keys, while something is shown and no longer. */
let keys;
let ticking;

class WrongPassphrase extends Error {}

const post = async (action, body = {}) => {
  const response = await fetch(`${place}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await response.json();
  if (!response.ok) throw new Refusal(said.problem);
  return said;
};

/** Lets what was just said be seen before the work that stands everything still. */
const painted = () => new Promise((resolve) => setTimeout(resolve, 60));

/** Opens the viewer's own key, or has their passkey answer where the server keeps it. Consumes nothing. */
const unlock = async () => {
  if (keys !== undefined) return { identities: keys };
  const begun = await post('begin');
  if (begun.mode === 'server') return { answer: await prove(begun.options), identities: [] };
  const identities = [];
  for (const { sealedIdentity, sealedBy, passkey } of begun.keys) {
    if (sealedBy === 'passkey') identities.push(await openByPasskey(sealedIdentity, passkey));
    else identities.push(await openedBy(sealedIdentity));
  }
  return { identities };
};

const openedBy = async (sealedIdentity) => {
  say('Opening your key…');
  await painted();
  try {
    return await openByPassphrase(sealedIdentity, passphrase.value);
  } catch {
    throw new WrongPassphrase('wrong');
  }
};

const openSealed = async (identities, sealed) => {
  for (const identity of identities) {
    try {
      return await openWith(identity, sealed);
    } catch {
      // Sealed to another of their keys, or to none.
    }
  }
  return undefined;
};

const entryIn = async (identities, { sealed, entry }, account) => {
  const text = entry ?? (await openSealed(identities, sealed));
  if (text === undefined) return { problem: 'It is sealed to other keys than yours, or it was damaged.' };
  const opened = JSON.parse(text);
  const isOurs = opened.upn.toLowerCase() === account.upn.toLowerCase() && opened.directoryId === account.directoryId;
  return isOurs ? opened : { problem: `It belongs to ${opened.upn}, not to this account. Tell an admin of Latchkey.` };
};

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const copyButton = (what, value) => {
  const made = element('button', { type: 'button', className: 'copy', textContent: 'Copy' });
  made.setAttribute('aria-label', `Copy ${what}`);
  made.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(value);
      say(`Copied: ${what}.`);
    } catch {
      say('This browser does not let the page copy. Select the text instead.', true);
    }
  });
  return made;
};

const valueRow = (label, value) =>
  element(
    'div',
    { className: 'value' },
    element('p', { className: 'label', textContent: label }),
    element('code', { textContent: value }),
    copyButton(label.toLowerCase(), value),
  );

const timeOf = (at) => new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });

const passwordRow = (entry, { at, set }) =>
  entry.problem === undefined
    ? valueRow(`Password of ${timeOf(at)}${set ? '' : ' (perhaps never set)'}`, entry.password)
    : element('p', { className: 'problem', textContent: `Password of ${timeOf(at)}: ${entry.problem}` });

const accountBlock = async (identities, account, look) => {
  const rows = [];
  for (const candidate of account.candidates) {
    rows.push(passwordRow(await entryIn(identities, candidate, account), candidate));
  }
  const [first, ...others] = rows;
  const block = element('article', {}, element('h2', { textContent: account.upn.split('@')[0] }));
  block.append(valueRow('User name', account.upn), first ?? element('p', { textContent: 'No password is on record.' }));
  if (others.length > 0) {
    const summary = element('summary', { textContent: 'If it does not open: older ones' });
    block.append(element('details', {}, summary, ...others));
  }
  if (look.accessPass) block.append(passButton(account));
  return block;
};

const passButton = ({ upn }) => {
  const made = element('button', { type: 'button', className: 'lesser', textContent: 'Get a fresh access pass' });
  made.addEventListener('click', () =>
    attempt(made, async () => {
      const { identities, answer } = await unlock();
      const pass = await post('pass', { upn, answer });
      const value = pass.value ?? (await openSealed(identities, pass.sealed));
      if (value === undefined) throw new Refusal('The pass is sealed to another key than yours. Reload and try again.');
      made.replaceWith(valueRow(`Access pass, good until ${timeOf(pass.endsAt)}`, value));
      say('Sign in with it now: it works once.');
    }),
  );
  return made;
};

const show = async (identities, look) => {
  keys = identities.length === 0 ? undefined : identities;
  const blocks = [];
  for (const account of look.accounts) blocks.push(await accountBlock(identities, account, look));
  const clock = element('p', { id: 'left', className: 'label' });
  const again = element('button', { type: 'button', className: 'lesser', textContent: 'Show what is current' });
  again.addEventListener('click', () => attempt(again, open));
  const done = element('button', { type: 'button', textContent: 'I am done' });
  done.addEventListener('click', () => attempt(done, finish));
  shown.replaceChildren(...blocks, clock, done, again);
  shown.hidden = false;
  find('closed').hidden = true;
  count(new Date(look.endsAt), clock);
  document.querySelector('h1').focus();
};

const count = (end, clock) => {
  clearInterval(ticking);
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1_000));
    clock.textContent = `Hidden and changed in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (seconds === 0) forget('The time is over: the passwords are being changed.');
  };
  ticking = setInterval(tick, 1_000);
  tick();
};

/** Nothing of it stays: not on the page, and in no variable that outlives the showing. */
const forget = (words) => {
  clearInterval(ticking);
  keys = undefined;
  shown.replaceChildren();
  shown.hidden = true;
  if (passphrase !== null) passphrase.value = '';
  say(words);
};

const open = async () => {
  const { identities, answer } = await unlock();
  const look = taken ? await post('current', { answer }) : await post('take', { answer });
  if (!taken) {
    taken = true;
    place = location.pathname.replace(/[^/]+\/[^/]+$/u, `break-glass-open/${look.next}`);
  }
  await show(identities, look);
  say('');
};

const askAgain = (words) => {
  forget(words);
  find('closed').hidden = false;
  button.textContent = 'Show them again';
  (passphrase ?? button).focus();
};

const finish = async () => {
  await post('done');
  forget('Done. The passwords you saw are being changed now. You can close this page.');
  document.body.classList.add('done');
};

const PROBLEMS = {
  NotAllowedError: 'That was cancelled or took too long. Nothing is lost: press the button to try again.',
  SecurityError: 'Passkeys cannot be used under this address. Tell an admin of Latchkey.',
};

const problemOf = (thrown) => {
  if (thrown instanceof Refusal) return thrown.message;
  if (thrown instanceof WrongPassphrase) return 'That is not the passphrase of your key. Nothing is lost: try again.';
  return PROBLEMS[thrown.name] ?? 'That did not work. Check your connection and press the button again.';
};

const attempt = async (pressed, work) => {
  pressed.disabled = true;
  try {
    await work();
  } catch (thrown) {
    say(problemOf(thrown), true);
  } finally {
    pressed.disabled = false;
  }
};

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(button, async () => {
    try {
      await open();
      if (passphrase !== null) passphrase.value = '';
    } catch (thrown) {
      passphrase?.select();
      throw thrown;
    }
  });
});

let hiding;
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (!document.hidden || shown.hidden) return;
  hiding = setTimeout(() => askAgain('Hidden, as the page was out of sight for a while.'), HIDDEN_MS);
});
window.addEventListener('pagehide', () => forget(''));
