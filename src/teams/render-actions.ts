import { cut, isPage, oneLine } from '../chat/text.js';
import type { ActButton, Button, Card } from '../chat/view.js';
import { literal } from './text.js';

const STYLES: Readonly<Record<Button['style'], string>> = {
  default: 'default',
  primary: 'positive',
  danger: 'destructive',
};

const LONGEST_LABEL = 60;
const LONGEST_CONFIRMATION = 300;
const LONGEST_NOTE = 500;
const MOST_BUTTONS = 6;
/** The folded part of a card, for the button that unfolds it. */
export const FOLDED = 'folded';

interface Execute {
  readonly verb: string;
  readonly label: string;
  readonly style: Button['style'];
  /** Nothing that grants anything: what a click may do is decided from what is loaded. */
  readonly data: Readonly<Record<string, string>>;
}

const labelOf = (label: string): string => cut(oneLine(label).trim() || 'OK', LONGEST_LABEL);

/** A button for clients with Action.Execute, and the same one for those without. */
export const executeAction = ({ verb, label, style, data }: Execute): object => {
  const looks = { title: labelOf(label), style: STYLES[style] };
  return {
    type: 'Action.Execute',
    ...looks,
    verb,
    data,
    fallback: { type: 'Action.Submit', ...looks, data: { ...data, verb } },
  };
};

const denies = ({ verb }: Button): boolean => verb === 'deny' || verb === 'deny-form';

/** As many buttons as stand in a row, the one that unfolds the rest of the card among them. */
export const actionsOf = ({ buttons, denyReason, more = [] }: Card): readonly object[] => {
  const unfold = { type: 'Action.ToggleVisibility', title: 'Show all', targetElements: [FOLDED] };
  const ask: ActButton = { verb: 'deny-form', id: denyReason?.id ?? '', label: 'Deny…', style: 'danger' };
  const all = denyReason === undefined || buttons.some(denies) ? buttons : [...buttons, ask];
  const actions = all.flatMap((button) => actionOf(button, denyReason?.id));
  return more.length === 0 ? actions.slice(0, MOST_BUTTONS) : [unfold, ...actions.slice(0, MOST_BUTTONS - 1)];
};

const actionOf = (button: Button, denied: string | undefined): readonly object[] => {
  const { label, style } = button;
  if (button.verb === 'open') {
    const link = { type: 'Action.OpenUrl', title: labelOf(label), style: STYLES[style], url: button.href };
    return isPage(button.href) ? [link] : [];
  }
  if (denied !== undefined && denies(button)) return [denyAction(denied, label, style)];
  const action = executeAction({ ...button, data: { id: button.id } });
  return [button.confirm === undefined ? action : unfolding(label, style, [words(button.confirm)], action)];
};

const unfolding = (label: string, style: Button['style'], body: readonly object[], action: object): object => ({
  type: 'Action.ShowCard',
  title: labelOf(label),
  style: STYLES[style],
  card: { type: 'AdaptiveCard', version: '1.5', body: [...body, { type: 'ActionSet', actions: [action] }] },
});

const words = (text: string): object => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: cut(literal(text).trim() || '—', LONGEST_CONFIRMATION) }],
});

/** Unfolds a field for the reason inside the card, so that an approver denies without leaving it. */
const denyAction = (id: string, label: string, style: Button['style']): object =>
  unfolding(
    label,
    style,
    [
      {
        type: 'Input.Text',
        id: 'note',
        label: 'Why not?',
        placeholder: 'The requester reads this.',
        isMultiline: true,
        maxLength: LONGEST_NOTE,
        isRequired: true,
        errorMessage: 'Say why, so that the requester knows what to change.',
      },
    ],
    executeAction({ verb: 'deny', label: 'Deny', style: 'danger', data: { id } }),
  );
