import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventually } from '../../demo/eventually.js';
import { buttonOf } from './teams/cards.js';
import { listen } from './teams/listen.js';

/**
 * Teams as a bot meets it: the service that takes its messages and updates and knows the roster, and the clients that
 * write and click. It keeps what the bot posted, and can refuse as Teams does.
 */
export interface TeamsConnector {
  readonly serviceUrl: string;
  /** Where activities go; the bot's own address, without path. */
  connect(bot: string): void;
  /** What the bot posted, oldest first, as it stands now. */
  messages(conversation?: string): readonly TeamsMessage[];
  /** The newest message of a conversation that satisfies `wanted`; waits for it. */
  message(conversation: string, wanted: (message: TeamsMessage) => boolean): Promise<TeamsMessage>;
  /** The 1:1 chat of a person with the bot. */
  chatOf(person: TeamsPerson): string;
  /** Everything the connector was asked, as `METHOD path`. */
  readonly requests: readonly string[];

  install(person: TeamsPerson): Promise<Posted>;
  installIn(channel: string, person: TeamsPerson): Promise<Posted>;
  say(person: TeamsPerson, text: string, options?: SayOptions): Promise<Posted>;
  /** Clicks the button with this verb, with the inputs of its card filled in as said. */
  click(person: TeamsPerson, message: TeamsMessage, verb: string, inputs?: Inputs): Promise<Posted>;
  /** The same click from a client that knows only Action.Submit. */
  clickAsSubmit(person: TeamsPerson, message: TeamsMessage, verb: string, inputs?: Inputs): Promise<Posted>;
  /** Clicks a button of a card that is shown as the answer to another click. */
  clickOn(person: TeamsPerson, card: unknown, source: TeamsMessage, verb: string, inputs?: Inputs): Promise<Posted>;
  /** Any activity, completed with what every activity has. */
  send(person: TeamsPerson, activity: Readonly<Record<string, unknown>>, options?: SendOptions): Promise<Posted>;

  /** The next `times` calls of the bot that post or update are refused. */
  refuse(refusal: Refusal, times?: number): void;
  /** Who is in a team that has the bot, page by page; or in a chat, where nothing else was said: the person. */
  team(conversation: string, members: readonly TeamsPerson[]): void;
  /** Teams forgets somebody whose account is gone. */
  forget(person: TeamsPerson): void;
  /** The roster stops answering, or answers again. */
  silenceRoster(silent: boolean): void;
  close(): Promise<void>;
}

export type Inputs = Readonly<Record<string, string>>;

export interface TeamsPerson {
  readonly id: string;
  readonly name: string;
  readonly aadObjectId?: string;
  readonly email?: string;
  readonly tenant: string;
}

export interface TeamsMessage {
  readonly id: string;
  readonly conversation: string;
  readonly replyTo?: string;
  /** The Adaptive Card. */
  readonly card: unknown;
  readonly summary: string;
  readonly activity: Readonly<Record<string, unknown>>;
  readonly updates: number;
}

export interface SendOptions {
  readonly conversation?: string;
  readonly conversationType?: 'personal' | 'groupChat' | 'channel';
  /** Instead of the token that the connector would show; `null` shows none. */
  readonly authorization?: string | null;
}

export interface SayOptions extends SendOptions {
  readonly zone?: string;
  readonly mentions?: readonly { readonly text: string; readonly id: string; readonly name: string }[];
}

export interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly retryAfter?: string;
}

export interface Posted {
  readonly status: number;
  readonly body: unknown;
}

export interface ConnectorOptions {
  readonly botId?: string;
  /** The bearer token of an activity. */
  readonly token?: (serviceUrl: string) => Promise<string>;
  /** Whether the bot's calls carry the bot's own token. */
  readonly isBotToken?: (authorization: string | undefined) => boolean;
}

export const aTeamsPerson = (name: string, overrides: Partial<TeamsPerson> = {}): TeamsPerson => ({
  id: `29:${name}`,
  name,
  aadObjectId: `aaaaaaaa-0000-4000-8000-${Buffer.from(name.toLowerCase()).toString('hex').padEnd(12, '0').slice(0, 12)}`,
  email: `${name.toLowerCase().replaceAll(' ', '.')}@msp.example`,
  tenant: 'bbbbbbbb-0000-4000-8000-00000000000b',
  ...overrides,
});

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
};

