import type { types } from '@slack/bolt';
import { asLines, cut, omitted, oneLine } from '../chat/text.js';
import type { Fact, Line, Span } from '../chat/view.js';
import { LIMITS } from './limits.js';

/** Words as rich text: literal, so that nothing in them becomes markup, a mention or a link but what a view says. */

const clean = (line: Line): Line => line.map((span) => ({ ...span, text: oneLine(span.text) }));

const lengthOf = (line: Line): number => line.reduce((sum, span) => sum + span.text.length, 0);

const cutLine = (line: Line, max: number): Line => {
  if (lengthOf(line) <= max) return line;
  const kept: Span[] = [];
  let left = max;
  for (const span of line) {
    if (span.text.length >= left) return [...kept, { ...span, text: cut(`${span.text}…`, left) }];
    kept.push(span);
    left -= span.text.length;
  }
  return kept;
};

/** Lines gathered into as few rich texts as Slack's limit on their length allows; what does not fit is counted. */
const gather = (lines: readonly Line[], most: number): readonly (readonly Line[])[] => {
  const gathered: Line[][] = [];
  let room = 0;
  for (const [index, original] of lines.entries()) {
    const line = cutLine(clean(original), LIMITS.text - 1);
    const length = lengthOf(line) + 1;
    if (length > room) {
      if (gathered.length === most) return [...gathered, [[{ text: omitted(lines.length - index) }]]];
      gathered.push([]);
      room = LIMITS.text;
    }
    gathered.at(-1)?.push(line);
    room -= length;
  }
  return gathered;
};

/** The runs of each paragraph, at most `most` of them and a remark on what was left out. */
export const paragraphs = (lines: readonly Line[], most: number): readonly (readonly types.RichTextElement[])[] =>
  gather(lines, most)
    .filter((paragraph) => paragraph.some((line) => lengthOf(line) > 0))
    .map(runsOf);

export const factLines = (facts: readonly Fact[]): readonly Line[] => [
  ...facts.slice(0, LIMITS.facts).map(({ label, value }) => [{ text: `${label}: `, strong: true }, ...value]),
  ...(facts.length > LIMITS.facts ? [[{ text: omitted(facts.length - LIMITS.facts) }]] : []),
];

/** Text for machines in pieces that Slack takes, broken only between lines. */
export const piecesOf = (text: string, most: number): { readonly pieces: readonly string[]; readonly left: number } => {
  const pieces: string[] = [];
  const lines = asLines(text).map((line) => cut(line, LIMITS.text));
  for (const [index, line] of lines.entries()) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= LIMITS.text) {
      pieces[pieces.length - 1] = `${last}\n${line}`;
    } else if (pieces.length < most) {
      pieces.push(line);
    } else {
      return { pieces, left: lines.length - index };
    }
  }
  return { pieces: pieces.filter((piece) => piece !== ''), left: 0 };
};

const runsOf = (lines: readonly Line[]): readonly types.RichTextElement[] =>
  lines
    .flatMap((line, index) => (index === 0 ? line : [{ text: '\n' }, ...line]))
    .filter((span) => span.text.length > 0)
    .map(run);

const isWebLink = (href: string): boolean => /^https?:\/\/[^\s]+$/.test(href) && href.length <= LIMITS.url;

export const run = ({ text, strong, code, href }: Span): types.RichTextElement => {
  const style =
    strong === true || code === true ? { style: { ...(strong && { bold: true }), ...(code && { code: true }) } } : {};
  return href !== undefined && isWebLink(href)
    ? { type: 'link', url: href, text, ...style }
    : { type: 'text', text, ...style };
};
