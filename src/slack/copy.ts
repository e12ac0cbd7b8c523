import type { Answer } from '../chat/answer.js';
import type { Card, View } from '../chat/view.js';

/** The few sentences that only Slack needs, because of how its forms and secrets work. */

const card = (title: string, ...lines: readonly string[]): Card => ({
  kind: 'card',
  title,
  lines: lines.map((text) => [{ text }]),
  buttons: [],
});

export const ONE_MOMENT = card('One moment…');

export const DONE = card('Done', 'You will find the rest in your messages with me.');

export const WENT_WRONG: Answer = {
  kind: 'show',
  tone: 'refusal',
  view: card(
    'That did not work, and it is not your fault.',
    'Try again in a minute; if it stays so, tell whoever runs me.',
  ),
};

export const NO_WINDOW = card('Slack did not open a window.', 'Nothing was shown and nothing is lost. Try once more.');

const lostCredential = (id: string): Card =>
  card(
    'Slack has no window for the credential.',
    `Nobody has seen it. Type /jit reveal ${id} --again for a new one; the old one stops working.`,
  );

/** What stands in for a view that only a modal can show, where none can be opened. */
export const insteadOf = (view: View): Card => {
  switch (view.kind) {
    case 'card':
      return view;
    case 'credential':
      return lostCredential(view.id);
    case 'form':
      return {
        ...card(view.title, view.problem ?? 'Slack opens the form from a button.'),
        buttons: [{ verb: 'form', id: `${view.form}/${view.id}`, label: 'Open the form', style: 'primary' }],
      };
  }
};
