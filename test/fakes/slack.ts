import { postForm, postJson, SIGNING_SECRET } from './slack/signed.js';
import type { Posted, Signing } from './slack/signed.js';
import { startWebApi } from './slack/web-api.js';
import type { Json, WebApi } from './slack/web-api.js';
import { ADMIN_TOKEN, APP, BOT_TOKEN, findChannel, findPeople, SEED, TEAM } from './slack/workspace.js';
import type { People, SlackPerson } from './slack/workspace.js';
import { createWindows } from './slack/windows.js';
import type { Typed, Window } from './slack/windows.js';

/** A workspace with people in it, and their hands on the keyboard. */
export interface FakeSlack {
  /** For the bot: `SLACK_API_URL`, `SLACK_BOT_TOKEN`, `SLACK_SIGNING_SECRET`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly signingSecret: string;
  readonly api: WebApi;
  readonly people: People;
  /** The public channel `approvals`, with everybody and the bot in it. */
  readonly channel: string;
  /** `bot` is the bot's address, without path. */
  command(bot: string, by: SlackPerson, text: string, options?: CommandOptions): Promise<Posted>;
  /** A message typed to the bot; `extra` adds to the event. */
  say(bot: string, by: SlackPerson, text: string, extra?: Json): Promise<Posted>;
  /** Clicks the button with this verb on a posted message; throws when the message has none. */
  click(bot: string, by: SlackPerson, message: SlackMessage, verb: string, options?: ClickOptions): Promise<Posted>;
  /** Chooses in an input that reports each choice. */
  choose(bot: string, by: SlackPerson, window: Window, typed: Typed): Promise<Posted>;
  /** Types in a list that is loaded as one types; what is offered then. */
  search(bot: string, by: SlackPerson, window: Window, action: string, typed: string): Promise<readonly Json[]>;
  /** Fills the form and sends it; throws when Slack's client would not. */
  submit(bot: string, by: SlackPerson, window: Window, typed: Typed): Promise<Posted>;
  /** The window as it is now; `undefined`: closed. */
  window(id: string): Window | undefined;
  /** The window opened last. */
  lastWindow(): Window | undefined;
  /** Newest first. `where` is a channel, or a person's 1:1 chat with the bot. */
  messages(where: string | SlackPerson): Promise<readonly SlackMessage[]>;
  /** What people were told for their eyes alone: ephemeral messages and uses of response URLs, oldest first. */
  whispers(): readonly SlackMessage[];
  /** Throws when the bot sent something that breaks a limit of Slack's. */
  close(): Promise<void>;
}

export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly ephemeral: boolean;
}

export interface CommandOptions extends Signing {
  /** Default: the person's 1:1 chat with the bot. */
  readonly channel?: string;
  readonly trigger?: string;
}

export interface ClickOptions extends Signing {
  readonly responseUrl?: boolean;
  readonly trigger?: string;
}

