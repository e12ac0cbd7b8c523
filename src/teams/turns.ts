import type { InvokeResponse, TurnContext } from 'botbuilder';
import type { Answer, Dispatch } from '../chat/answer.js';
import type { Intent, Speaker } from '../chat/speaker.js';
import type { Card } from '../chat/view.js';
import { describeError, type Log } from '../lib/log.js';
import { isDirect, type IncomingActivity } from './activity.js';
import type { Admission } from './admission.js';
import { clickAnswer, clickAnswered, clickForbidden, clickNotKnown, clickTold, messageOf } from './answers.js';
import {
  FOREIGN_TENANT,
  NEVER_IN_A_MESSAGE,
  NOT_A_BUTTON,
  SERVICE_FORBIDDEN,
  STILL_WORKING,
  UNKNOWN_USER,
  WENT_WRONG,
  lostCredential,
  revealByButton,
} from './copy.js';
import { withinDeadline } from './deadline.js';
import { conversationOf, invokeIntent, speakerOf, submitIntent } from './inbound.js';
import type { Outbound } from './outbound.js';
import type { Profiles } from './profile.js';
import { renderCard, type Rendered } from './render.js';
import type { ServiceUrls } from './service-urls.js';
import { commandOf, typedText } from './typed-text.js';

/** What the bot does with each kind of activity. */
export interface Turns {
  message(activity: IncomingActivity, context: TurnContext): Promise<void>;
  invoke(activity: IncomingActivity, context: TurnContext): Promise<InvokeResponse>;
  installed(activity: IncomingActivity, context: TurnContext): Promise<void>;
  /** Something happened in a conversation of which only the place matters. */
  noticed(activity: IncomingActivity): Promise<void>;
  /** Resolves when everything that was asked so far is answered. */
  settled(): Promise<void>;
}

export interface TurnDependencies {
  readonly dispatch: Dispatch;
  readonly outbound: Outbound;
  readonly profiles: Profiles;
  readonly serviceUrls: ServiceUrls;
  readonly admits: Admission;
  readonly log: Log;
  /** How long Teams is kept waiting; the work goes on after that. */
  readonly answerWithinMs: number;
}

/** A command whose answer only a click can receive; one that asks for a new credential makes it first. */
const revealedId = (command: string): string | undefined => /^reveal\s+(\S+)$/i.exec(command)?.[1];

const isReveal = (intent: Intent): boolean => intent.kind === 'button' && intent.verb === 'reveal';

export const createTurns = (dependencies: TurnDependencies): Turns => {
  const { dispatch, outbound, profiles, serviceUrls, admits, log, answerWithinMs } = dependencies;
  const pending = new Set<Promise<unknown>>();

  const track = <T>(work: Promise<T>): Promise<T> => {
    pending.add(work);
    const done = (): void => void pending.delete(work);
    work.then(done, done);
    return work;
  };

  const ask = (speaker: Speaker, intent: Intent): Promise<Answer> =>
    dispatch(speaker, intent).catch((thrown: unknown): Answer => {
      log.error(describeError(thrown), 'a conversation failed');
      return { kind: 'show', tone: 'refusal', view: WENT_WRONG };
    });

  /** In a channel the answer stays in the thread of the question. */
  const reply = async (activity: IncomingActivity, message: Rendered): Promise<void> => {
    const replyTo = isDirect(activity) ? undefined : (activity.id ?? undefined);
    await outbound.send(conversationOf(activity), message, replyTo);
  };

  const tell = (activity: IncomingActivity, card: Card): Promise<void> => reply(activity, renderCard(card));

  const identify = async (activity: IncomingActivity, context: TurnContext): Promise<Speaker | undefined> => {
    await serviceUrls.seen(activity.conversation.id, activity.serviceUrl);
    return speakerOf(activity, await profiles.of(context, activity.from.id));
  };

  const replyWith = async (activity: IncomingActivity, intent: Intent, answer: Answer): Promise<void> => {
    if (answer.kind === 'nothing') return;
    const message = messageOf(answer.view, isDirect(activity));
    const source = intent.kind === 'command' || answer.kind === 'show' ? undefined : intent.source;
    const replaced = source === undefined ? undefined : await outbound.replace(source, message);
    if (replaced?.kind !== 'sent') await reply(activity, message);
  };

  const converse = async (activity: IncomingActivity, speaker: Speaker, intent: Intent): Promise<void> => {
    if (isReveal(intent)) return tell(activity, NEVER_IN_A_MESSAGE);
    const revealed = intent.kind === 'command' ? revealedId(intent.text) : undefined;
    if (revealed !== undefined) return tell(activity, revealByButton(revealed));
    const work = track(ask(speaker, intent).then((answer) => replyWith(activity, intent, answer)));
    await withinDeadline(work, answerWithinMs);
  };

  /** The click was answered with a plea for patience; this is what should have been said. */
  const sayLate = async (answer: Answer, activity: IncomingActivity, intent: Intent): Promise<void> => {
    if (answer.kind === 'nothing') return;
    const { view } = answer;
    if (view.kind === 'credential') {
      log.warn({ request: view.id }, 'a credential was ready too late for Teams to show it');
      if (isDirect(activity)) await tell(activity, lostCredential(view.id));
    } else if (answer.kind === 'replace' || isDirect(activity)) {
      await replyWith(activity, intent, answer);
    }
  };

  const click = async (activity: IncomingActivity, speaker: Speaker, intent: Intent): Promise<InvokeResponse> => {
    const asked = track(ask(speaker, intent));
    const answer = await withinDeadline(asked, answerWithinMs);
    if (answer !== undefined) return clickAnswer(answer, speaker.direct);
    void track(asked.then((late) => sayLate(late, activity, intent)));
    return clickTold(STILL_WORKING);
  };

  return {
    message: async (activity, context) => {
      if (!admits(activity)) return tell(activity, FOREIGN_TENANT);
      const speaker = await identify(activity, context);
      if (speaker === undefined) return tell(activity, UNKNOWN_USER);
      const entraUserOf = async (user: string): Promise<string | undefined> =>
        (await profiles.of(context, user)).aadObjectId;
      const submitted = submitIntent(activity);
      if (submitted !== undefined) return converse(activity, speaker, submitted);
      const text = commandOf(await typedText(activity, entraUserOf));
      return converse(activity, speaker, { kind: 'command', text });
    },

    invoke: async (activity, context) => {
      if (!admits(activity)) return clickForbidden(SERVICE_FORBIDDEN);
      if (activity.name !== 'adaptiveCard/action') return clickNotKnown();
      const intent = invokeIntent(activity);
      if (intent === 'refresh') return clickAnswered();
      if (intent === undefined) return clickTold(NOT_A_BUTTON);
      const speaker = await identify(activity, context);
      return speaker === undefined ? clickTold(UNKNOWN_USER) : click(activity, speaker, intent);
    },

    installed: async (activity, context) => {
      if (!admits(activity)) return;
      const speaker = await identify(activity, context);
      // A greeting makes the person known and reachable, before the first word.
      if (speaker?.direct === true) await converse(activity, speaker, { kind: 'command', text: 'help' });
    },

    noticed: async (activity) => {
      if (admits(activity)) await serviceUrls.seen(activity.conversation.id, activity.serviceUrl);
    },

    settled: async () => {
      while (pending.size > 0) await Promise.allSettled(pending);
    },
  };
};
