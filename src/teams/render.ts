import { loadTemplate } from '../chat/template.js';
import { cut, oneLine } from '../chat/text.js';
import type { Button, Card, CredentialView, DenyForm, Line, RequestForm, Span } from '../chat/view.js';
import { denyAction, executeAction } from './render-actions.js';
import { renderRequestForm } from './render-form.js';

/** An Adaptive Card, and what a phone's notification says of it. */
export interface Rendered {
  readonly content: unknown;
  readonly summary: string;
}

const fillCard = loadTemplate('card', 'teams');
const fillCredential = loadTemplate('credential', 'teams');
const fillDenyForm = loadTemplate('deny-form', 'teams');

/** Teams counts UTF-16 and refuses a message above 100 KB; the rest is for what surrounds the card. */
const MOST_CHARACTERS = 40_000;
const LONGEST_TITLE = 300;
const LONGEST_LINE = 4_000;
const MOST_BUTTONS = 6;

const titleOf = (text: string): string => cut(oneLine(text).trim() || 'Latchkey', LONGEST_TITLE);

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
    const text = cut(oneLine(span.text), room);
    room = Math.max(0, room - text.length);
    return text === '' || text === '…' ? [] : [{ ...span, text }];
  });
};

/** An empty line is a wider gap before the next one. */
const paragraphs = (lines: readonly Line[]): readonly object[] => {
  let gap = 'Medium';
  return lines.flatMap((line) => {
    const inlines = spansOf(line).map(textRun);
    const spacing = gap;
    gap = inlines.length === 0 ? 'Medium' : 'Small';
    return inlines.length === 0 ? [] : [{ inlines, spacing }];
  });
};

const denies = ({ verb }: Button): boolean => verb === 'deny' || verb === 'deny-form';

const actionsOf = ({ buttons, denyReason }: Card): readonly object[] => {
  const ask: Button = { verb: 'deny-form', id: denyReason?.id ?? '', label: 'Deny…', style: 'danger' };
  const all = denyReason === undefined || buttons.some(denies) ? buttons : [...buttons, ask];
  return all
    .slice(0, MOST_BUTTONS)
    .map((button) =>
      denyReason !== undefined && denies(button)
        ? denyAction(denyReason.id, button.label, button.style)
        : executeAction({ ...button, data: { id: button.id } }),
    );
};

const omission = (count: number): Line => [{ text: count === 1 ? '… and 1 more line.' : `… and ${count} more lines.` }];

const fillWith = (card: Card, lines: readonly Line[]): unknown =>
  fillCard({ title: titleOf(card.title), lines: paragraphs(lines), actions: actionsOf(card) });

export const renderCard = (card: Card): Rendered => {
  let shown = card.lines.length;
  let content = fillWith(card, card.lines);
  while (JSON.stringify(content).length > MOST_CHARACTERS && shown > 0) {
    shown = Math.floor(shown * 0.8);
    content = fillWith(card, [...card.lines.slice(0, shown), omission(card.lines.length - shown)]);
  }
  return { content, summary: titleOf(card.title) };
};

/** Only for the answer to the click that asked for it; a message would keep it. */
export const renderCredential = (view: CredentialView): unknown =>
  fillCredential({
    title: titleOf(view.title),
    portal: view.portal,
    upn: oneLine(view.upn),
    password: view.password.reveal(),
    note: cut(oneLine(view.note).trim(), LONGEST_LINE),
  });

const renderDenyForm = (form: DenyForm): unknown =>
  fillDenyForm({ id: form.id, title: titleOf(form.title), problem: cut(oneLine(form.problem ?? ''), LONGEST_LINE) });

export const renderForm = (form: RequestForm | DenyForm): Rendered =>
  form.kind === 'request-form'
    ? { content: renderRequestForm(form), summary: 'Request admin access' }
    : { content: renderDenyForm(form), summary: titleOf(form.title) };

const LONGEST_NOTICE = 2_000;

/** The card as plain text, for answers that may not take the place of a card that others see. */
export const plainText = (card: Card): string =>
  cut(
    [card.title, ...card.lines.map((line) => line.map(({ text }) => oneLine(text)).join(''))]
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    LONGEST_NOTICE,
  );
