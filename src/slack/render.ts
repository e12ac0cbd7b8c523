import type { types } from '@slack/bolt';
import { loadTemplate } from '../chat/template.js';
import { cut, oneLine } from '../chat/text.js';
import type { Button, Card, CredentialView, DenyForm, Line, Span, View } from '../chat/view.js';
import { LIMITS } from './limits.js';
import { renderRequestForm } from './render-form.js';
import { escapeMarkup } from './text.js';

export interface SlackMessage {
  /** What notifications show; the one place where Slack looks for markup, so it is escaped. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

type Modal = types.ModalView;

const fillCard = loadTemplate('card', 'slack');
const fillCredential = loadTemplate('credential', 'slack');
const fillDenyForm = loadTemplate('deny-form', 'slack');

export const renderCard = (card: Card): SlackMessage =>
  fillCard({
    fallback: escapeMarkup(cut(titleOf(card.title), LIMITS.fallbackText)),
    title: cut(titleOf(card.title), LIMITS.headerText),
    paragraphs: paragraphs(card.lines).map((lines) => ({ runs: runsOf(lines) })),
    buttonRows: rows(buttonsOf(card).map(buttonElement)).map((buttons) => ({ buttons })),
  }) as SlackMessage;

/** A modal of Slack's can show any view; a credential is shown nowhere else. */
export const renderModal = (view: View): Modal => {
  switch (view.kind) {
    case 'card':
      return cardModal(renderCard(view));
    case 'credential':
      return renderCredential(view);
    case 'deny-form':
      return renderDenyForm(view);
    case 'request-form':
      return renderRequestForm(view);
  }
};

const cardModal = ({ blocks }: SlackMessage): Modal => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'Latchkey', emoji: false },
  close: { type: 'plain_text', text: 'Close', emoji: false },
  blocks,
});

const renderCredential = (view: CredentialView): Modal =>
  fillCredential({
    title: cut(titleOf(view.title), LIMITS.headerText),
    portal: run({ text: cut(titleOf(view.portal), LIMITS.sentence), href: view.portal }),
    upn: cut(titleOf(view.upn), LIMITS.sentence),
    password: view.password.reveal(),
    note: cut(titleOf(view.note), LIMITS.sentence),
  }) as Modal;

const renderDenyForm = (form: DenyForm): Modal =>
  fillDenyForm({
    id: cut(form.id, LIMITS.privateMetadata),
    title: cut(titleOf(form.title), LIMITS.sentence),
    noteLength: LIMITS.inputText,
    ...(form.problem === undefined ? {} : { problem: cut(titleOf(form.problem), LIMITS.sentence) }),
  }) as Modal;

// Slack refuses an empty text.
const titleOf = (text: string): string => oneLine(text).trim() || 'Latchkey';

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
const gather = (lines: readonly Line[]): readonly (readonly Line[])[] => {
  const gathered: Line[][] = [];
  let room = 0;
  for (const [index, original] of lines.entries()) {
    const line = cutLine(clean(original), LIMITS.text - 1);
    const length = lengthOf(line) + 1;
    if (length > room) {
      if (gathered.length === LIMITS.paragraphs) return [...gathered, [[{ text: more(lines.length - index) }]]];
      gathered.push([]);
      room = LIMITS.text;
    }
    gathered.at(-1)?.push(line);
    room -= length;
  }
  return gathered;
};

const paragraphs = (lines: readonly Line[]): readonly (readonly Line[])[] =>
  gather(lines).filter((paragraph) => paragraph.some((line) => lengthOf(line) > 0));

const more = (count: number): string => (count === 1 ? '… and 1 more line.' : `… and ${count} more lines.`);

const runsOf = (lines: readonly Line[]): readonly types.RichTextElement[] =>
  lines
    .flatMap((line, index) => (index === 0 ? line : [{ text: '\n' }, ...line]))
    .filter((span) => span.text.length > 0)
    .map(run);

const isWebLink = (href: string): boolean => /^https?:\/\/[^\s]+$/.test(href) && href.length <= LIMITS.url;

/** Literal text: nothing in it becomes markup, a mention or a link but what the view itself says. */
const run = ({ text, strong, code, href }: Span): types.RichTextElement => {
  const style =
    strong === true || code === true ? { style: { ...(strong && { bold: true }), ...(code && { code: true }) } } : {};
  return href !== undefined && isWebLink(href)
    ? { type: 'link', url: href, text, ...style }
    : { type: 'text', text, ...style };
};

/** Slack asks for the reason of a denial in a modal, so the button that denies opens that instead. */
const buttonsOf = (card: Card): readonly Button[] => {
  const { denyReason, buttons } = card;
  if (denyReason === undefined) return buttons.filter(fits);
  const ask: Button = { verb: 'deny-form', id: denyReason.id, label: 'Deny…', style: 'danger' };
  const denies = ({ verb }: Button): boolean => verb === 'deny' || verb === 'deny-form';
  const asking = buttons.map((button) => (denies(button) ? { ...button, verb: ask.verb } : button));
  return (buttons.some(denies) ? asking : [...buttons, ask]).filter(fits);
};

// An id cannot be cut: it would be another id.
const fits = ({ id }: Button): boolean => id.length <= LIMITS.buttonValue;

const buttonElement = (button: Button, index: number, all: readonly Button[]): types.Button => ({
  type: 'button',
  action_id: actionId(button.verb, all.slice(0, index).filter(({ verb }) => verb === button.verb).length),
  text: { type: 'plain_text', text: cut(titleOf(button.label), LIMITS.buttonText), emoji: false },
  ...(button.id === '' ? {} : { value: button.id }),
  ...(button.style === 'default' ? {} : { style: button.style }),
});

/** Slack wants ids that are unique within a block, so a verb that comes again carries a number. */
const actionId = (verb: string, before: number): string => (before === 0 ? verb : `${verb}:${before}`);

export const verbOf = (actionId: string): string => actionId.replace(/:\d+$/, '');

const rows = (buttons: readonly types.Button[]): readonly (readonly types.Button[])[] => {
  const count = Math.min(LIMITS.buttonRows, Math.ceil(buttons.length / LIMITS.buttonsInRow));
  return Array.from({ length: count }, (_row, row) =>
    buttons.slice(row * LIMITS.buttonsInRow, (row + 1) * LIMITS.buttonsInRow),
  );
};
