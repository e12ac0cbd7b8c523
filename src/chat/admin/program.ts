/** The table of nouns as sub-commands of the parser. */
import { Option } from 'commander';
import type { Command as Program } from 'commander';
import type { AdminCommand } from '../command.js';
import type { Noun, SaidWords, Verb, Word } from './noun.js';
import { NOUNS } from './nouns.js';

/**
 * Only the verbs of the noun at hand are built: of all others their names are enough, to tell what was meant. `bare` makes
 * an empty command.
 */
export const addNouns = (
  admin: Program,
  bare: (name: string) => Program,
  said: string | undefined,
  found: (command: AdminCommand) => void,
): void => {
  for (const noun of NOUNS) {
    const program = bare(noun.name);
    admin.addCommand(program);
    if (noun.name !== said) continue;
    for (const verb of noun.verbs) {
      const child = programFor(noun, verb, bare(verb.name), found);
      program.addCommand(child, { isDefault: verb.name === noun.bare });
    }
  }
};

const programFor = (noun: Noun, verb: Verb, program: Program, found: (command: AdminCommand) => void): Program => {
  const words = Object.entries(verb.arguments);
  for (const [name, word] of words) program.argument(argumentOf(name, word));
  for (const [name, word] of Object.entries(verb.options)) program.addOption(optionOf(name, word));
  return program.action(() => {
    const args = Object.fromEntries(words.map(([name], index) => [name, program.processedArgs[index] as string]));
    found({ name: 'admin', noun: noun.name, verb: verb.name, args, options: saidOptions(verb, program.opts()) });
  });
};

const isList = ({ kind }: Word): boolean => kind === 'many';

const argumentOf = (name: string, word: Word): string => {
  const inside = isList(word) ? `${name}...` : name;
  return word.kind === 'needed' ? `<${inside}>` : `[${inside}]`;
};

const gather = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const optionOf = (name: string, word: Word): Option => {
  const { kind, placeholder } = word;
  const option = new Option(kind === 'flag' ? `--${name}` : `--${name} <${placeholder.toLowerCase()}>`);
  if (isList(word)) option.argParser(gather);
  return option.makeOptionMandatory(kind === 'needed');
};

/** By the table's own names: the parser writes `addAdmin` for `add-admin`, and `owner: false` for `no-owner`. */
const saidOptions = ({ options }: Verb, parsed: Readonly<Record<string, unknown>>): SaidWords => {
  const said: Record<string, string | true | readonly string[]> = {};
  for (const name of Object.keys(options)) {
    const key = name.replace(/^no-/u, '').replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
    const value = parsed[key];
    if (name.startsWith('no-')) {
      if (value === false) said[name] = true;
    } else if (value !== undefined && value !== false) said[name] = value as string | true | readonly string[];
  }
  return said;
};
