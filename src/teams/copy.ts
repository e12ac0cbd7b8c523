import type { Card } from '../chat/view.js';

/** The few sentences that only Teams needs, because of how its invokes and forms work. */

const card = (title: string, ...lines: readonly string[]): Card => ({
  kind: 'card',
  title,
  lines: lines.map((text) => [{ text }]),
  buttons: [],
});

export const FOREIGN_TENANT = card(
  'I do not serve your organization.',
  'Whoever runs me can add its tenant id to TEAMS_TENANTS.',
);

export const UNKNOWN_USER = card(
  'Teams does not tell me who you are, so I can do nothing for you here.',
  'Write to me in a 1:1 chat, signed in with your work account.',
);

export const WENT_WRONG = card(
  'That did not work, and it is not your fault.',
  'Try again in a minute; if it stays so, tell whoever runs me.',
);

export const STILL_WORKING = card('Still working.', 'The card will change when it is done.');

export const NOT_A_BUTTON = card('This button is not mine to answer.', 'Type help to see what I can do.');

export const ONLY_IN_DIRECT_CHAT = card('A form is for your eyes alone.', 'Open our 1:1 chat and ask for it there.');

export const DENIED_WITH_A_REASON = card(
  'Say why, so that they know what to change.',
  'Deny… on the card opens a field for it; nothing was decided yet.',
);

export const NEVER_IN_A_MESSAGE = card(
  'A credential never stands in a message.',
  'Click Reveal on the card of your request in our 1:1 chat, in a Teams client that is up to date.',
);

export const REVEALED_IN_DIRECT_CHAT = card(
  'A credential is for your eyes alone.',
  'Click Reveal in our 1:1 chat; nothing was taken out, and nothing is lost.',
);

export const lostCredential = (id: string): Card =>
  card(
    'The credential was ready too late to be shown.',
    `Type jit reveal ${id} --again for a new one; the old one stops working.`,
  );

export const SERVICE_FORBIDDEN = 'The tenant of this conversation is not served by this bot.';

/** Typing cannot receive a credential; clicking can. */
export const revealByButton = (id: string): Card => ({
  ...card(`Reveal the credential of ${id}`, 'It is shown once, to its requester alone.'),
  buttons: [{ verb: 'reveal', id, label: 'Reveal credential', style: 'primary' }],
});
