import type { types } from '@slack/bolt';
import { loadTemplate } from '../chat/template.js';
import { cut, omitted, oneLine } from '../chat/text.js';
import type { Card, CredentialView, View } from '../chat/view.js';
import { LIMITS } from './limits.js';
import { buttonRows } from './render-buttons.js';
import { renderForm } from './render-form.js';
import { factLines, paragraphs, piecesOf, run } from './rich-text.js';
import { escapeMarkup } from './text.js';

export interface SlackMessage {
  /** What notifications show; the one place where Slack looks for markup, so it is escaped. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

type Modal = types.ModalView;

const fillCard = loadTemplate('card', 'slack');
const fillCredential = loadTemplate('credential', 'slack');

/** Slack cannot fold: what others fold stands last here, in what room the rest leaves. */
export const renderCard = (card: Card): SlackMessage => {
  const { facts = [], more = [], block } = card;
  const text = piecesOf(block?.text ?? '', LIMITS.pieces);
  const kept = text.pieces.length + (more.length === 0 ? 0 : 1);
  const lines = paragraphs([...card.lines, ...factLines(facts)], Math.max(1, LIMITS.paragraphs - kept));
  const rest = paragraphs(more, Math.max(1, LIMITS.paragraphs - text.pieces.length - lines.length));
  return fillCard({
    fallback: escapeMarkup(cut(titleOf(card.title), LIMITS.fallbackText)),
    title: cut(titleOf(card.title), LIMITS.headerText),
    paragraphs: lines.map((runs) => ({ runs })),
    pieces: text.pieces.map((piece) => ({ piece })),
    ...(text.left > 0 && { left: omitted(text.left) }),
    rest: rest.map((runs) => ({ runs })),
    buttonRows: buttonRows(card).map((buttons) => ({ buttons })),
  }) as SlackMessage;
};

/** A modal of Slack's can show any view; a credential is shown nowhere else. */
export const renderModal = (view: View): Modal => {
  switch (view.kind) {
    case 'card':
      return cardModal(renderCard(view));
    case 'credential':
      return renderCredential(view);
    case 'form':
      return renderForm(view);
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
    label: cut(titleOf(view.label), LIMITS.sentence),
    secret: view.secret.reveal(),
    note: cut(titleOf(view.note), LIMITS.sentence),
  }) as Modal;

// Slack refuses an empty text.
const titleOf = (text: string): string => oneLine(text).trim() || 'Latchkey';
