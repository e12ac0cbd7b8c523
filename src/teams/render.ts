import { loadTemplate } from '../chat/template.js';
import { asLines, cut, omitted, oneLine } from '../chat/text.js';
import type { Card, CredentialView, Form, Line } from '../chat/view.js';
import { actionsOf } from './render-actions.js';
import { fillForm } from './render-form.js';
import { factRows, monospaced, paragraphs } from './rich-text.js';
import { literal } from './text.js';

/** An Adaptive Card, and what a phone's notification says of it. */
export interface Rendered {
  readonly content: unknown;
  readonly summary: string;
}

const fillCard = loadTemplate('card', 'teams');
const fillCredential = loadTemplate('credential', 'teams');

/** Teams counts UTF-16 and refuses a message above 100 KB; the rest is for what surrounds the card. */
const MOST_CHARACTERS = 40_000;
const LONGEST_TITLE = 300;
const LONGEST_LINE = 4_000;
/** Text for machines stands in a card twice, once for clients that know no block of code. */
const LONGEST_BLOCK = 6_000;

const titleOf = (text: string): string => cut(literal(text).trim() || 'Latchkey', LONGEST_TITLE);

/** As much of a list as there is room for, and how much that leaves out. */
const upTo = (lines: readonly Line[], most: number): readonly Line[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), [{ text: omitted(lines.length - most) }]];

const fittingLines = (text: string, most: number): readonly string[] => {
  const lines = asLines(text).map((line) => cut(line, LONGEST_LINE));
  let room = most;
  const end = lines.findIndex((line) => (room -= line.length + 1) < -1);
  return end === -1 ? lines : lines.slice(0, end);
};

const blockOf = (text: string | undefined, most: number): object => {
  if (text === undefined || text.trim() === '') return {};
  const lines = fittingLines(text, most);
  const left = asLines(text).length - lines.length;
  return {
    ...(lines.length > 0 && { block: lines.join('\n'), fallback: monospaced(lines) }),
    ...(left > 0 && { left: omitted(left) }),
  };
};

/** How much of each part of a card is shown. */
interface Share {
  readonly lines: number;
  readonly more: number;
  readonly block: number;
}

const fillWith = (card: Card, share: Share): unknown =>
  fillCard({
    title: titleOf(card.title),
    lines: paragraphs(upTo(card.lines, share.lines)),
    facts: factRows(card.facts ?? []),
    ...blockOf(card.block?.text, share.block),
    folded: paragraphs(upTo(card.more ?? [], share.more)),
    actions: actionsOf(card),
  });

/** What is folded gives way first, then text for machines, then the rest. */
const smaller = ({ lines, more, block }: Share): Share => {
  if (more > 0) return { lines, block, more: Math.floor(more * 0.8) };
  if (block > 500) return { lines, more, block: Math.floor(block * 0.8) };
  return { lines: Math.floor(lines * 0.8), more, block };
};

export const renderCard = (card: Card): Rendered => {
  let share: Share = { lines: card.lines.length, more: card.more?.length ?? 0, block: LONGEST_BLOCK };
  let content = fillWith(card, share);
  while (JSON.stringify(content).length > MOST_CHARACTERS && share.lines > 0) {
    share = smaller(share);
    content = fillWith(card, share);
  }
  return { content, summary: titleOf(card.title) };
};

/** Only for the answer to the click that asked for it; a message would keep it. */
export const renderCredential = (view: CredentialView): unknown =>
  fillCredential({
    title: titleOf(view.title),
    portal: view.portal,
    upn: oneLine(view.upn),
    label: oneLine(view.label),
    secret: view.secret.reveal(),
    note: cut(literal(view.note).trim(), LONGEST_LINE),
  });

/** A form lists fewer choices rather than being too long for Teams. */
export const renderForm = (form: Form): Rendered => {
  let most = 200;
  let content = fillForm(form, most);
  while (JSON.stringify(content).length > MOST_CHARACTERS && most > 1) {
    most = Math.floor(most / 2);
    content = fillForm(form, most);
  }
  return { content, summary: titleOf(form.title) };
};

const LONGEST_NOTICE = 2_000;

/** The card as plain text, for answers that may not take the place of a card that others see. */
export const plainText = ({ title, lines, facts = [] }: Card): string =>
  cut(
    [title, ...lines.map(textOf), ...facts.map(({ label, value }) => `${oneLine(label)}: ${textOf(value)}`)]
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    LONGEST_NOTICE,
  );

const textOf = (line: Line): string => line.map(({ text }) => oneLine(text)).join('');
