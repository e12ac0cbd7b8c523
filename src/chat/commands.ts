import { Command as Program, CommanderError, InvalidArgumentError } from 'commander';
import type { Fault } from '../engine/faults.js';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { addNouns } from './admin/program.js';
import { shortened } from './asking.js';
import type { Command, RequestOptions } from './command.js';
import type { LookOptions } from './look-options.js';

import { tokensOf } from './tokens.js';

/** Reads the words behind `/jit`. Nothing said at all asks for help. */
export const parseCommand = (text: string): Result<Command, Fault> => {
  const pasted = pastedConfig(text);
  if (pasted !== undefined) return ok(pasted);
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  if (tokens.value.length === 0) return ok({ name: 'help' });
  const words = lowerVerbs(tokens.value);
  let parsed: Command | undefined;
  const program = build(words, (command) => {
    parsed = command;
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    const { topic, at } = placeOf(program, words);
    if (thrown.code === 'commander.helpDisplayed' || thrown.code === 'commander.help') return ok(helpOn(topic));
    const problem = thrown.code === 'commander.excessArguments' ? surplus(at) : sentence(thrown.message);
    return err({ code: 'command.usage', problem, ...(topic === undefined ? {} : { topic }) });
  }
  return ok(parsed ?? helpOn(placeOf(program, words).topic));
};

const PASTED = /^\s*admin\s+import(\s+--yes)?[^\S\n]*\n(?:\s*```\w*\n)?([\s\S]*?)(?:\n\s*```)?\s*$/iu;

/** YAML below a command is no words to be taken apart: its line breaks and quotes mean something. */
const pastedConfig = (text: string): Command | undefined => {
  const [, yes, yaml] = PASTED.exec(text) ?? [];
  if (yaml === undefined) return undefined;
  return {
    name: 'admin',
    noun: 'import',
    verb: 'text',
    args: { yaml },
    options: yes === undefined ? {} : { yes: true },
  };
};

/** Phones capitalise the first word of a message. */
const lowerVerbs = (words: readonly string[]): string[] => {
  const verbs = words[0]?.toLowerCase() === 'admin' ? 3 : 1;
  return words.map((word, index) => (index < verbs ? word.toLowerCase() : word));
};

const helpOn = (topic: string | undefined): Command =>
  topic === undefined ? { name: 'help' } : { name: 'help', topic };

interface Place {
  /** The command as far as it is one, `admin rule add`. */
  readonly topic?: string;
  readonly at: Program;
}

/** A misspelt word counts as the one that was probably meant. */
const placeOf = (program: Program, words: readonly string[]): Place => {
  const path: string[] = [];
  let at = program;
  for (const word of words) {
    const names: readonly string[] = at.commands.map((child) => child.name());
    const name = names.includes(word) ? word : closest(word, names);
    const child = at.commands.find((known) => known.name() === name);
    if (child === undefined) break;
    path.push(child.name());
    at = child;
  }
  return { at, ...(path.length === 0 ? {} : { topic: path.join(' ') }) };
};

/** Names the first word too many: usually one that should have stood in quotes, or behind an option that takes none. */
const surplus = (at: Program): string => {
  const word = at.args[at.registeredArguments.length] ?? '';
  return `I do not know what to do with ${shortened(word)} there. Words that belong together stand in quotes.`;
};

/** Commander's own message, as a sentence. */
const sentence = (message: string): string => {
  const text = message
    .replace(/^error:\s*/u, '')
    .replaceAll(/\s*\n\s*/gu, ' ')
    .trim()
    .slice(0, 300);
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.?!)]$/u.test(capital) ? capital : `${capital}.`;
};

type Found = (command: Command) => void;

const gather = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const pageNumber = (text: string): number => {
  if (!/^[1-9]\d{0,2}$/u.test(text)) throw new InvalidArgumentError('Name a page by its number, as in --page 2.');
  return Number(text);
};

const bare = (name: string): Program =>
  new Program(name)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .helpCommand(false)
    .allowExcessArguments(false);

