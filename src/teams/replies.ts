import type { Answer } from '../chat/answer.js';
import type { Intent } from '../chat/speaker.js';
import type { Card } from '../chat/view.js';
import type { Log } from '../lib/log.js';
import { isDirect, type IncomingActivity } from './activity.js';
import { messageOf } from './answers.js';
import { lostCredential } from './copy.js';
import { conversationOf } from './inbound.js';
import type { Outbound } from './outbound.js';
import { renderCard, type Rendered } from './render.js';

/** Answers that are messages of their own. */
export interface Replies {
  tell(activity: IncomingActivity, card: Card): Promise<void>;
  say(activity: IncomingActivity, intent: Intent, answer: Answer): Promise<void>;
  /** The click was answered with a plea for patience; this is what should have been said. */
  sayLate(activity: IncomingActivity, intent: Intent, answer: Answer): Promise<void>;
}

export const createReplies = (outbound: Outbound, log: Log): Replies => {
  /** In a channel the answer stays in the thread of the question. */
  const reply = async (activity: IncomingActivity, message: Rendered): Promise<void> => {
    const replyTo = isDirect(activity) ? undefined : (activity.id ?? undefined);
    await outbound.send(conversationOf(activity), message, replyTo);
  };

  const tell = (activity: IncomingActivity, card: Card): Promise<void> => reply(activity, renderCard(card));

  const say = async (activity: IncomingActivity, intent: Intent, answer: Answer): Promise<void> => {
    if (answer.kind === 'nothing') return;
    const message = messageOf(answer.view, isDirect(activity));
    const source = intent.kind === 'command' || answer.kind === 'show' ? undefined : intent.source;
    const replaced = source === undefined ? undefined : await outbound.replace(source, message);
    if (replaced?.kind !== 'sent') await reply(activity, message);
  };

  return {
    tell,
    say,
    sayLate: async (activity, intent, answer) => {
      if (answer.kind === 'nothing') return;
      const { view } = answer;
      if (view.kind === 'credential') {
        log.warn({ request: view.id }, 'a credential was ready too late for Teams to show it');
        if (isDirect(activity)) await tell(activity, lostCredential(view.id));
      } else if (answer.kind === 'replace' || isDirect(activity)) {
        await say(activity, intent, answer);
      }
    },
  };
};
