import type { Fault } from '../engine/faults.js';
import type { Answer } from './answer.js';
import { faultSentence } from './copy.js';
import { line } from './say.js';
import type { Reading } from './say.js';
import type { Button, Card, Line, View } from './view.js';

export const card = (title: string, lines: readonly Line[] = [], buttons: readonly Button[] = []): Card => ({
  kind: 'card',
  title,
  lines,
  buttons,
});

export const show = (view: View): Answer => ({ kind: 'show', view, tone: 'answer' });

export const nothing: Answer = { kind: 'nothing' };

export const refuse = (fault: Fault, reading: Reading): Answer => ({
  kind: 'show',
  view: card(faultSentence(fault, reading)),
  tone: 'refusal',
});

/** A list that stays readable on a phone: the first lines, and how many there are beyond. */
export const listCard = (title: string, lines: readonly Line[], empty: string, most = 15): Card => {
  if (lines.length === 0) return card(title, [line(empty)]);
  const hidden = lines.length - most;
  return card(title, hidden > 0 ? [...lines.slice(0, most), line(`…and ${hidden} more.`)] : lines);
};
