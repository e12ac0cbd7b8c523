import type { PersonId } from './ids.js';

/** Names for the accounts we make, from the names of the people they are for. */

const PREFIX = 'jit-';
const LONGEST_LOCAL_PART = 64;
const LONGEST_UPN = 113;
const LONGEST_DISPLAY_NAME = 256;

// Letters that Unicode does not take apart into a Latin letter and a mark.
const SPELLINGS: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'oe',
  å: 'aa',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  þ: 'th',
};

const FOREIGN = /\P{ASCII}/gu;
const MARKS = /\p{M}+/gu;
const OUTSIDE = /[^a-z0-9]+/g;

/** The words of a name in `a-z0-9`; none where it is written in another script. */
const wordsOf = (name: string): readonly string[] =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(FOREIGN, (letter) => SPELLINGS[letter] ?? letter)
    .normalize('NFKD')
    .replaceAll(MARKS, '')
    // An apostrophe joins: O'Brien is one word.
    .replaceAll(/['’ʼ]/g, '')
    .split(OUTSIDE)
    .filter((word) => word !== '');

/** At most so long, and never with a dot at the end, which Entra does not take before an `@`. */
const cut = (text: string, longest: number): string => text.slice(0, longest).replace(/[.-]+$/, '');

const FALLBACK = 'person';

/**
 * The user principal name for a person's account, `jit-dana.fox@contoso.com`. Where nothing of the name can be written
 * in Latin letters, the person's id stands in for it. `number` from 2 on tells people of one name apart.
 */
export const accountUpn = (name: string, id: PersonId, domain: string, number = 1): string => {
  const words = wordsOf(name);
  const named = words.length > 0 ? words : wordsOf(id);
  const local = PREFIX + (named.length > 0 ? named.join('.') : FALLBACK);
  const suffix = number === 1 ? '' : String(number);
  return `${cut(local, longestLocalPart(domain) - suffix.length)}${suffix}@${domain}`;
};

const longestLocalPart = (domain: string): number =>
  Math.min(LONGEST_LOCAL_PART, LONGEST_UPN - domain.length - '@'.length);

const CONTROL = /\p{Cc}+/gu;
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/** The name shown in the directory, `JIT: Dana Fox`. */
export const accountDisplayName = (name: string): string =>
  `JIT: ${name.replaceAll(CONTROL, ' ').trim()}`.slice(0, LONGEST_DISPLAY_NAME).replace(HALF_CHARACTER, '').trim();
