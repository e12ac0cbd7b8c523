import type { types } from '@slack/bolt';
import { cut, isPage, oneLine } from '../chat/text.js';
import type { ActButton, Button, Card } from '../chat/view.js';
import { LIMITS } from './limits.js';

/** The buttons of a card in rows, as many as Slack takes. */
export const buttonRows = (card: Card): readonly (readonly types.Button[])[] => {
  const buttons = offered(card).filter(fits).map(buttonElement);
  const count = Math.min(LIMITS.buttonRows, Math.ceil(buttons.length / LIMITS.buttonsInRow));
  return Array.from({ length: count }, (_row, row) =>
    buttons.slice(row * LIMITS.buttonsInRow, (row + 1) * LIMITS.buttonsInRow),
  );
};

const denies = ({ verb }: Button): boolean => verb === 'deny' || verb === 'deny-form';

/** Slack asks for the reason of a denial in a modal, so the button that denies opens that instead. */
const offered = ({ denyReason, buttons }: Card): readonly Button[] => {
  if (denyReason === undefined) return buttons;
  const ask: ActButton = { verb: 'deny-form', id: denyReason.id, label: 'Deny…', style: 'danger' };
  if (!buttons.some(denies)) return [...buttons, ask];
  return buttons.map((button) => (button.verb === 'deny' ? { ...button, verb: ask.verb } : button));
};

// Neither an id nor an address can be cut: it would be another one.
const fits = (button: Button): boolean =>
  button.verb === 'open'
    ? isPage(button.href) && button.href.length <= LIMITS.url
    : button.id.length <= LIMITS.buttonValue;

const buttonElement = (button: Button, index: number, all: readonly Button[]): types.Button => ({
  type: 'button',
  action_id: actionId(button.verb, all.slice(0, index).filter(({ verb }) => verb === button.verb).length),
  text: plain(button.label, LIMITS.buttonText),
  ...(button.style === 'default' ? {} : { style: button.style }),
  ...(button.verb === 'open' ? { url: button.href } : whatItDoes(button)),
});

const whatItDoes = ({ id, label, style, confirm }: ActButton): Partial<types.Button> => ({
  ...(id === '' ? {} : { value: id }),
  ...(confirm === undefined
    ? {}
    : {
        confirm: {
          title: plain(label, LIMITS.confirmTitle),
          text: plain(confirm, LIMITS.confirmText),
          confirm: plain(label, LIMITS.confirmButton),
          deny: plain('Back', LIMITS.confirmButton),
          ...(style === 'default' ? {} : { style }),
        },
      }),
});

const plain = (text: string, max: number): types.PlainTextElement => ({
  type: 'plain_text',
  text: cut(oneLine(text).trim() || 'OK', max),
  emoji: false,
});

/** Slack wants ids that are unique within a block, so a verb that comes again carries a number. */
const actionId = (verb: string, before: number): string => (before === 0 ? verb : `${verb}:${before}`);

export const verbOf = (actionIdentifier: string): string => actionIdentifier.replace(/:\d+$/, '');
