import { cut } from '../chat/text.js';
import type { Fact, Line, Span } from '../chat/view.js';
import { literal } from './text.js';

const LONGEST_LINE = 4_000;
const MOST_FACTS = 40;

const isWebLink = (href: string): boolean => /^https?:\/\/\S+$/.test(href) && href.length <= 2_000;

/** Text in a TextRun is literal: Teams reads no Markdown in it, and mentions only where an activity declares them. */
const textRun = ({ text, strong, code, href }: Span): object => ({
  type: 'TextRun',
  text,
  ...(strong === true ? { weight: 'Bolder' } : {}),
  ...(code === true ? { fontType: 'Monospace' } : {}),
  ...(href !== undefined && isWebLink(href) ? { selectAction: { type: 'Action.OpenUrl', url: href } } : {}),
});

const spansOf = (line: Line): readonly Span[] => {
  let room = LONGEST_LINE;
  return line.flatMap((span) => {
    const text = cut(literal(span.text), room);
    room = Math.max(0, room - text.length);
    return text === '' || text === '…' ? [] : [{ ...span, text }];
  });
};

const inlinesOf = (line: Line): readonly object[] => spansOf(line).map(textRun);

/** An empty line is a wider gap before the next one. */
export const paragraphs = (lines: readonly Line[]): readonly object[] => {
  let gap = 'Medium';
  return lines.flatMap((line) => {
    const inlines = inlinesOf(line);
    const spacing = gap;
    gap = inlines.length === 0 ? 'Medium' : 'Small';
    return inlines.length === 0 ? [] : [{ inlines, spacing }];
  });
};

/** Label and value side by side. A FactSet would do the same, but reads Markdown in both. */
export const factRows = (facts: readonly Fact[]): readonly object[] =>
  facts.slice(0, MOST_FACTS).map(({ label, value }, index) => ({
    label: cut(literal(label).trim() || '—', 60),
    inlines: value.some(({ text }) => text !== '') ? inlinesOf(value) : inlinesOf([{ text: '—' }]),
    spacing: index === 0 ? 'Medium' : 'Small',
  }));

/** Every run of blanks at the beginning of a line, as blanks that are not swallowed. */
const indented = (line: string): string => line.replace(/^[ \t]+/, (blanks) => '\u00A0'.repeat(blanks.length));

/** Text for machines, for clients that know no block of code. */
export const monospaced = (lines: readonly string[]): object => ({
  type: 'Container',
  style: 'emphasis',
  items: [
    {
      type: 'RichTextBlock',
      inlines: lines.map((line, index) => ({
        type: 'TextRun',
        text: `${index === 0 ? '' : '\n'}${literal(indented(line))}`,
        fontType: 'Monospace',
        size: 'Small',
      })),
    },
  ],
});
