import type { RequestListener } from 'node:http';
import { App, HTTPReceiver, SocketModeReceiver, webApi } from '@slack/bolt';
import type { Receiver } from '@slack/bolt';
import { SECOND } from '../lib/clock.js';
import { silentLog } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import type { Redacted } from '../lib/redacted.js';
import { boltLog } from './bolt-log.js';

export interface SlackConfig {
  readonly botToken: Redacted<string>;
  /** Needed unless `appToken` is set. */
  readonly signingSecret?: Redacted<string>;
  /** Set: Socket Mode, no inbound HTTP. */
  readonly appToken?: Redacted<string>;
  /** Another Web API than Slack's, for tests. */
  readonly apiUrl?: string;
}

/** The configuration names neither way in which Slack could reach us. */
class NoWayIn extends Error {
  constructor() {
    super('Slack needs a signing secret (HTTP) or an app token (Socket Mode)');
    this.name = 'NoWayIn';
  }
}

const CALL_MS = 8 * SECOND;
// A submitted view may hold 250 KB of JSON, which the form encoding of the request can triple.
const BODY_BYTES = 1024 * 1024;

const apiOf = ({ apiUrl }: SlackConfig): { slackApiUrl?: string } =>
  apiUrl === undefined ? {} : { slackApiUrl: apiUrl };

export const createClient = (config: SlackConfig): webApi.WebClient =>
  new webApi.WebClient(config.botToken.reveal(), {
    ...apiOf(config),
    // Whoever calls decides whether to call again: a message posted twice or a trigger used twice helps nobody.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_MS,
    // Failures are logged by whoever called; the SDK's own words may quote what was sent.
    logger: boltLog(silentLog),
  });

/** For reading in the background: waits for as long as Slack asks, and asks again where no answer came. */
export const createPatientClient = (config: SlackConfig): webApi.WebClient =>
  new webApi.WebClient(config.botToken.reveal(), {
    ...apiOf(config),
    retryConfig: { retries: 4, factor: 2, minTimeout: SECOND },
    timeout: CALL_MS,
    logger: boltLog(silentLog),
  });

/** What Bolt receives with: signed HTTP requests, or a socket that it opens itself. */
export const createReceiver = (config: SlackConfig, log: Log): { receiver: Receiver; listener?: RequestListener } => {
  const logger = boltLog(log);
  if (config.appToken !== undefined) {
    const installerOptions = { clientOptions: apiOf(config) };
    return { receiver: new SocketModeReceiver({ appToken: config.appToken.reveal(), logger, installerOptions }) };
  }
  if (config.signingSecret === undefined) throw new NoWayIn();
  const receiver = new HTTPReceiver({
    signingSecret: config.signingSecret.reveal(),
    endpoints: '/slack/events',
    logger,
    bodyLimit: BODY_BYTES,
  });
  return { receiver, listener: politely(receiver.requestListener) };
};

// Bolt throws at the caller for whatever is not its own path.
const politely =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    try {
      listener(request, response);
    } catch {
      response.writeHead(404).end();
    }
  };

export const createApp = (config: SlackConfig, receiver: Receiver, log: Log): App =>
  new App({
    receiver,
    logger: boltLog(log),
    // One workspace, one token: nothing has to be looked up before an event is dealt with.
    authorize: () => Promise.resolve({ botToken: config.botToken.reveal() }),
    // Messages of bots, this one included, are told apart by their own fields.
    ignoreSelf: false,
    convoStore: false,
    clientOptions: { ...apiOf(config), fetch: fetchInTime },
  });

const fetchInTime: webApi.FetchFunction = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS) });
