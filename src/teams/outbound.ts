import type { Activity, ConversationReference, TurnContext } from 'botbuilder';
import type { Card } from '../chat/view.js';
import type { Address } from '../engine/person.js';
import type { Delivery, MessageRef, Notifier } from '../flows/ports.js';
import { within } from '../lib/deadline.js';
import { describeError, type Log } from '../lib/log.js';
import type { TeamsAdapter } from './adapter.js';
import { CALL_DEADLINE, ConnectorFault } from './connector-http.js';
import type { Rendered } from './render.js';
import type { ServiceUrls } from './service-urls.js';

/** Messages of the bot, on nobody's turn. */
export interface Outbound {
  /** `replyTo`: the message whose thread it belongs to. */
  send(address: Address, message: Rendered, replyTo?: string): Promise<Delivery>;
  replace(ref: MessageRef, message: Rendered): Promise<Delivery>;
}

interface Dependencies {
  readonly adapter: TeamsAdapter;
  readonly appId: string;
  readonly serviceUrls: ServiceUrls;
  readonly log: Log;
}

const CHANNEL = 'msteams';

/** The card alone: Teams splits text and card of one activity into two messages and keeps the id of one. */
const activityOf = (conversation: string, { content, summary }: Rendered): Partial<Activity> => ({
  type: 'message',
  channelId: CHANNEL,
  conversation: { id: conversation } as Activity['conversation'],
  summary,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
});

/** Answers after which another attempt may succeed, besides every 5xx but 501. 401: the bot's own token. */
const PASSING = new Set([401, 408, 412, 425, 429]);

const isPassing = (status: number): boolean => PASSING.has(status) || (status >= 500 && status !== 501);

const deliveryOf = (thrown: unknown): Delivery => {
  if (!(thrown instanceof ConnectorFault)) return { kind: 'later', detail: describeError(thrown).error };
  const { status, retryAfterMs, message } = thrown;
  if (status !== undefined && !isPassing(status)) return { kind: 'unreachable', detail: message };
  return { kind: 'later', detail: message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
};

export const createOutbound = ({ adapter, appId, serviceUrls, log }: Dependencies): Outbound => {
  const open = async (address: Address, act: (context: TurnContext) => Promise<void>): Promise<void> => {
    const serviceUrl = address.serviceUrl ?? (await serviceUrls.of(address.conversation));
    const reference: Partial<ConversationReference> = {
      channelId: CHANNEL,
      serviceUrl,
      conversation: { id: address.conversation } as ConversationReference['conversation'],
    };
    await adapter.continueConversationAsync(appId, reference, act);
  };

  const deliver = async (address: Address, act: (context: TurnContext) => Promise<MessageRef>): Promise<Delivery> => {
    let sent: MessageRef | undefined;
    const work = open(address, async (context) => {
      sent = await act(context);
    });
    try {
      await within(work, CALL_DEADLINE);
    } catch (thrown) {
      const delivery = deliveryOf(thrown);
      log.info({ outcome: delivery, conversation: address.conversation }, 'a Teams message was not delivered');
      return delivery;
    }
    return sent === undefined ? { kind: 'later', detail: 'no answer in time' } : { kind: 'sent', ref: sent };
  };

  return {
    send: (address, message, replyTo) =>
      deliver(address, async (context) => {
        const activity = activityOf(address.conversation, message);
        // Through the adapter, because the context would make it a reply to the turn, of which there is none.
        const [response] = await adapter.sendActivities(context, [
          replyTo === undefined ? activity : { ...activity, replyToId: replyTo },
        ]);
        return { address, message: response?.id ?? '' };
      }),
    replace: (ref, message) =>
      deliver(ref.address, async (context) => {
        await adapter.updateActivity(context, {
          ...activityOf(ref.address.conversation, message),
          id: ref.message,
        });
        return ref;
      }),
  };
};

export const createNotifier = (outbound: Outbound, render: (card: Card) => Rendered): Notifier<Card> => ({
  platforms: ['teams'],
  post: (address, card) => outbound.send(address, render(card)),
  update: (ref, card) => outbound.replace(ref, render(card)),
});