const answer = (response: ServerResponse, status: number, body?: unknown, headers: Inputs = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
};

const messageOf = (
  id: string,
  conversation: string,
  activity: Record<string, unknown>,
  updates: number,
): TeamsMessage => {
  const attachments = (activity['attachments'] ?? []) as { contentType: string; content: unknown }[];
  const replyTo = activity['replyToId'];
  return {
    id,
    conversation,
    ...(typeof replyTo === 'string' ? { replyTo } : {}),
    card: attachments[0]?.content,
    summary: typeof activity['summary'] === 'string' ? activity['summary'] : '',
    activity,
    updates,
  };
};

const MEMBERS_A_PAGE = 2;

const ROUTES = {
  post: /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/,
  member: /^\/v3\/conversations\/([^/]+)\/members\/([^/]+)$/,
  members: /^\/v3\/conversations\/([^/]+)\/pagedmembers$/,
};

export const startTeamsConnector = async (options: ConnectorOptions = {}): Promise<TeamsConnector> => {
  const { botId = '28:11111111-1111-4111-8111-111111111111', token, isBotToken = () => true } = options;
  const stored: TeamsMessage[] = [];
  const people = new Map<string, TeamsPerson>();
  const teams = new Map<string, readonly TeamsPerson[]>();
  const requests: string[] = [];
  const refusals: Refusal[] = [];
  let bot: string | undefined;
  let rosterSilent = false;

  const serveMessage = (
    request: IncomingMessage,
    response: ServerResponse,
    place: RegExpExecArray,
    activity: Record<string, unknown>,
  ): void => {
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      const error = { error: { code: refusal.code ?? 'Refused', message: 'as the test asked' } };
      return answer(response, refusal.status, error, refusal.retryAfter ? { 'retry-after': refusal.retryAfter } : {});
    }
    const conversation = decodeURIComponent(place[1] ?? '');
    if (request.method === 'POST') {
      const message = messageOf(randomUUID(), conversation, activity, 0);
      stored.push(message);
      return answer(response, 201, { id: message.id });
    }
    const index = stored.findIndex(({ id }) => id === decodeURIComponent(place[2] ?? ''));
    const old = stored[index];
    if (request.method !== 'PUT' || old === undefined || old.conversation !== conversation) {
      return answer(response, 404, { error: { code: 'ActivityNotFoundInConversation', message: 'no such message' } });
    }
    stored[index] = messageOf(old.id, conversation, activity, old.updates + 1);
    return answer(response, 200, { id: old.id });
  };

  const serveMember = (response: ServerResponse, id: string): void => {
    if (rosterSilent) return;
    const person = people.get(id) ?? [...people.values()].find(({ aadObjectId }) => aadObjectId === id);
    if (person === undefined) return answer(response, 404, { error: { code: 'MemberNotFoundInConversation' } });
    answer(response, 200, { ...person, userPrincipalName: person.email, tenantId: person.tenant });
  };

  const rosterEntry = (person: TeamsPerson): object => ({
    ...person,
    objectId: person.aadObjectId,
    userPrincipalName: person.email,
    tenantId: person.tenant,
  });

  // Whatever size of page is asked for, Teams may give less.
  const serveMembers = (response: ServerResponse, conversation: string, token: string | null): void => {
    const chat = [...people.values()].filter((person) => chatOf(person) === conversation);
    const members = teams.get(conversation) ?? (conversation.startsWith('a:') ? chat : undefined);
    if (members === undefined) return answer(response, 403, { error: { code: 'BotNotInConversationRoster' } });
    const from = Number(token ?? 0);
    const next = from + MEMBERS_A_PAGE;
    answer(response, 200, {
      members: members.slice(from, next).map(rosterEntry),
      ...(next < members.length ? { continuationToken: String(next) } : {}),
    });
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.push(`${request.method} ${path}`);
    const body = await bodyOf(request);
    if (!isBotToken(request.headers.authorization)) return answer(response, 401, { error: { code: 'Unauthorized' } });
    const post = ROUTES.post.exec(path);
    if (post !== null) return serveMessage(request, response, post, body);
    const members = ROUTES.members.exec(path);
    if (members !== null) {
      const token = new URL(request.url ?? '', 'http://connector').searchParams.get('continuationToken');
      return serveMembers(response, decodeURIComponent(members[1] ?? ''), token);
    }
    const member = ROUTES.member.exec(path);
    if (member !== null) return serveMember(response, decodeURIComponent(member[2] ?? ''));
    answer(response, 404, { error: { code: 'NotFound' } });
  };

  const server = await listen((request, response) => {
    serve(request, response).catch((thrown: unknown) => answer(response, 500, { error: String(thrown) }));
  });

  const chatOf = ({ id }: TeamsPerson): string => `a:${id}`;

  const send: TeamsConnector['send'] = async (person, activity, sending = {}) => {
    if (bot === undefined) throw new Error('connect the bot first');
    people.set(person.id, person);
    const { conversation = chatOf(person), conversationType = 'personal', authorization } = sending;
    const shown =
      authorization === undefined ? token && `Bearer ${await token(server.url)}` : (authorization ?? undefined);
    const response = await fetch(`${bot}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(shown === undefined ? {} : { authorization: shown }) },
      body: JSON.stringify({
        id: randomUUID(),
        channelId: 'msteams',
        serviceUrl: server.url,
        from: { id: person.id, name: person.name, aadObjectId: person.aadObjectId },
        recipient: { id: botId, name: 'Latchkey' },
        conversation: { id: conversation, conversationType, tenantId: person.tenant },
        channelData: { tenant: { id: person.tenant } },
        ...activity,
      }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };

  const placeOf = (person: TeamsPerson, message: TeamsMessage): SendOptions =>
    message.conversation === chatOf(person) ? {} : { conversation: message.conversation, conversationType: 'channel' };

  const clickOn: TeamsConnector['clickOn'] = (person, card, source, verb, inputs = {}) => {
    const { data } = buttonOf(card, verb);
    const action = { type: 'Action.Execute', verb, data: { ...data, ...inputs } };
    const value = { action, trigger: 'manual' };
    return send(
      person,
      { type: 'invoke', name: 'adaptiveCard/action', value, replyToId: source.id },
      placeOf(person, source),
    );
  };

  return {
    serviceUrl: server.url,
    requests,
    chatOf,
    send,
    clickOn,
    connect: (address) => {
      bot = address;
    },
    messages: (conversation) =>
      stored.filter((message) => conversation === undefined || message.conversation === conversation),
    message: (conversation, wanted) =>
      eventually(`a message in ${conversation}`, () =>
        stored.findLast((message) => message.conversation === conversation && wanted(message)),
      ),
    install: (person) => send(person, { type: 'installationUpdate', action: 'add' }),
    installIn: (channel, person) =>
      send(
        person,
        { type: 'installationUpdate', action: 'add' },
        { conversation: channel, conversationType: 'channel' },
      ),
    say: (person, text, said = {}) => {
      const entities = said.mentions?.map((mention) => ({
        type: 'mention',
        text: mention.text,
        mentioned: { id: mention.id, name: mention.name },
      }));
      const localTimezone = said.zone ?? 'Europe/Berlin';
      return send(
        person,
        { type: 'message', text, textFormat: 'plain', localTimezone, ...(entities && { entities }) },
        said,
      );
    },
    click: (person, message, verb, inputs) => clickOn(person, message.card, message, verb, inputs),
    clickAsSubmit: (person, message, verb, inputs = {}) => {
      const value = { ...buttonOf(message.card, verb).data, verb, ...inputs };
      return send(person, { type: 'message', value, replyToId: message.id }, placeOf(person, message));
    },
    refuse: (refusal, times = 1) => refusals.push(...Array.from({ length: times }, () => refusal)),
    team: (conversation, members) => void teams.set(conversation, members),
    forget: ({ id }) => void people.delete(id),
    silenceRoster: (silent) => {
      rosterSilent = silent;
    },
    close: () => server.close(),
  };
};
