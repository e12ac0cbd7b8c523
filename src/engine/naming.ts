import type { PersonId } from './ids.js';

/** Names for the accounts we make, from the names of the people they are for. */

/** How accounts are called where a tenant does not say otherwise. */
export const USUAL_PATTERN = 'jit-{person}';

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

const PLACEHOLDER = /\{(person|first|last)\}/g;

/**
 * The user principal name for a person's account, `jit-dana.fox@contoso.com`. Where nothing of the name can be written
 * in Latin letters, the person's id stands in for it. `number` from 2 on tells people of one name apart.
 */
export const accountUpn = (name: string, id: PersonId, domain: string, number = 1, pattern = USUAL_PATTERN): string => {
  const suffix = number === 1 ? '' : String(number);
  const room = roomForNames(pattern, domain) - suffix.length;
  const written = [wordsOf(name), wordsOf(id)].find((words) => words.length > 0) ?? [FALLBACK];
  const parts: Readonly<Record<string, string>> = {
    person: written.join('.'),
    first: written[0] ?? FALLBACK,
    last: written.at(-1) ?? FALLBACK,
  };
  const each = Math.max(1, Math.floor(room / placeholdersIn(pattern)));
  const local = pattern.replaceAll(PLACEHOLDER, (_, part: string) => cut(parts[part] ?? FALLBACK, each));
  return `${local}${suffix}@${domain}`;
};

const placeholdersIn = (pattern: string): number => pattern.match(PLACEHOLDER)?.length ?? 0;

/** How many characters of the names of people fit beside what is the same for all of them. */
const roomForNames = (pattern: string, domain: string): number =>
  longestLocalPart(domain) - pattern.replaceAll(PLACEHOLDER, '').length;

const longestLocalPart = (domain: string): number =>
  Math.min(LONGEST_LOCAL_PART, LONGEST_UPN - domain.length - '@'.length);

/** With fewer characters of each name, people could not be told apart by reading. */
const LEAST_OF_A_NAME = 8;

// Dots and dashes only between two others: Entra takes no dot at either end, and none beside another.
const SAFE_PATTERN = /^(?:[a-z0-9]|\{(?:person|first|last)\})+(?:[._-](?:[a-z0-9]|\{(?:person|first|last)\})+)*$/;

/** Why accounts under a domain cannot be named by a pattern, as a clause; `undefined`: they can. */
export const whyUnfitPattern = (pattern: string, domain: string): string | undefined => {
  const count = placeholdersIn(pattern);
  if (count === 0)
    return 'write {person} where the name of the person belongs, as in jit-{person}; {first} and {last} do, too';
  if (!SAFE_PATTERN.test(pattern)) {
    return 'beside {person}, {first} and {last} take only the letters a to z, digits, and between them single dots, dashes or underscores';
  }
  return Math.floor(roomForNames(pattern, domain) / count) < LEAST_OF_A_NAME
    ? `it leaves too little room for names: ${longestLocalPart(domain)} characters fit before @${domain}`
    : undefined;
};

const TICKET = /\{ticket\}/g;
const LOOSE_ENDS = /^[._-]+|[._-]+$/g;

/**
 * The user name of a new user, `ada.byron`, or by a pattern `{person}-{ticket}`; '' where nothing of it can be written in
 * Latin letters.
 */
export const userNameFor = (name: string, pattern = '{person}', ticket = ''): string => {
  const person = wordsOf(name).join('.');
  if (person === '') return '';
  const written = pattern.toLowerCase().replaceAll('{person}', person).replaceAll(TICKET, wordsOf(ticket).join('-'));
  return cut(written.replaceAll(/\.{2,}/g, '.').replaceAll(LOOSE_ENDS, ''), LONGEST_LOCAL_PART);
};

const CONTROL = /\p{Cc}+/gu;
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/** The name shown in the directory, `JIT: Dana Fox`. */
export const accountDisplayName = (name: string): string =>
  `JIT: ${name.replaceAll(CONTROL, ' ').trim()}`.slice(0, LONGEST_DISPLAY_NAME).replace(HALF_CHARACTER, '').trim();
