import type { BlockAction, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Answer } from '../chat/answer.js';
import type { Card } from '../chat/view.js';
import { SECOND } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { ONE_MOMENT } from './copy.js';
import { viewOf } from './deliver.js';
import { clickCaller, denyIntent, formIntent, submitCaller } from './inbound.js';
import type { Ask } from './inbound.js';
import type { Modals } from './modals.js';
import { renderModal } from './render.js';

const ACK_MS = 2 * SECOND;

/** The forms that live in modals: `cards/request-form.slack.json` and `cards/deny-form.slack.json`. */
export interface Forms {
  /** Something was chosen in the request form: what may be chosen next, and what will be needed, may have changed. */
  refresh(body: BlockAction): Promise<void>;
  submit(args: SlackViewMiddlewareArgs<ViewSubmitAction>): Promise<void>;
}

/** `write` sends a card to the 1:1 chat: a submitted form hangs in no conversation. */
export const createForms = (ask: Ask, modals: Modals, write: (user: string, card: Card) => Promise<void>): Forms => {
  // Choices come quicker than answers: only the latest may fill the form.
  const latest = new Map<string, symbol>();

  return {
    refresh: async (body) => {
      const { view } = body;
      if (view === undefined) return;
      const turn = Symbol(view.id);
      latest.set(view.id, turn);
      const answer = await ask(clickCaller(body), formIntent(view.state, false));
      if (latest.get(view.id) !== turn) return;
      latest.delete(view.id);
      if (answer.kind !== 'nothing') await modals.update(view.id, answer.view);
    },

    submit: async ({ ack, body, view }) => {
      latest.delete(view.id);
      const intent =
        view.callback_id === 'deny-form' ? denyIntent(view.private_metadata, view.state) : formIntent(view.state, true);
      const asked = ask(submitCaller(body), intent);
      const quick = await within(asked, ACK_MS);
      if (quick === undefined) {
        await ack({ response_action: 'update', view: renderModal(ONE_MOMENT) });
        await modals.update(view.id, viewOf(await asked));
      } else if (staysOpen(quick)) {
        await ack({ response_action: 'update', view: renderModal(viewOf(quick)) });
      } else {
        await ack();
        if (quick.kind === 'show' && quick.view.kind === 'card') await write(body.user.id, quick.view);
      }
    },
  };
};

/** A refusal is read where the words were typed. */
const staysOpen = (answer: Answer): boolean =>
  answer.kind === 'show' && (answer.tone === 'refusal' || answer.view.kind !== 'card');
