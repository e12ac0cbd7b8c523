import { expect, test } from 'vitest';
import { loadTemplate } from '../../../src/chat/template.js';

const EMPTY = { paragraphs: [], pieces: [], rest: [], buttonRows: [] };

test('what a model holds is inserted as it is: an expression in somebody’s words is not evaluated', () => {
  const fill = loadTemplate('card', 'slack');
  const filled = fill({ ...EMPTY, fallback: '${title}', title: '${1 + 1}' });
  expect(filled).toMatchObject({ text: '${title}', blocks: [{ text: { text: '${1 + 1}' } }] });
});

test('a filled template keeps nothing of the one before', () => {
  const fill = loadTemplate('card', 'slack');
  fill({ ...EMPTY, fallback: 'a', title: 'first', paragraphs: [{ runs: [{ type: 'text', text: 'x' }] }] });
  expect(JSON.stringify(fill({ ...EMPTY, fallback: 'b', title: 'second' }))).not.toMatch(/first|"x"/);
});

test('a view without template is told at once', () => {
  expect(() => loadTemplate('nothing', 'slack')).toThrow('nothing.slack.json');
});
