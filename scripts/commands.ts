/** Writes docs/commands.md from the table of what admins can type: `npx tsx scripts/commands.ts`. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Need, Noun, Verb, Word, WordKind, Words } from '../src/chat/admin/noun.js';
import { NOUNS } from '../src/chat/admin/nouns.js';

const FILE = new URL('../docs/commands.md', import.meta.url);

const WHO: Readonly<Record<Need, string>> = {
  see: 'For anybody with an office, within what they may see.',
  change: 'For owners, and for admins of its organization.',
  own: 'For owners.',
};

const INTRODUCTION = `# What admins can type

Made from the table behind the parser and \`/jit help admin\` by \`npx tsx scripts/commands.ts\`. What stands in square brackets
can be left out, and what ends in … can be said several times. A PERSON is a mention, a name, an e-mail, \`slack:USERID\` or
\`teams:OBJECTID\`; a DURATION is \`30m\`, \`2h\` or \`1h30m\`.`;

/** The whole page, as prettier leaves it. */
export const commandsPage = async (): Promise<string> => {
  const page = [INTRODUCTION, ...NOUNS.map(nounSection)].join('\n\n');
  return format(page, { ...(await resolveConfig(FILE)), parser: 'markdown' });
};

const nounSection = (noun: Noun): string =>
  [`## ${noun.name}`, sentence(noun.summary), ...noun.verbs.map((verb) => verbSection(noun, verb))].join('\n\n');

const verbSection = (noun: Noun, verb: Verb): string => {
  const words = [
    ...Object.entries(verb.arguments).map(([, word]) => row(word.placeholder, word)),
    ...Object.entries(verb.options).map(([name, word]) => row(optionOf(name, word), word)),
  ];
  return [
    `### ${commandOf(noun, verb)}`,
    `${sentence(verb.summary)} ${WHO[verb.needs]}`,
    ...(words.length === 0 ? [] : [words.join('\n')]),
    ...(verb.notes === undefined ? [] : [verb.notes.join(' ')]),
    `\`\`\`\n${verb.examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
};

const commandOf = (noun: Noun, verb: Verb): string =>
  ['/jit admin', noun.name, ...(verb.name === noun.bare ? [] : [verb.name]), ...argumentsOf(verb.arguments)].join(' ');

const argumentsOf = (words: Words): readonly string[] =>
  Object.values(words).map(({ kind, placeholder }) => {
    const said = `${placeholder}${isRepeated(kind) ? '…' : ''}`;
    return kind === 'needed' ? said : `[${said}]`;
  });

const isRepeated = (kind: WordKind): boolean => kind === 'many';

const optionOf = (name: string, { kind, placeholder }: Word): string =>
  kind === 'flag' ? `--${name}` : `--${name} ${placeholder}${isRepeated(kind) ? ' …' : ''}`;

const row = (said: string, { kind, help }: Word): string =>
  `- \`${said}\` ${help}${said.startsWith('--') && kind === 'needed' ? ' (needed)' : ''}`;

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeFile(FILE, await commandsPage());