export const startSlack = async (): Promise<FakeSlack> => {
  const api = await startWebApi(SEED, ADMIN_TOKEN);
  const windows = createWindows(api.calls);
  const people = await findPeople(api);
  const channel = await findChannel(api);
  const direct = new Map<string, string>();

  const directChannel = async (person: SlackPerson): Promise<string> => {
    const known = direct.get(person.id);
    if (known !== undefined) return known;
    const opened = await api.call('conversations.open', { users: person.id });
    const id = String((opened['channel'] as Json)['id']);
    direct.set(person.id, id);
    return id;
  };
  const trigger = async (by: SlackPerson): Promise<string> =>
    String((await api.call('views.generateTriggerId', { user_id: by.id }))['trigger_id']);
  const interact = (bot: string, payload: object, signing?: Signing): Promise<Posted> =>
    postForm(
      `${bot}/slack/events`,
      { payload: JSON.stringify({ team: TEAM, token: 't', api_app_id: APP, ...payload }) },
      signing,
    );
  const user = (by: SlackPerson): Json => ({ id: by.id, username: by.login, name: by.login, team_id: TEAM.id });
  const lastOpened = (): string | undefined =>
    api.calls
      .filter(({ method, answer }) => method === 'views.open' && answer['ok'] === true)
      .map(({ answer }) => String((answer['view'] as Json)['id']))
      .at(-1);

  return {
    apiUrl: api.url,
    botToken: BOT_TOKEN,
    signingSecret: SIGNING_SECRET,
    api,
    people,
    channel,
    command: async (bot, by, text, options = {}) =>
      postForm(
        `${bot}/slack/events`,
        {
          command: '/jit',
          text,
          user_id: by.id,
          user_name: by.login,
          channel_id: options.channel ?? (await directChannel(by)),
          channel_name: 'somewhere',
          team_id: TEAM.id,
          team_domain: TEAM.domain,
          api_app_id: APP,
          response_url: api.responseUrl(),
          trigger_id: options.trigger ?? (await trigger(by)),
        },
        options,
      ),
    say: async (bot, by, text, extra = {}) =>
      postJson(`${bot}/slack/events`, {
        type: 'event_callback',
        team_id: TEAM.id,
        api_app_id: APP,
        event_id: `Ev${Math.random().toString(36).slice(2)}`,
        ...(typeof extra['event_id'] === 'string' && { event_id: extra['event_id'] }),
        event: {
          type: 'message',
          channel_type: 'im',
          user: by.id,
          channel: await directChannel(by),
          text,
          ts: '1.1',
          ...extra,
        },
      }),
    click: async (bot, by, message, verb, options = {}) => {
      const button = buttonOf(message, verb);
      return interact(
        bot,
        {
          type: 'block_actions',
          user: user(by),
          trigger_id: options.trigger ?? (await trigger(by)),
          ...(options.responseUrl !== false && { response_url: api.responseUrl() }),
          container: {
            type: 'message',
            message_ts: message.ts,
            channel_id: message.channel,
            is_ephemeral: message.ephemeral,
          },
          channel: { id: message.channel, name: 'somewhere' },
          ...(!message.ephemeral && { message: { type: 'message', ...message } }),
          actions: [{ type: 'button', block_id: 'b', action_ts: '1', ...button }],
        },
        options,
      );
    },
    choose: async (bot, by, { id }, typed) => {
      windows.type(id, typed);
      const [action] = Object.keys(typed);
      return interact(bot, {
        type: 'block_actions',
        user: user(by),
        trigger_id: await trigger(by),
        container: { type: 'view', view_id: id },
        view: windows.payload(id),
        actions: [{ type: 'static_select', action_id: action, block_id: action, action_ts: '1' }],
      });
    },
    search: async (bot, by, { id }, action, typed) => {
      const posted = await interact(bot, {
        type: 'block_suggestion',
        user: user(by),
        container: { type: 'view', view_id: id },
        view: windows.payload(id),
        action_id: action,
        block_id: action,
        value: typed,
      });
      return (JSON.parse(posted.text) as { readonly options: readonly Json[] }).options;
    },
    submit: async (bot, by, { id }, typed) => {
      windows.type(id, typed);
      const missing = windows.missing(id);
      if (missing.length > 0) throw new Error(`Slack's client asks for ${missing.join(', ')} first`);
      const posted = await interact(bot, {
        type: 'view_submission',
        user: user(by),
        trigger_id: await trigger(by),
        view: windows.payload(id),
        response_urls: [],
      });
      if (posted.status === 200) windows.answered(id, posted.text === '' ? {} : (JSON.parse(posted.text) as Json));
      return posted;
    },
    window: (id) => windows.opened(id),
    lastWindow: () => {
      const id = lastOpened();
      return id === undefined ? undefined : windows.opened(id);
    },
    messages: async (where) => {
      const id = typeof where === 'string' ? where : await directChannel(where);
      const history = await api.call('conversations.history', { channel: id, limit: 200 });
      if (history['ok'] !== true) throw new Error(`conversations.history: ${String(history['error'])}`);
      return (history['messages'] as readonly Json[]).map((message) =>
        messageOf(message, id, String(message['ts']), false),
      );
    },
    whispers: () =>
      api.calls
        .filter(({ method }) => method === 'chat.postEphemeral' || method === 'response_url')
        .map(({ body, answer }) => messageOf(body, words(body['channel']), words(answer['message_ts']), true)),
    close: async () => {
      await api.close();
      if (api.faults.length > 0) throw new Error(`Slack would have refused: ${api.faults.join('; ')}`);
    },
  };
};

const words = (value: unknown): string => (typeof value === 'string' ? value : '');

const messageOf = (message: Json, channel: string, ts: string, ephemeral: boolean): SlackMessage => ({
  channel,
  ts,
  text: words(message['text']),
  blocks: (message['blocks'] ?? []) as readonly Json[],
  ephemeral,
});

const buttonOf = (message: SlackMessage, verb: string): Json => {
  const buttons = message.blocks.flatMap((block) =>
    block['type'] === 'actions' ? (block['elements'] as readonly Json[]) : [],
  );
  const button = buttons.find(({ action_id: id }) => String(id).split(':')[0] === verb);
  if (button === undefined) throw new Error(`The message has no button ${verb}`);
  return button;
};