const build = (words: readonly string[], found: Found): Program => {
  const program = bare('jit');
  const under = (parent: Program, name: string): Program => {
    const child = bare(name);
    parent.addCommand(child);
    return child;
  };
  under(program, 'help')
    .argument('[topic...]')
    .action((topic: readonly string[]) =>
      found(helpOn(topic.length === 0 ? undefined : topic.join(' ').toLowerCase())),
    );
  addRequest(under(program, 'request'), found);
  under(program, 'can')
    .argument('[tenant]')
    .action((tenant?: string) => found({ name: 'can', ...(tenant === undefined ? {} : { tenant }) }));
  under(program, 'list')
    .option('--all')
    .option('--page <number>', '', pageNumber, 1)
    .action((options: { all?: true; page: number }) =>
      found({ name: 'list', all: options.all === true, page: options.page }),
    );
  under(program, 'extend')
    .argument('<id>')
    .argument('<duration>')
    .argument('[reason...]')
    .action((id: string, duration: string, reason: readonly string[]) =>
      found({ name: 'extend', id, duration, ...(reason.length === 0 ? {} : { reason: reason.join(' ') }) }),
    );
  for (const name of ['status', 'cancel', 'end'] as const) {
    under(program, name)
      .argument('<id>')
      .action((id: string) => found({ name, id }));
  }
  addRevoke(under(program, 'revoke'), found);
  under(program, 'reveal')
    .argument('<id>')
    .option('--again')
    .action((id: string, options: { again?: true }) => found({ name: 'reveal', id, again: options.again === true }));
  for (const name of ['approve', 'deny'] as const) {
    under(program, name)
      .argument('<id>')
      .argument('[note...]')
      .action((id: string, note: readonly string[]) =>
        found({ name, id, ...(note.length === 0 ? {} : { note: note.join(' ') }) }),
      );
  }
  addLook(under(program, 'break-glass'), found);
  addLink(under(program, 'link'), found);
  addVault(under(program, 'vault'), under, found);
  addNouns(under(program, 'admin'), bare, words[1], found);
  return program;
};

type Under = (parent: Program, name: string) => Program;

const addVault = (vault: Program, under: Under, found: Found): void => {
  vault.action(() => found({ name: 'vault status' }));
  under(vault, 'status').action(() => found({ name: 'vault status' }));
  under(vault, 'enrol')
    .argument('[organization...]')
    .action((words: readonly string[]) =>
      found({ name: 'vault enrol', ...(words.length === 0 ? {} : { vault: words.join(' ') }) }),
    );
  for (const verdict of ['confirm', 'refuse'] as const) {
    under(vault, verdict)
      .argument('<key>')
      .action((key: string) => found({ name: `vault ${verdict}`, key }));
  }
};

const addLook = (program: Program, found: Found): void => {
  program
    .argument('<tenant>')
    .option('--reason <text>')
    .option('--name <name>')
    .option('--emergency')
    .option('--access-pass')
    .action((tenant: string, { emergency, accessPass, ...said }: Partial<LookOptions>) => {
      const options = { ...said, emergency: emergency === true, accessPass: accessPass === true };
      found({ name: 'break-glass', tenant, options });
    });
};

const addRevoke = (revoke: Program, found: Found): void => {
  revoke
    .argument('<id>')
    .option('--unconfirmed')
    .option('--yes')
    .action((id: string, { unconfirmed, yes }: { readonly unconfirmed?: true; readonly yes?: true }) => {
      if (unconfirmed === true) return found({ name: 'revoke unconfirmed', id, yes: yes === true });
      if (yes === true) revoke.error("option '--yes' belongs to --unconfirmed");
      return found({ name: 'revoke', id });
    });
};

const addRequest = (program: Program, found: Found): void => {
  program
    .argument('[tenant]')
    .option('--role <role>', '', gather, [])
    .option('--for <duration>')
    .option('--until <time>')
    .option('--from <time>')
    .option('--reason <text>')
    .option('--ticket <ref>')
    .option('--template <template>')
    .option('--group <group>', '', gather)
    .option('--account <kind>')
    .option('--first <name>')
    .option('--last <name>')
    .option('--user-name <name>')
    .option('--user-domain <domain>')
    .option('--at-end <action>')
    .option('--tap')
    .action((tenant: string | undefined, options: RequestOptions) =>
      found({ name: 'request', options, ...(tenant === undefined ? {} : { tenant }) }),
    );
};

const addLink = (link: Program, found: Found): void => {
  link
    .argument('[code]')
    .option('--remove <passkey>')
    .option('--of <person>')
    .action((code: string | undefined, { remove, of }: { readonly remove?: string; readonly of?: string }) => {
      const word = code?.toLowerCase();
      if (remove === undefined && of !== undefined) link.error("option '--of' needs '--remove NAME'");
      if (remove !== undefined) {
        if (word !== 'passkey') link.error("option '--remove' belongs to /jit link passkey");
        found({ name: 'link passkey remove', passkey: remove, ...(of === undefined ? {} : { of }) });
      } else if (word === 'passkey' || word === 'passkeys') found({ name: `link ${word}` });
      else found({ name: 'link', ...(code === undefined ? {} : { code }) });
    });
};
