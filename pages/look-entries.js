/** What stands for one break-glass account: its name, and what may open it, each in words that say which to try. */

import { say } from './page.js';

export const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const COPIED_MS = 2_000;

const copyButton = (what, value) => {
  const made = element('button', { type: 'button', className: 'copy', textContent: 'Copy' });
  made.setAttribute('aria-label', `Copy ${what}`);
  made.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(value);
      say(`Copied: ${what}.`);
      made.textContent = 'Copied';
      setTimeout(() => (made.textContent = 'Copy'), COPIED_MS);
    } catch {
      say('This browser does not let the page copy. Select the text instead.', true);
    }
  });
  return made;
};

export const valueRow = (label, value) =>
  element(
    'div',
    { className: 'value' },
    element('p', { className: 'label', textContent: label }),
    element('code', { textContent: value }),
    copyButton(label.charAt(0).toLowerCase() + label.slice(1), value),
  );

// With seconds: attempts at a password may follow each other fast, and each needs a name of its own.
export const timeOf = (at) => new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });

const parsed = (text) => {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
};

/** The password in an opened entry; or why none is shown, since whoever can write the database can swap what is sealed. */
const passwordIn = (text, account) => {
  if (text === undefined) return { problem: 'It is sealed to other keys than yours, or it was damaged.' };
  const { upn, tenant, directoryId, password } = parsed(text);
  if (typeof upn !== 'string' || typeof password !== 'string') return { problem: 'What was sealed is no password.' };
  if (upn.toLowerCase() === account.upn.toLowerCase() && directoryId === account.directoryId) return { password };
  const whose = `It was sealed for ${upn} in ${tenant} (${directoryId})`;
  return { problem: `${whose}, not for this account, so it is not shown. Tell an admin of Latchkey.` };
};

const passwordRow = ({ password, problem, at, set }) => {
  const label = `Password of ${timeOf(at)}${set ? '' : ', not confirmed'}`;
  if (problem === undefined) return valueRow(label, password);
  return element('p', { className: 'problem', textContent: `${label}: ${problem}` });
};

const paragraph = (textContent) => element('p', { textContent });

const UNCERTAIN =
  'The directory has not confirmed which of these is set. Try them from the top: one of them opens the account.';

/** `open`: gives the text of a sealed one, or nothing. */
export const accountBlock = async (account, open) => {
  const candidates = [];
  // One after the other: each asks for work that stands the page still.
  for (const one of account.candidates) candidates.push({ ...one, ...passwordIn(await open(one), account) });
  candidates.sort((one, other) => new Date(other.at) - new Date(one.at));
  const surest = candidates.findIndex(({ set }) => set);
  const likely = surest === -1 ? candidates : candidates.slice(0, surest + 1);
  const older = candidates.slice(likely.length);
  const heading = element('h2', { textContent: account.upn.split('@')[0] });
  const block = element('article', {}, heading, valueRow('User name', account.upn));
  block.setAttribute('aria-label', heading.textContent);
  if (candidates.length === 0) block.append(paragraph('No password is on record.'));
  if (likely.some(({ set }) => !set)) block.append(paragraph(UNCERTAIN));
  block.append(...likely.map(passwordRow));
  if (older.length > 0) {
    const summary = element('summary', { textContent: 'Older passwords, if those above are refused' });
    const isNeeded = likely.every(({ problem }) => problem !== undefined);
    block.append(element('details', { open: isNeeded }, summary, ...older.map(passwordRow)));
  }
  return block;
};
