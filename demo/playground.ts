import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { stringify } from 'yaml';
import { eventually } from './eventually.js';
import { freePort } from './processes.js';

/** Microsoft's Agents Playground, a Teams-like client that nobody here wrote, driven through its own HTTP doors. */
export interface Playground {
  /** For a browser. */
  readonly url: string;
  /** Installs the bot for the current person. */
  install(): Promise<void>;
  /** The current person types in the 1:1 chat with the bot, or, mentioning it, elsewhere. */
  say(text: string, conversation?: string): Promise<void>;
  /** What Teams would show in answer to the click; `from` defaults to the current person. */
  click(message: PlaygroundMessage, action: Click, from?: PlaygroundPerson): Promise<ClickAnswer>;
  /** What the bot posted, oldest first, as it stands now. */
  messages(conversation?: string): readonly PlaygroundMessage[];
  /** The newest of them that satisfies `wanted`; waits for it. */
  message(wanted: (message: PlaygroundMessage) => boolean, withinMs?: number): Promise<PlaygroundMessage>;
  stop(): Promise<void>;
}

export interface PlaygroundPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly aadObjectId: string;
}

export interface PlaygroundMessage {
  readonly id: string;
  readonly conversation: string;
  readonly card: unknown;
  readonly updates: number;
}

export interface Click {
  readonly verb: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface ClickAnswer {
  readonly type: string;
  /** A card, or a text. */
  readonly value: unknown;
}

export interface PlaygroundOptions {
  /** `http://…/api/messages`; it must answer already. */
  readonly bot: string;
  readonly person: PlaygroundPerson;
  /** Members of the group chat `19:approvals@thread.v2` besides. */
  readonly others?: readonly PlaygroundPerson[];
  readonly tenant?: string;
  /** Unlike that of other Playgrounds of the same bot. */
  readonly personalChat?: string;
  readonly port?: number;
}

export const GROUP_CHAT = '19:approvals@thread.v2';
export const CHANNEL = 'ch-jit';
const BOT = { id: '11111111-1111-1111-1111-111111111111', name: 'Latchkey' };
const TENANT = 'aaaaaaaa-0000-0000-0000-000000000001';
const FEWEST_USERS = 5;

export const aPlaygroundPerson = (name: string, number: number): PlaygroundPerson => ({
  id: `29:${name.toLowerCase()}`,
  name,
  email: `${name.toLowerCase()}@msp.example`,
  aadObjectId: `aaaaaaaa-0000-0000-0000-${String(number).padStart(12, '0')}`,
});

const userOf = ({ id, name, email, aadObjectId }: PlaygroundPerson): object => ({
  id,
  name,
  // Its own spelling.
  userPrincipleName: email,
  aadObjectId,
  givenName: name,
  surname: 'Tester',
  email,
});

const configOf = ({
  person,
  others = [],
  tenant = TENANT,
  personalChat = 'personal-chat',
}: PlaygroundOptions): string => {
  const extras = Array.from({ length: Math.max(0, FEWEST_USERS - others.length) }, (_none, index) =>
    aPlaygroundPerson(`Extra${index}`, 900 + index),
  );
  return stringify({
    version: '0.1.1',
    tenantId: tenant,
    bot: BOT,
    currentUser: userOf(person),
    users: [...others, ...extras].map(userOf),
    personalChat: { id: personalChat },
    groupChat: { id: GROUP_CHAT, name: 'Approvals' },
    team: {
      id: 'team-desk',
      name: 'Service desk',
      aadGroupId: 'aaaaaaaa-0000-0000-0000-00000000000c',
      channels: [{ id: CHANNEL, name: 'jit-approvals' }],
    },
  });
};

const CLI = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');

const launch = async (options: PlaygroundOptions, folder: string, port: number): Promise<ChildProcess> => {
  await writeFile(join(folder, '.m365agentsplayground.yml'), configOf(options));
  return spawn(
    process.execPath,
    [CLI, 'start', '-e', options.bot, '-c', 'msteams', '-p', String(port), '--disable-telemetry'],
    // It would open a browser window where it finds one.
    { cwd: folder, stdio: 'ignore', env: { ...process.env, BROWSER: 'none' } },
  );
};

const isReady = async (url: string): Promise<true | undefined> => {
  try {
    const response = await fetch(`${url}/_internal/v1/config`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? true : undefined;
  } catch {
    // Not listening yet.
    return undefined;
  }
};

interface Frame {
  readonly action: string;
  readonly actionConversationId: string;
  readonly message?: {
    readonly messageId: string;
    readonly from?: { readonly id: string };
    readonly attachments?: readonly { readonly content: unknown }[];
  };
}

/** Keeps what the bot posts and updates; the Playground tells only who listens. */
const followMessages = async (
  url: string,
): Promise<{ readonly stored: PlaygroundMessage[]; readonly close: () => void }> => {
  const stored: PlaygroundMessage[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/_ws_conversation/v1/conversations/stream`);
  socket.on('message', (data: Buffer) => {
    const { action, actionConversationId, message } = JSON.parse(data.toString('utf8')) as Frame;
    if (message?.from?.id !== BOT.id) return;
    const index = stored.findIndex(({ id }) => id === message.messageId);
    const card = message.attachments?.[0]?.content;
    const old = stored[index];
    if (old !== undefined) stored[index] = { ...old, card, updates: old.updates + 1 };
    else if (action === 'createMessage') {
      stored.push({ id: message.messageId, conversation: actionConversationId, card, updates: 0 });
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { stored, close: () => socket.terminate() };
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

const posting =
  (url: string) =>
  async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the Playground answers ${response.status} to ${path}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };

export const startPlayground = async (options: PlaygroundOptions): Promise<Playground> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-playground-'));
  const port = options.port ?? (await freePort(0));
  const url = `http://localhost:${port}`;
  const child = await launch(options, folder, port);
  const personalChat = options.personalChat ?? 'personal-chat';

  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended(child);
    await rm(folder, { recursive: true, force: true });
  };

  const post = posting(url);

  try {
    await eventually('the Playground', () => (child.exitCode === null ? isReady(url) : undefined), 30_000);
  } catch (thrown) {
    const log = await readFile(join(folder, 'devTools/m365agentsplayground.log'), 'utf8').catch(
      () => 'it wrote no log',
    );
    await kill();
    throw new Error(`the Playground did not start: ${log}`, { cause: thrown });
  }
  const { stored, close } = await followMessages(url);

  return {
    url,
    install: async () => void (await post(`/_debug/conversation/${personalChat}/installation`, {})),
    say: async (text, conversation = personalChat) => {
      const mention = { type: 'mention', mentioned: BOT, text: `<at>${BOT.name}</at>` };
      const direct = conversation === personalChat;
      await post(`/_conversation/v1/conversations/${encodeURIComponent(conversation)}/messages`, {
        type: 'message',
        text: direct ? text : `${mention.text} ${text}`,
        textFormat: 'plain',
        from: { id: options.person.id },
        mentions: direct ? [] : [mention],
      });
    },
    click: async (message, action, from = options.person) =>
      (await post('/_conversation/v1/invoke', {
        name: 'adaptiveCard/action',
        value: { action: { type: 'Action.Execute', ...action }, trigger: 'manual' },
        from: { id: from.id },
        conversation: { id: message.conversation },
        replyToId: message.id,
      })) as ClickAnswer,
    messages: (conversation) =>
      stored.filter((message) => conversation === undefined || message.conversation === conversation),
    message: (wanted, withinMs) => eventually('a message of the bot', () => stored.findLast(wanted), withinMs),
    stop: async () => {
      close();
      await kill();
    },
  };
};
