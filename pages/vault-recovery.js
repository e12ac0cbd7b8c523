/** The browser's side of a key on paper: made here, printed, and only its public half sent. */

import { finish, post, Refusal, say } from './page.js';
import { makeKey, openWith } from './vault-key.js';

const find = (id) => document.querySelector(`#${id}`);

const PREFIX = 'AGE-SECRET-KEY-1';

let key;

/** Its beginning, then six characters each; the last group has four. */
const groupsOf = (identity) => [PREFIX, ...identity.slice(PREFIX.length).match(/.{1,6}/gu)];

/** In groups for the eye; marked and copied it is one piece. */
const inGroups = (identity) =>
  groupsOf(identity).map((part) => Object.assign(document.createElement('span'), { textContent: part }));

const make = async () => {
  key = await makeKey();
  find('secret').replaceChildren(...inGroups(key.identity));
  find('recipient').textContent = key.recipient;
  find('made').textContent = new Date().toISOString().slice(0, 10);
  find('before').hidden = true;
  find('sheet').hidden = false;
  find('after').hidden = false;
  say('');
  find('print').focus();
};

const keep = async () => {
  const typed = find('last').value.replaceAll(/\s/gu, '').toUpperCase();
  if (typed !== groupsOf(key.identity).at(-1)) {
    find('last').focus();
    return say('Those are not its last four characters. Look at the paper, not at the screen.', true);
  }
  say('One moment…');
  const { identity, recipient } = key;
  const { challenge } = await post('begin', { recipient });
  const proof = await openWith(identity, challenge);
  const { done } = await post('finish', { recipient, proof });
  find('secret').replaceChildren();
  key = undefined;
  return finish(done);
};

const doing = (button, work) => async () => {
  button.disabled = true;
  try {
    await work();
  } catch (thrown) {
    say(thrown instanceof Refusal ? thrown.message : 'That did not work. Check your connection and try again.', true);
  }
  button.disabled = false;
};

const go = find('go');
const use = find('use');
const makeNow = doing(go, make);
const keepNow = doing(use, keep);

go.addEventListener('click', () => void makeNow());
find('print').addEventListener('click', () => window.print());
find('after').addEventListener('submit', (event) => {
  event.preventDefault();
  void keepNow();
});

if (!window.isSecureContext) {
  go.disabled = true;
  say('Under this address browsers make no keys: it has to begin with https. Tell an admin of Latchkey.', true);
}
