import { describe, expect, it } from 'vitest';
import { NOUNS } from '../../../../src/chat/admin/nouns.js';
import { parseCommand } from '../../../../src/chat/commands.js';
import { helpCard } from '../../../../src/chat/help.js';
import type { Card } from '../../../../src/chat/view.js';
import { textOf } from '../../../fakes/chat-room.js';

/** Every verb of every noun can be said as its help says, and its help ends with what to type next. */

const VERBS = NOUNS.flatMap((noun) => noun.verbs.map((verb) => ({ noun, verb, said: `${noun.name} ${verb.name}` })));

const codesIn = ({ lines, more = [] }: Card): readonly string[] =>
  [...lines, ...more].flat().flatMap(({ code, text }) => (code === true ? [text] : []));

const lastLineOf = ({ lines }: Card): string => (lines.at(-1) ?? []).map(({ text }) => text).join('');

describe('every verb of every noun', () => {
  it('is there', () => {
    expect(VERBS.length).toBeGreaterThan(25);
  });

  it.each(VERBS)('$said has examples, and each one is that very command', ({ noun, verb }) => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const example of verb.examples) {
      expect(example).toMatch(/^\/jit /u);
      expect(parseCommand(example.replace('/jit ', ''))).toMatchObject({
        ok: true,
        value: { name: 'admin', noun: noun.name, verb: verb.name },
      });
    }
  });

  it.each(VERBS)('$said is explained, word by word, by --help and by /jit help alike', ({ noun, verb }) => {
    const asked = parseCommand(`admin ${noun.name} ${verb.name} --help`);
    expect(asked).toEqual({ ok: true, value: { name: 'help', topic: `admin ${noun.name} ${verb.name}` } });
    const card = helpCard(`admin ${noun.name} ${verb.name}`);
    for (const name of Object.keys(verb.options)) expect(textOf(card)).toContain(`--${name}`);
    expect(lastLineOf(card)).toBe(`Next, type: ${verb.examples[0]}`);
  });

  it.each(VERBS)('$said that was misspelt is recognised, and its help is named', ({ noun, verb }) => {
    if (noun.bare === verb.name) return;
    const misspelt = `${verb.name.slice(0, -1)}x`;
    const command = parseCommand(`admin ${noun.name} ${misspelt}`);
    expect(command).toMatchObject({ ok: false, error: { code: 'command.usage' } });
    const topic = command.ok || command.error.code !== 'command.usage' ? undefined : command.error.topic;
    expect(topic).toMatch(new RegExp(`^admin ${noun.name}`, 'u'));
  });

  it.each(VERBS)('$said takes several values only at its end, so that none is mistaken', ({ verb }) => {
    const kinds = Object.values(verb.arguments).map(({ kind }) => kind);
    expect(kinds.slice(0, -1).filter((kind) => kind === 'many')).toEqual([]);
  });
});

describe('every topic of help', () => {
  const TOPICS = [
    '',
    'request',
    'can',
    'list',
    'status',
    'extend',
    'reveal',
    'approve',
    'deny',
    'cancel',
    'end',
    'revoke',
  ];
  const all = [...TOPICS, 'link', 'admin', ...NOUNS.map(({ name }) => `admin ${name}`)];

  it.each(all)('%s ends with the next command to type, which can be typed', (topic) => {
    const card = helpCard(topic === '' ? undefined : topic);
    const next = /^Next, type: \/jit (.+)$/u.exec(lastLineOf(card))?.[1];
    expect(parseCommand(next ?? 'nothing at all')).toMatchObject({ ok: true });
  });

  it.each(all)('%s shows commands that exist', (topic) => {
    for (const code of codesIn(helpCard(topic === '' ? undefined : topic)).filter((text) => text.startsWith('/jit '))) {
      const command = parseCommand(code.replace('/jit ', '').replaceAll(/[[\]]/gu, ''));
      expect(command.ok ? '' : JSON.stringify(command.error)).toBe('');
    }
  });

  it('that is a noun may be asked for without admin, and in the plural', () => {
    expect(helpCard('rules')).toEqual(helpCard('admin rule'));
    expect(helpCard('tenant add')).toEqual(helpCard('admin tenant add'));
  });

  it('that nobody knows is answered with the overview, whatever it is', () => {
    for (const topic of ['constructor', '__proto__', 'zzz', '%s']) expect(helpCard(topic)).toEqual(helpCard(undefined));
  });
});
