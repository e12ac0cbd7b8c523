/** Help on what admins can say, written by the table of nouns. */
import { card } from '../answers.js';
import { code, line, strong } from '../say.js';
import type { Card, Line } from '../view.js';
import { verbOf } from './noun.js';
import type { Noun, Verb, Word, Words } from './noun.js';
import { NOUNS, nounNamed } from './nouns.js';

/** What stands behind `/jit help admin`: nothing, a noun, or a noun and a verb. What is not known falls back to what is. */
export const adminHelp = ([typedNoun = '', typedVerb]: readonly string[]): Card => {
  const noun = nounNamed(typedNoun);
  if (noun === undefined) return overview();
  const only = noun.verbs.length === 1 ? noun.verbs[0] : undefined;
  const verb = only ?? verbOf(noun, typedVerb ?? '');
  return verb === undefined ? nounHelp(noun) : verbHelp(noun, verb);
};

const overview = (): Card =>
  card('Setting Latchkey up', [
    ...NOUNS.map((noun) => line(code(`/jit help admin ${noun.name}`), ` ${noun.summary}`)),
    line('First connect a tenant, then make groups, then rules that say who may ask for what.'),
    next('/jit help admin tenant connect'),
  ]);

const nounHelp = (noun: Noun): Card =>
  card(`${sentenceOf(noun.name)}: ${noun.summary}`, [
    ...noun.verbs.map((verb) => line(code(usageOf(noun, verb)), ` ${verb.summary}`)),
    next(`/jit help admin ${noun.name} ${noun.verbs[0]?.name ?? ''}`),
  ]);

/** As many options as are read at a glance; more of them are folded, behind what to type. */
const MOST_OPTIONS = 8;

const verbHelp = (noun: Noun, verb: Verb): Card => {
  const options = Object.entries(verb.options).map(([name, word]) =>
    line(code(`--${name}${valueOf(word)}`), ` ${word.help}${times(word)}`),
  );
  const folded = options.length > MOST_OPTIONS;
  const help = card(`${usageOf(noun, verb)}: ${verb.summary}`, [
    ...Object.values(verb.arguments).map((word) => line(code(word.placeholder), ` ${word.help}`)),
    ...(folded ? [] : options),
    ...(verb.notes ?? []).map((note) => line(note)),
    ...(verb.needs === 'own' ? [line('Only for owners of Latchkey.')] : []),
    line(strong(verb.examples.length === 1 ? 'Example' : 'Examples')),
    ...verb.examples.slice(1).map((example) => line(code(example))),
    next(verb.examples[0] ?? ''),
  ]);
  return folded ? { ...help, more: options } : help;
};

const next = (command: string): Line => line('Next, type: ', code(command));

const sentenceOf = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** `/jit admin rule add NAME --subject GROUP`: what cannot be left out. */
const usageOf = (noun: Noun, verb: Verb): string => {
  const said = verb.name === noun.bare ? [] : [verb.name];
  return ['/jit admin', noun.name, ...said, ...argumentsOf(verb.arguments), ...neededOptions(verb.options)].join(' ');
};

const argumentsOf = (words: Words): readonly string[] =>
  Object.values(words).map(({ kind, placeholder }) => (isNeeded(kind) ? placeholder : `[${placeholder}]`));

const neededOptions = (words: Words): readonly string[] =>
  Object.entries(words).flatMap(([name, word]) => (isNeeded(word.kind) ? [`--${name}${valueOf(word)}`] : []));

const isNeeded = (kind: Word['kind']): boolean => kind === 'needed';

const valueOf = ({ kind, placeholder }: Word): string => (kind === 'flag' ? '' : ` ${placeholder}`);

const times = ({ kind }: Word): string => (kind === 'many' ? '; as often as you like' : '');
