import { cut, oneLine } from '../chat/text.js';
import type { Button } from '../chat/view.js';

const STYLES: Readonly<Record<Button['style'], string>> = {
  default: 'default',
  primary: 'positive',
  danger: 'destructive',
};

const LONGEST_LABEL = 60;

interface Execute {
  readonly verb: string;
  readonly label: string;
  readonly style: Button['style'];
  /** Nothing that grants anything: what a click may do is decided from what is loaded. */
  readonly data: Readonly<Record<string, string>>;
  /** Whether the inputs of the card must be filled in, and come along. */
  readonly withInputs?: boolean;
}

const labelOf = (label: string): string => cut(oneLine(label).trim() || 'OK', LONGEST_LABEL);

/** A button for clients with Action.Execute, and the same one for those without. */
export const executeAction = ({ verb, label, style, data, withInputs = true }: Execute): object => {
  const looks = {
    title: labelOf(label),
    style: STYLES[style],
    ...(withInputs ? {} : { associatedInputs: 'none' }),
  };
  return {
    type: 'Action.Execute',
    ...looks,
    verb,
    data,
    fallback: { type: 'Action.Submit', ...looks, data: { ...data, verb } },
  };
};

const LONGEST_NOTE = 500;

/** Unfolds a field for the reason inside the card, so that an approver denies without leaving it. */
export const denyAction = (id: string, label: string, style: Button['style']): object => ({
  type: 'Action.ShowCard',
  title: labelOf(label),
  style: STYLES[style],
  card: {
    type: 'AdaptiveCard',
    version: '1.5',
    body: [
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
      { type: 'ActionSet', actions: [executeAction({ verb: 'deny', label: 'Deny', style: 'danger', data: { id } })] },
    ],
  },
});
