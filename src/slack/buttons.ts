import type { BlockAction, ButtonAction, RespondFn, webApi } from '@slack/bolt';
import { ONE_MOMENT } from './copy.js';
import { deliver, reveal } from './deliver.js';
import type { Ways } from './deliver.js';
import { clickCaller, clickedMessage, clickIntent, isEphemeral } from './inbound.js';
import type { Ask } from './inbound.js';
import type { Modals } from './modals.js';
import { quiet } from './outbound.js';
import { verbOf } from './render-buttons.js';
import { renderCard } from './render.js';

/** A click on a button of a card, already acknowledged. `respond` is absent where the card stands in a modal. */
export const createClick =
  (ask: Ask, modals: Modals, client: webApi.WebClient) =>
  (body: BlockAction, action: ButtonAction, respond: RespondFn | undefined): Promise<void> => {
    const answer = () => ask(clickCaller(body), clickIntent(body, action.action_id, action.value));
    const ways =
      body.view === undefined ? waysFromMessage(body, respond, modals, client) : waysFromModal(body.view.id, modals);
    return verbOf(action.action_id) === 'reveal'
      ? reveal(emptyWindow(body, modals), modals, answer, ways.tell)
      : answer().then((given) => deliver(given, ways));
  };

const emptyWindow = async ({ view, trigger_id: trigger }: BlockAction, modals: Modals): Promise<string | undefined> => {
  if (view === undefined) return modals.open(trigger, ONE_MOMENT);
  return (await modals.update(view.id, ONE_MOMENT)) ? view.id : undefined;
};

const waysFromModal = (window: string, modals: Modals): Ways => ({
  tell: async (card) => void (await modals.update(window, card)),
  open: (view) => modals.update(window, view),
});

const waysFromMessage = (
  body: BlockAction,
  respond: RespondFn | undefined,
  modals: Modals,
  client: webApi.WebClient,
): Ways => {
  const clicked = clickedMessage(body);
  return {
    tell: async (card) => {
      const message = renderCard(card);
      if (respond !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, ...message });
      else
        await client.chat.postEphemeral({ channel: body.channel?.id ?? body.user.id, user: body.user.id, ...message });
    },
    open: async (view) => (await modals.open(body.trigger_id, view)) !== undefined,
    replace: async (card) => {
      const message = renderCard(card);
      if (clicked !== undefined) {
        await client.chat.update({ channel: clicked.address.conversation, ts: clicked.message, ...message, ...quiet });
      } else if (respond !== undefined && isEphemeral(body)) {
        await respond({ replace_original: true, ...message });
      }
    },
  };
};
