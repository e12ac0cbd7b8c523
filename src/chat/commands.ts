import { Command as Program, CommanderError } from 'commander';
import type { Fault } from '../engine/faults.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { tokensOf } from './tokens.js';

/** A command as typed: words, not yet looked up. */
export type Command =
  | { readonly name: 'help'; readonly topic?: string }
  | { readonly name: 'request'; readonly tenant?: string; readonly options: RequestOptions }
  | { readonly name: 'list'; readonly all: boolean }
  | { readonly name: 'status' | 'cancel' | 'end' | 'revoke'; readonly id: string }
  | { readonly name: 'reveal'; readonly id: string; readonly again: boolean }
  | { readonly name: 'approve' | 'deny'; readonly id: string; readonly note?: string }
  | { readonly name: 'link'; readonly code?: string }
  | { readonly name: 'link passkey' | 'link passkeys' }
  | { readonly name: 'link passkey remove'; readonly passkey: string; readonly of?: string }
  | AdminCommand;

export interface RequestOptions {
  readonly role: readonly string[];
  readonly for?: string;
  readonly until?: string;
  readonly from?: string;
  readonly reason?: string;
  readonly ticket?: string;
}

export type AdminCommand =
  | { readonly name: 'admin tenant add'; readonly tenant: string; readonly options: TenantOptions }
  | { readonly name: 'admin tenant list' | 'admin group list' | 'admin rule list' }
  | { readonly name: 'admin tenant remove'; readonly tenant: string }
  | {
      readonly name: 'admin group add' | 'admin group remove';
      readonly group: string;
      readonly members: readonly string[];
    }
  | { readonly name: 'admin rule add'; readonly rule: string; readonly options: RuleOptions }
  | { readonly name: 'admin rule remove'; readonly rule: string };

export interface TenantOptions {
  readonly id: string;
  readonly name?: string;
  readonly domain?: string;
}

export interface RuleOptions {
  readonly subject: string;
  readonly tenant: readonly string[];
  readonly role: readonly string[];
  readonly max: string;
  readonly approvals: string;
  readonly approvers?: string;
}

/** Reads the words behind `/jit`. Nothing said at all asks for help. */
export const parseCommand = (text: string): Result<Command, Fault> => {
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  if (tokens.value.length === 0) return ok({ name: 'help' });
  let parsed: Command | undefined;
  const program = build((command) => {
    parsed = command;
  });
  try {
    program.parse(lowerVerbs(tokens.value), { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    const topic = topicOf(tokens.value);
    if (thrown.code === 'commander.helpDisplayed' || thrown.code === 'commander.help') return ok(helpOn(topic));
    return err({ code: 'command.usage', problem: sentence(thrown.message), ...(topic === undefined ? {} : { topic }) });
  }
  return ok(parsed ?? helpOn(topicOf(tokens.value)));
};

/** Phones capitalise the first word of a message. */
const lowerVerbs = (words: readonly string[]): string[] => {
  const verbs = words[0]?.toLowerCase() === 'admin' ? 3 : 1;
  return words.map((word, index) => (index < verbs ? word.toLowerCase() : word));
};

const helpOn = (topic: string | undefined): Command =>
  topic === undefined ? { name: 'help' } : { name: 'help', topic };

const TOPICS = ['request', 'list', 'status', 'cancel', 'end', 'revoke', 'reveal', 'approve', 'deny', 'link', 'admin'];

const topicOf = ([first]: readonly string[]): string | undefined => {
  const word = first?.toLowerCase();
  return word !== undefined && TOPICS.includes(word) ? word : undefined;
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

const bare = (name: string): Program =>
  new Program(name)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .helpCommand(false)
    .allowExcessArguments(false);

const build = (found: Found): Program => {
  const program = bare('jit');
  const under = (parent: Program, name: string): Program => {
    const child = bare(name);
    parent.addCommand(child);
    return child;
  };
  under(program, 'help')
    .argument('[topic]')
    .argument('[more...]')
    .action((topic?: string) => found(helpOn(topic)));
  addRequest(under(program, 'request'), found);
  under(program, 'list')
    .option('--all')
    .action((options: { all?: true }) => found({ name: 'list', all: options.all === true }));
  for (const name of ['status', 'cancel', 'end', 'revoke'] as const) {
    under(program, name)
      .argument('<id>')
      .action((id: string) => found({ name, id }));
  }
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
  addLink(under(program, 'link'), found);
  addAdmin(under(program, 'admin'), under, found);
  return program;
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

type Under = (parent: Program, name: string) => Program;

const addAdmin = (admin: Program, under: Under, found: Found): void => {
  const tenant = under(admin, 'tenant');
  under(tenant, 'add')
    .argument('<tenant>')
    .requiredOption('--id <guid>')
    .option('--name <name>')
    .option('--domain <domain>')
    .action((name: string, options: TenantOptions) => found({ name: 'admin tenant add', tenant: name, options }));
  under(tenant, 'remove')
    .argument('<tenant>')
    .action((name: string) => found({ name: 'admin tenant remove', tenant: name }));
  const group = under(admin, 'group');
  for (const verb of ['add', 'remove'] as const) {
    under(group, verb)
      .argument('<group>')
      .option('--member <person>', '', gather, [])
      .action((name: string, options: { member: readonly string[] }) =>
        found({ name: `admin group ${verb}`, group: name, members: options.member }),
      );
  }
  const rule = under(admin, 'rule');
  under(rule, 'add')
    .argument('<name>')
    .requiredOption('--subject <group>')
    // Without an empty list to begin with: it would count as given.
    .requiredOption('--tenant <tenant>', '', gather)
    .requiredOption('--role <role>', '', gather)
    .option('--max <duration>', '', '4h')
    .option('--approvals <count>', '', '1')
    .option('--approvers <group>')
    .action((name: string, options: RuleOptions) => found({ name: 'admin rule add', rule: name, options }));
  under(rule, 'remove')
    .argument('<rule>')
    .action((name: string) => found({ name: 'admin rule remove', rule: name }));
  for (const [noun, parent] of [
    ['tenant', tenant],
    ['group', group],
    ['rule', rule],
  ] as const) {
    under(parent, 'list').action(() => found({ name: `admin ${noun} list` }));
  }
};
