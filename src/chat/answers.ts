import type { Fault } from '../engine/faults.js';
import type { Answer } from './answer.js';
import { faultSentence } from './copy.js';
import { line, LONGEST_TITLE } from './say.js';
import type { Reading } from './say.js';
import type { Button, Card, Line, View } from './view.js';

/** A card that says `text` and more; what of the text is too long for a title goes on below it. */
export const card = (text: string, lines: readonly Line[] = [], buttons: readonly Button[] = []): Card => {
  const { title, rest } = split(text);
  return { kind: 'card', title, lines: rest === undefined ? lines : [line(rest), ...lines], buttons };
};

const split = (text: string): { readonly title: string; readonly rest?: string } => {
  if (text.length <= LONGEST_TITLE) return { title: text };
  const end = text.search(/[.?!]\s/u) + 1;
  if (end > 0 && end <= LONGEST_TITLE) return { title: text.slice(0, end), rest: text.slice(end).trim() };
  // One long sentence: its beginning as far as whole words fit, and all of it below.
  return { title: `${text.slice(0, LONGEST_TITLE - 1).replace(/\s+\S*$/u, '')}…`, rest: text };
};

export const show = (view: View): Answer => ({ kind: 'show', view, tone: 'answer' });

export const nothing: Answer = { kind: 'nothing' };

export const refuse = (fault: Fault, reading: Reading): Answer => ({
  kind: 'show',
  view: card(faultSentence(fault, reading)),
  tone: 'refusal',
  fault,
});

/** A list that stays readable on a phone: the first lines, and how many there are beyond. */
export const listCard = (title: string, lines: readonly Line[], empty: string, most = 15): Card => {
  if (lines.length === 0) return card(title, [line(empty)]);
  const hidden = lines.length - most;
  return card(title, hidden > 0 ? [...lines.slice(0, most), line(`…and ${hidden} more.`)] : lines);
};
