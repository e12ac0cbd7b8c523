import type { SlackCommandMiddlewareArgs, webApi } from '@slack/bolt';
import type { Card } from '../chat/view.js';
import { SECOND } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { deliver } from './deliver.js';
import type { Ways } from './deliver.js';
import { commandCaller, commandIntent } from './inbound.js';
import type { Ask, TypedMessage } from './inbound.js';
import type { Modals } from './modals.js';
import { quiet } from './outbound.js';
import { renderCard } from './render.js';

// Slack wants its acknowledgement within three seconds; the network takes its share.
const ACK_MS = 2 * SECOND;

/** `/jit …`: answered for the asker's eyes alone, in the acknowledgement itself when the answer is quick. */
export const createSlashCommand =
  (ask: Ask, modals: Modals) =>
  async ({ command, ack, respond }: SlackCommandMiddlewareArgs): Promise<void> => {
    const privately = (card: Card) => ({ response_type: 'ephemeral' as const, ...renderCard(card) });
    const tell: Ways['tell'] = async (card) => void (await respond(privately(card)));
    const asked = ask(commandCaller(command), commandIntent(command.text));
    const quick = await within(asked, ACK_MS);
    if (quick !== undefined && quick.kind !== 'nothing' && quick.view.kind === 'card') {
      return ack(privately(quick.view));
    }
    await ack();
    const open: Ways['open'] = async (view) => (await modals.open(command.trigger_id, view)) !== undefined;
    return deliver(await asked, { tell, open });
  };

/** The same commands typed as messages in the 1:1 chat, where Slack lets nobody open a window. */
export const createMessage =
  (ask: Ask, client: webApi.WebClient) =>
  async (message: TypedMessage): Promise<void> => {
    const tell: Ways['tell'] = async (card) =>
      void (await client.chat.postMessage({ channel: message.channel, ...renderCard(card), ...quiet }));
    return deliver(await ask(message, commandIntent(message.text)), { tell });
  };
