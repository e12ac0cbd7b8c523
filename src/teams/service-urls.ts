import type { ConversationStore } from '../flows/ports.js';
import { describeError, type Log } from '../lib/log.js';

/** Which service hosts a conversation: Teams runs many, and a message reaches only the right one. */
export interface ServiceUrls {
  of(conversation: string): Promise<string>;
  seen(conversation: string, serviceUrl: string): Promise<void>;
}

/** Forwards to the region of the tenant; right for conversations that the bot has not heard from. */
const GLOBAL_SERVICE = 'https://smba.trafficmanager.net/teams/';

const MOST_KEPT = 10_000;

/** A channel's threads are conversations of their own, named after it; all live where the channel lives. */
const withoutThread = (conversation: string): string => conversation.split(';messageid=')[0] ?? conversation;

export const createServiceUrls = (store: ConversationStore | undefined, log: Log): ServiceUrls => {
  const known = new Map<string, string>();
  const keep = (key: string, serviceUrl: string): void => {
    const eldest = known.keys().next();
    if (known.size >= MOST_KEPT && !known.has(key) && eldest.done !== true) known.delete(eldest.value);
    known.set(key, serviceUrl);
  };
  return {
    of: async (conversation) => {
      const key = withoutThread(conversation);
      const serviceUrl = known.get(key) ?? (await store?.serviceUrlOf(key));
      if (serviceUrl === undefined) return GLOBAL_SERVICE;
      keep(key, serviceUrl);
      return serviceUrl;
    },
    seen: async (conversation, serviceUrl) => {
      const key = withoutThread(conversation);
      if (known.get(key) === serviceUrl) return;
      keep(key, serviceUrl);
      // What is kept in memory serves until the next start; a message must not fail for want of the note.
      await store?.remember(key, serviceUrl).catch((thrown: unknown) => {
        log.warn(describeError(thrown), 'could not note where a Teams conversation lives');
      });
    },
  };
};
