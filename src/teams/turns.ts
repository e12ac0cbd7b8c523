import { setTimeout as pause } from 'node:timers/promises';
import type { InvokeResponse, TurnContext } from 'botbuilder';
import type { Answer, Dispatch } from '../chat/answer.js';
import type { Intent, Speaker } from '../chat/speaker.js';
import { within } from '../lib/deadline.js';
import { describeError, type Log } from '../lib/log.js';
import type { IncomingActivity } from './activity.js';
import type { Admission } from './admission.js';
import { clickAnswer, clickAnswered, clickForbidden, clickNotKnown, clickTold } from './answers.js';
import {
  FOREIGN_TENANT,
  NEVER_IN_A_MESSAGE,
  NOT_A_BUTTON,
  REVEALED_IN_DIRECT_CHAT,
  SERVICE_FORBIDDEN,
  STILL_WORKING,
  UNKNOWN_USER,
  WENT_WRONG,
  revealByButton,
} from './copy.js';
import { invokeIntent, speakerOf, submitIntent } from './inbound.js';
import type { KnownTeams } from './known-teams.js';
import type { Pending } from './pending.js';
import type { Profiles } from './profile.js';
import type { Replies } from './replies.js';
import type { ServiceUrls } from './service-urls.js';
import { commandOf, typedText } from './typed-text.js';

/** What the bot does with each kind of activity. */
export interface Turns {
  message(activity: IncomingActivity, context: TurnContext): Promise<void>;
  invoke(activity: IncomingActivity, context: TurnContext): Promise<InvokeResponse>;
  installed(activity: IncomingActivity, context: TurnContext): Promise<void>;
  /** Something happened in a conversation of which only the place matters. */
  noticed(activity: IncomingActivity): Promise<void>;
}

export interface TurnDependencies {
  readonly dispatch: Dispatch;
  readonly replies: Replies;
  readonly profiles: Profiles;
  readonly serviceUrls: ServiceUrls;
  readonly knownTeams: KnownTeams;
  readonly admits: Admission;
  readonly pending: Pending;
  readonly log: Log;
  /** How long Teams is kept waiting; the work goes on after that. */
  readonly answerWithinMs: number;
  /** How long an edited message may take to reach the client that shows it. */
  readonly editsArriveWithinMs: number;
}

type Ask = (speaker: Speaker, intent: Intent) => Promise<Answer>;

const createAsk =
  ({ dispatch, log }: TurnDependencies): Ask =>
  (speaker, intent) =>
    dispatch(speaker, intent).catch((thrown: unknown): Answer => {
      log.error(describeError(thrown), 'a conversation failed');
      return { kind: 'show', tone: 'refusal', view: WENT_WRONG };
    });

/** A credential is taken out when it is asked for; asked for where it cannot be shown, it would be lost. */
const isReveal = (intent: Intent): boolean => intent.kind === 'button' && intent.verb === 'reveal';

const isCredential = (answer: Answer): boolean => answer.kind !== 'nothing' && answer.view.kind === 'credential';

/** A command whose answer only a click can receive. One that asks for a new credential has that made first. */
const revealedId = (command: string): string | undefined => /^reveal\s+(\S+)$/i.exec(command)?.[1];

type Converse = (activity: IncomingActivity, speaker: Speaker, intent: Intent) => Promise<void>;

const createConverse = (dependencies: TurnDependencies): Converse => {
  const { replies, pending, answerWithinMs } = dependencies;
  const ask = createAsk(dependencies);
  return async (activity, speaker, intent) => {
    if (isReveal(intent)) return replies.tell(activity, NEVER_IN_A_MESSAGE);
    const revealed = intent.kind === 'command' ? revealedId(intent.text) : undefined;
    if (revealed !== undefined) return replies.tell(activity, revealByButton(revealed));
    const answered = ask(speaker, intent).then((answer) => replies.say(activity, intent, answer));
    await within(pending.track(answered), answerWithinMs);
  };
};

type Click = (activity: IncomingActivity, speaker: Speaker, intent: Intent) => Promise<InvokeResponse>;

const createClick = (dependencies: TurnDependencies): Click => {
  const { replies, pending, answerWithinMs, editsArriveWithinMs } = dependencies;
  const ask = createAsk(dependencies);
  return async (activity, speaker, intent) => {
    if (isReveal(intent) && !speaker.direct) return clickTold(REVEALED_IN_DIRECT_CHAT);
    const asked = pending.track(ask(speaker, intent));
    const answer = await within(asked, answerWithinMs);
    // The stored card was overwritten just before. Teams spreads edits on a way of its own, and one that came after the
    // credential would take it off the screen unread.
    if (answer !== undefined && isCredential(answer)) await pause(editsArriveWithinMs);
    if (answer !== undefined) return clickAnswer(answer, speaker.direct);
    void pending.track(asked.then((late) => replies.sayLate(activity, intent, late)));
    return clickTold(STILL_WORKING);
  };
};

export const createTurns = (dependencies: TurnDependencies): Turns => {
  const { replies, profiles, serviceUrls, knownTeams, admits } = dependencies;
  const converse = createConverse(dependencies);
  const click = createClick(dependencies);

  const identify = async (activity: IncomingActivity, context: TurnContext): Promise<Speaker | undefined> => {
    await serviceUrls.seen(activity.conversation.id, activity.serviceUrl);
    return speakerOf(activity, await profiles.of(context, activity.from.id));
  };

  const typedCommand = async (activity: IncomingActivity, context: TurnContext): Promise<Intent> => {
    const entraUserOf = async (user: string): Promise<string | undefined> =>
      (await profiles.of(context, user)).aadObjectId;
    return { kind: 'command', text: commandOf(await typedText(activity, entraUserOf)) };
  };

  return {
    message: async (activity, context) => {
      if (!admits(activity)) return replies.tell(activity, FOREIGN_TENANT);
      const speaker = await identify(activity, context);
      if (speaker === undefined) return replies.tell(activity, UNKNOWN_USER);
      return converse(activity, speaker, submitIntent(activity) ?? (await typedCommand(activity, context)));
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
      await knownTeams.seen(activity);
      const speaker = await identify(activity, context);
      // A greeting makes the person known and reachable, before the first word.
      if (speaker?.direct === true) await converse(activity, speaker, { kind: 'command', text: 'help' });
    },

    noticed: async (activity) => {
      if (!admits(activity)) return;
      await knownTeams.seen(activity);
      await serviceUrls.seen(activity.conversation.id, activity.serviceUrl);
    },
  };
};
