import type { InvokeResponse } from 'botbuilder';
import type { Answer } from '../chat/answer.js';
import type { Card, Form, View } from '../chat/view.js';
import { DENIED_WITH_A_REASON, NEVER_IN_A_MESSAGE, ONLY_IN_DIRECT_CHAT } from './copy.js';
import { plainText, renderCard, renderCredential, renderForm, type Rendered } from './render.js';

/**
 * Answers to clicks. HTTP says 200 whatever the answer is: the status of the answer itself stands in its body, and the
 * library would put it where Teams takes it for a failure of the bot.
 */
const respond = (statusCode: number, type: string, value: unknown, status = 200): InvokeResponse => ({
  status,
  body: { statusCode, type, value },
});

const withCard = (content: unknown): InvokeResponse => respond(200, 'application/vnd.microsoft.card.adaptive', content);

const withText = (value: string): InvokeResponse => respond(200, 'application/vnd.microsoft.activity.message', value);

export const clickAnswered = (): InvokeResponse => withText('');

export const clickTold = (card: Card): InvokeResponse => withText(plainText(card));

export const clickForbidden = (message: string): InvokeResponse =>
  respond(403, 'application/vnd.microsoft.error', { code: 'Forbidden', message }, 403);

export const clickNotKnown = (): InvokeResponse => ({ status: 501 });

/** What is said where a form cannot be shown because others read along. */
const insteadOf = ({ form }: Form): Card => (form === 'deny' ? DENIED_WITH_A_REASON : ONLY_IN_DIRECT_CHAT);

const clickShown = (view: View, direct: boolean, replaces: boolean): InvokeResponse => {
  switch (view.kind) {
    case 'credential':
      return direct ? withCard(renderCredential(view)) : clickTold(NEVER_IN_A_MESSAGE);
    case 'form':
      return direct ? withCard(renderForm(view).content) : clickTold(insteadOf(view));
    case 'card':
      // A card is shared: a refusal of one person's click must not take it from the others.
      return replaces ? withCard(renderCard(view).content) : clickTold(view);
  }
};

export const clickAnswer = (answer: Answer, direct: boolean): InvokeResponse =>
  answer.kind === 'nothing' ? clickAnswered() : clickShown(answer.view, direct, answer.kind === 'replace');

/** What can stand in a conversation as a message; a credential never can. */
export const messageOf = (view: View, direct: boolean): Rendered => {
  switch (view.kind) {
    case 'card':
      return renderCard(view);
    case 'credential':
      return renderCard(NEVER_IN_A_MESSAGE);
    case 'form':
      return direct ? renderForm(view) : renderCard(insteadOf(view));
  }
};
