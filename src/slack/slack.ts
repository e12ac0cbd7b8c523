/** Slack as a door to the conversation: Bolt receives what people type and click, the Web API shows what they are told. */
import type { RequestListener } from 'node:http';
import type { App, BlockAction, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Dispatch } from '../chat/answer.js';
import { identityOf } from '../chat/speaker.js';
import type { Card } from '../chat/view.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Notifier } from '../flows/ports.js';
import type { Standing } from '../flows/ports/rosters.js';
import type { Clock } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { createClick } from './buttons.js';
import { createMessage, createSlashCommand } from './commands.js';
import { createApp, createClient, createPatientClient, createReceiver } from './connection.js';
import type { SlackConfig } from './connection.js';
import { WENT_WRONG } from './copy.js';
import { createForms } from './forms.js';
import { conversationOf, isDirect, typedMessage } from './inbound.js';
import type { Ask } from './inbound.js';
import { createModals } from './modals.js';
import { createNotifier } from './outbound.js';
import { createProfiles } from './profile.js';
import type { Profiles } from './profile.js';
import { verbOf } from './render-buttons.js';
import { createSlackRoster } from './roster.js';
import type { SlackRoster } from './roster.js';
import { createRounds } from './rounds.js';

export interface Slack {
  /** For `POST /slack/events`; absent in Socket Mode. Refuses whatever Slack did not sign within five minutes. */
  readonly listener?: RequestListener;
  readonly notifier: Notifier<Card>;
  readonly roster: SlackRoster;
  /** Opens the socket in Socket Mode; either way says in the log whether Slack takes the token. */
  start(): Promise<void>;
  /** Closes the socket, and resolves when everything that came in has been dealt with. */
  stop(): Promise<void>;
}

export interface SlackParts {
  readonly config: SlackConfig;
  readonly dispatch: Dispatch;
  readonly log: Log;
  readonly clock: Clock;
  /** Told whenever Slack says that a user was changed. */
  readonly userChanged?: (key: IdentityKey, standing: Standing) => Promise<void>;
}

export const createSlack = ({ config, dispatch, log, clock, userChanged }: SlackParts): Slack => {
  const client = createClient(config);
  const notifier = createNotifier(client);
  const rounds = createRounds();
  const { receiver, listener } = createReceiver(config, log);
  const app = createApp(config, receiver, log);
  app.use(rounds.middleware);
  if (userChanged !== undefined) listenToUsers(app, userChanged);
  listen(app, createAsk(dispatch, createProfiles(client, log, clock), log), client, notifier, log);

  return {
    ...(listener && { listener }),
    notifier,
    roster: createSlackRoster({ quick: client, patient: createPatientClient(config) }),
    start: async () => {
      if (listener === undefined) await app.start();
      await greet(client, log);
    },
    stop: async () => {
      if (listener === undefined) await app.stop();
      await rounds.ended();
    },
  };
};

const createAsk =
  (dispatch: Dispatch, profiles: Profiles, log: Log): Ask =>
  async (caller, intent) => {
    try {
      const identity = await profiles(caller.user, caller.name);
      return await dispatch({ identity, direct: isDirect(caller), conversation: conversationOf(caller) }, intent);
    } catch (thrown) {
      log.error(
        { user: caller.user, intent: intent.kind, ...describeError(thrown) },
        'No answer for somebody in Slack',
      );
      return WENT_WRONG;
    }
  };

const listen = (app: App, ask: Ask, client: webApi.WebClient, notifier: Notifier<Card>, log: Log): void => {
  const modals = createModals(client, log);
  const click = createClick(ask, modals, client);
  const message = createMessage(ask, client);
  const forms = createForms(ask, modals, async (user, card) => {
    const delivery = await notifier.post({ platform: 'slack', conversation: user }, card);
    if (delivery.kind !== 'sent') log.warn({ user, detail: delivery.detail }, 'Slack did not take an answer');
  });

  app.command(/.*/, createSlashCommand(ask, modals));
  app.event('message', async ({ event }) => {
    const typed = typedMessage(event);
    if (typed !== undefined) await message(typed);
  });
  app.action<BlockAction>({ type: 'block_actions' }, async ({ ack, body, action, respond }) => {
    await ack();
    if (action.type !== 'button') await forms.refresh(body);
    // A button that leads to a page reports its click all the same.
    else if (verbOf(action.action_id) !== 'open') await click(body, action, respond);
  });
  app.options<'block_suggestion'>({ type: 'block_suggestion' }, (args) => forms.suggest(args));
  app.view<ViewSubmitAction>({ type: 'view_submission' } as const, (args) => forms.submit(args));
  app.error(async (thrown) => log.error(describeError(thrown), 'Something from Slack was not dealt with'));
};

const listenToUsers = (app: App, userChanged: NonNullable<SlackParts['userChanged']>): void => {
  app.event('user_change', ({ event: { user } }) =>
    userChanged(identityOf(user.id, { platform: 'slack', name: user.id }).key, user.deleted ? 'deactivated' : 'active'),
  );
};

const greet = async (client: webApi.WebClient, log: Log): Promise<void> => {
  try {
    const { team, user } = await client.auth.test();
    log.info({ team, user }, 'Slack takes our token');
  } catch (thrown) {
    log.error(describeError(thrown), 'Slack does not take our token: nobody can be answered there until it does');
  }
};
