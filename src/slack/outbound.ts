import { webApi } from '@slack/bolt';
import type { Card } from '../chat/view.js';
import type { Delivery, Notifier } from '../flows/ports.js';
import { SECOND } from '../lib/clock.js';
import { renderCard } from './render.js';

/** Links stand for themselves: a preview would tell their hosts and bury the card. */
export const quiet = { unfurl_links: false, unfurl_media: false } as const;

/** Posts and updates cards. A user's id as address opens their 1:1 chat; what was posted names the channel it is in. */
export const createNotifier = (client: webApi.WebClient): Notifier<Card> => {
  const opened = new Map<string, string>();

  const channelOf = async (conversation: string): Promise<string> => {
    const known = opened.get(conversation);
    if (known !== undefined || !isUser(conversation)) return known ?? conversation;
    const { channel } = await client.conversations.open({ users: conversation });
    const id = channel?.id ?? conversation;
    opened.set(conversation, id);
    return id;
  };

  return {
    platforms: ['slack'],

    post: (address, card) =>
      delivering(async () => {
        const channel = await channelOf(address.conversation);
        const posted = await client.chat.postMessage({ channel, ...renderCard(card), ...quiet });
        return { conversation: posted.channel ?? channel, message: posted.ts ?? '' };
      }),

    update: (ref, card) =>
      delivering(async () => {
        const { conversation } = ref.address;
        await client.chat.update({ channel: conversation, ts: ref.message, ...renderCard(card), ...quiet });
        return { conversation, message: ref.message };
      }),
  };
};

const isUser = (conversation: string): boolean => /^[UW]/.test(conversation);

const delivering = async (work: () => Promise<{ conversation: string; message: string }>): Promise<Delivery> => {
  try {
    const { conversation, message } = await work();
    return { kind: 'sent', ref: { address: { platform: 'slack', conversation }, message } };
  } catch (thrown) {
    return failedDelivery(thrown);
  }
};

/** Slack's answers after which another attempt would get the same: the place is gone or closed, or the card is wrong. */
const FINAL = new Set([
  'account_inactive',
  'cannot_dm_bot',
  'cant_update_message',
  'channel_is_limited_access',
  'channel_not_found',
  'edit_window_closed',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'is_archived',
  'is_inactive',
  'message_not_found',
  'messages_tab_disabled',
  'msg_blocks_too_long',
  'msg_too_long',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
]);

const failedDelivery = (thrown: unknown): Delivery => {
  if (thrown instanceof webApi.WebAPIRateLimitedError) {
    return { kind: 'later', detail: 'Slack is throttling', retryAfterMs: thrown.retryAfter * SECOND };
  }
  if (thrown instanceof webApi.WebAPIPlatformError) {
    const detail = [thrown.data.error, ...(thrown.data.response_metadata?.messages ?? [])].join(' ');
    return { kind: FINAL.has(thrown.data.error) ? 'unreachable' : 'later', detail };
  }
  return { kind: 'later', detail: thrown instanceof Error ? thrown.message : `thrown ${typeof thrown}` };
};
