/**
 * The browser's side of a look at break-glass passwords. What is sealed for its viewer is opened here and nowhere else, is
 * shown for a while, and is then forgotten: from the page and from every variable.
 */

import { accountBlock, element, timeOf, valueRow } from './look-entries.js';
import { openKeys, openSealed, WrongPassphrase } from './look-keys.js';
import { prove } from './passkey-proof.js';
import { finish, Refusal, say } from './page.js';

const find = (id) => document.querySelector(`#${id}`);

const form = find('open');
const button = find('go');
const passphrase = find('passphrase');
const shown = find('shown');
const heading = document.querySelector('h1');

/** So long in the background, the page may lie open on somebody else's screen. */
const HIDDEN_MS = 5 * 60_000;

/** How many seconds before the end it is read out, and no oftener. */
const READ_OUT = [300, 60];

/** Where this page asks: its link at first, and from then on an address that only it knows. */
let place = location.pathname;
let taken = false;
/** Changes whenever what is shown is forgotten, so that an answer that comes later shows nothing again. */
let round = 0;
/** When what is shown is forgotten; absent: nothing is shown. */
let end;
/** The viewer's own keys, while something is shown and no longer. */
let keys;
let ticking;

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

/** Opens the viewer's own keys, or has their passkey answer where the server keeps it. Consumes nothing. */
const unlock = async () => {
  if (keys !== undefined) return { identities: keys };
  const begun = await post('begin');
  if (begun.mode === 'server') return { answer: await prove(begun.options), identities: [] };
  return { identities: await openKeys(begun.keys, passphrase?.value) };
};

const pressable = (textContent, className, work) => {
  const made = element('button', { type: 'button', textContent, className });
  made.addEventListener('click', () => attempt(made, () => work(made)));
  return made;
};

const passButton = ({ upn }) =>
  pressable('Get a fresh access pass', 'lesser', async (made) => {
    const { identities, answer } = await unlock();
    const pass = await post('pass', { upn, answer });
    const value = pass.value ?? (await openSealed(identities, pass.sealed));
    if (value === undefined) throw new Refusal('The pass is sealed to another key than yours. Press the button again.');
    if (!made.isConnected) return;
    made.replaceWith(valueRow(`Access pass, good until ${timeOf(pass.endsAt)}`, value));
    say('Sign in with it now: it works once.');
  });

const open = async () => {
  const started = round;
  const { identities, answer } = await unlock();
  const look = taken ? await post('current', { answer }) : await post('take', { answer });
  if (!taken) {
    taken = true;
    place = location.pathname.replace(/[^/]+\/[^/]+$/u, `break-glass-open/${look.next}`);
  }
  const blocks = [];
  for (const account of look.accounts) {
    const block = await accountBlock(account, ({ entry, sealed }) => entry ?? openSealed(identities, sealed));
    if (look.accessPass) block.append(passButton(account));
    blocks.push(block);
  }
  if (round !== started) return;
  keys = identities.length === 0 ? undefined : identities;
  show(blocks, look.leftMs);
};

const show = (blocks, leftMs) => {
  const clock = element('p', { id: 'left', className: 'label' });
  clock.setAttribute('role', 'timer');
  const once = element('p', { className: 'hint', textContent: 'Shown once: reloading this page loses them.' });
  const done = pressable('I am done', '', leave);
  shown.replaceChildren(clock, ...blocks, done, pressable('Show what is current', 'lesser', open), once);
  shown.hidden = false;
  find('closed').hidden = true;
  if (passphrase !== null) passphrase.value = '';
  const isFlawed = shown.querySelector('.problem') !== null;
  say(isFlawed ? 'Not every password can be shown; above is why.' : '', isFlawed);
  count(leftMs, clock);
  watch();
  heading.focus();
};

/** By what is left and not by the hour: browsers' clocks are wrong now and then. */
const count = (leftMs, clock) => {
  clearInterval(ticking);
  end = Date.now() + leftMs;
  const readOut = READ_OUT.filter((seconds) => seconds * 1_000 < leftMs);
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1_000));
    clock.textContent = `Hidden and changed in ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (seconds === 0) return runOut();
    if (readOut.length === 0 || seconds > readOut[0]) return undefined;
    readOut.shift();
    return say(seconds > 60 ? 'Five minutes are left.' : 'One minute is left.');
  };
  ticking = setInterval(tick, 1_000);
  tick();
};

/** Nothing of it stays: not on the page, and in no variable that outlives the showing. */
const forget = (words) => {
  round += 1;
  clearInterval(ticking);
  end = undefined;
  keys = undefined;
  shown.replaceChildren();
  shown.hidden = true;
  if (passphrase !== null) passphrase.value = '';
  say(words);
};

const runOut = () => {
  forget(
    'The passwords you saw are being changed. You can close this page; a new look has to be asked for in the chat.',
  );
  heading.textContent = 'The time is over';
  heading.focus();
};

const askAgain = (words) => {
  forget(words);
  find('notice').hidden = true;
  find('closed').hidden = false;
  button.textContent = 'Show them again';
  (passphrase ?? button).focus();
};

const leave = async () => {
  forget('Hidden. Telling Latchkey…');
  try {
    await post('done');
  } catch (thrown) {
    const again = pressable('Say again that I am done', '', leave);
    shown.replaceChildren(again);
    shown.hidden = false;
    again.focus();
    throw thrown instanceof Refusal ? thrown : new Refusal(UNTOLD);
  }
  finish({ title: 'Done: the passwords are being changed', lines: ['You can close this page.'] });
};

const UNTOLD =
  'The passwords are hidden, but Latchkey could not be told, so they are changed at the end of the time. Check your connection and press the button.';

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
    if (pressed.isConnected && document.activeElement === document.body) pressed.focus();
  }
};

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(button, async () => {
    try {
      await open();
    } catch (thrown) {
      passphrase?.focus();
      passphrase?.select();
      throw thrown;
    }
  });
});

let hiding;
let hiddenSince;

/** A device that sleeps stops every timer, so that it counts how long it was, too. */
const watch = () => {
  clearTimeout(hiding);
  const hideNow = () => end !== undefined && askAgain('Hidden, as the page was out of sight for a while.');
  if (document.hidden) {
    hiddenSince ??= Date.now();
    hiding = setTimeout(hideNow, HIDDEN_MS);
    return;
  }
  if (end !== undefined && Date.now() >= end) runOut();
  else if (hiddenSince !== undefined && Date.now() - hiddenSince >= HIDDEN_MS) hideNow();
  hiddenSince = undefined;
};

document.addEventListener('visibilitychange', watch);
// Browsers keep pages that were left, as they were, for the way back.
window.addEventListener('pagehide', () => {
  if (end !== undefined) askAgain('Hidden, as you left the page.');
  else if (passphrase !== null) passphrase.value = '';
  round += 1;
});
