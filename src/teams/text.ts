import { oneLine } from '../chat/text.js';

const LOOKALIKES: Readonly<Record<string, string>> = {
  '*': '∗',
  '[': '［',
  ']': '］',
  '`': 'ˋ',
  '~': '∼',
  '<': '‹',
  '>': '›',
  _: '＿',
};

/**
 * For the one place where a card reads markup whatever we do: the titles of choices, some clients of which take them
 * as Markdown and others as they are, so that neither escaping nor leaving them alone is right everywhere. An
 * underscore within a word marks nothing and stays.
 */
export const withoutMarkdown = (text: string): string =>
  text
    .replace(/[*[\]`~<>]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOKALIKES[mark] ?? mark)
    .replace(/(https?):\/\//gi, '$1:∕∕')
    .replace(/\bwww\./gi, 'www․');

// Clients put a date or a time in the place of these, in every text of a card.
const MACROS = /\{(?=\{(?:DATE|TIME)\()/g;

/** For the text of a run, which is literal but for macros; an invisible space keeps those from being read as such. */
export const literal = (text: string): string => oneLine(text).replace(MACROS, '{\u200B');
