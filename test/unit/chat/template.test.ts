import { expect, test } from 'vitest';
import { loadTemplate } from '../../../src/chat/template.js';

test('what a model holds is inserted as it is: an expression in somebody’s words is not evaluated', () => {
  const fill = loadTemplate('card', 'slack');
  const filled = fill({ fallback: '${title}', title: '${1 + 1}', paragraphs: [], buttonRows: [] });
  expect(filled).toMatchObject({ text: '${title}', blocks: [{ text: { text: '${1 + 1}' } }] });
});

test('a filled template keeps nothing of the one before', () => {
  const fill = loadTemplate('card', 'slack');
  fill({ fallback: 'a', title: 'first', paragraphs: [{ runs: [{ type: 'text', text: 'x' }] }], buttonRows: [] });
  expect(JSON.stringify(fill({ fallback: 'b', title: 'second', paragraphs: [], buttonRows: [] }))).not.toMatch(
    /first|"x"/,
  );
});

test('a view without template is told at once', () => {
  expect(() => loadTemplate('nothing', 'slack')).toThrow('nothing.slack.json');
});
