import type { RequestListener } from 'node:http';
import type { Dispatch } from '../chat/answer.js';
import type { Card } from '../chat/view.js';
import type { ConversationStore, Notifier } from '../flows/ports.js';
import type { KnownTeamStore } from '../flows/ports/known-teams.js';
import { SECOND, type Clock } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import type { Log } from '../lib/log.js';
import { createAdapter, tokenCheckOf, type TeamsConfig } from './adapter.js';
import { createAdmission } from './admission.js';
import { TeamsBot } from './bot.js';
import { createDoor } from './door.js';
import { createKnownTeams } from './known-teams.js';
import { createNotifier, createOutbound } from './outbound.js';
import { createPending } from './pending.js';
import { createProfiles } from './profile.js';
import { createRefusals } from './refusals.js';
import { renderCard } from './render.js';
import { createReplies } from './replies.js';
import { createTeamsRoster, type TeamsRoster } from './roster.js';
import { createServiceUrls } from './service-urls.js';
import { createTurns } from './turns.js';

/** Teams: its activities become intents, and views become Adaptive Cards. */
export interface Teams {
  /** For `POST /api/messages`; reads the body itself. */
  readonly listener: RequestListener;
  readonly notifier: Notifier<Card>;
  readonly roster: TeamsRoster;
  /** Waits, for a while, until what was asked so far is answered. The HTTP server is the caller's to close first. */
  stop(): Promise<void>;
}

export interface TeamsDependencies {
  readonly config: TeamsConfig;
  readonly dispatch: Dispatch;
  readonly conversations?: ConversationStore;
  readonly knownTeams?: KnownTeamStore;
  readonly log: Log;
  readonly clock: Clock;
  /** How long Teams is kept waiting for the answer to a click; it gives up after 10 to 15 s. */
  readonly answerWithinMs?: number;
  /** How long an edited message may take to reach the client that shows it. */
  readonly editsArriveWithinMs?: number;
}

const ANSWER_WITHIN = 8 * SECOND;
const EDITS_ARRIVE_WITHIN = SECOND;
const STOP_WITHIN = 10 * SECOND;

/** @throws TeamsConfigFault */
export const createTeams = (dependencies: TeamsDependencies): Teams => {
  const { config, dispatch, conversations, log, clock } = dependencies;
  const { answerWithinMs = ANSWER_WITHIN, editsArriveWithinMs = EDITS_ARRIVE_WITHIN } = dependencies;
  const adapter = createAdapter(config, clock);
  const serviceUrls = createServiceUrls(conversations, log);
  const outbound = createOutbound({ adapter, appId: config.appId ?? '', serviceUrls, log });
  const knownTeams = createKnownTeams(dependencies.knownTeams, serviceUrls, log);
  const pending = createPending();
  const turns = createTurns({
    dispatch,
    replies: createReplies(outbound, log),
    profiles: createProfiles(clock, log),
    serviceUrls,
    knownTeams,
    admits: createAdmission(config.tenants, log),
    pending,
    log,
    answerWithinMs,
    editsArriveWithinMs,
  });
  const bot = new TeamsBot(turns);
  const refusals = createRefusals(log, clock);
  return {
    listener: createDoor({
      adapter,
      turn: (context) => bot.run(context),
      checkToken: tokenCheckOf(config, clock),
      refusals,
      log,
    }),
    notifier: createNotifier(outbound, renderCard),
    roster: createTeamsRoster({
      adapter,
      appId: config.appId ?? '',
      serviceUrls,
      knownTeams,
      tenants: config.tenants,
      log,
    }),
    stop: async () => {
      await within(pending.settled(), STOP_WITHIN);
      refusals.flush();
    },
  };
};
