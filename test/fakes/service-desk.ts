import type { Db } from 'mongodb';
import type { Answer } from '../../src/chat/answer.js';
import type { Speaker } from '../../src/chat/speaker.js';
import type { CredentialView } from '../../src/chat/view.js';
import { createBot } from '../../src/bot.js';
import type { Bot, BotParts } from '../../src/bot.js';
import { requestId } from '../../src/engine/ids.js';
import type { Identity } from '../../src/engine/person.js';
import type { AccessRequest } from '../../src/engine/request.js';
import { createAppOf } from '../../src/flows/apps.js';
import type { Directory, RequestStore } from '../../src/flows/ports.js';
import type { BreakGlassStore } from '../../src/flows/ports/break-glass.js';
import type { Clock } from '../../src/lib/clock.js';
import type { Log } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { signIn } from '../../src/sandbox/sign-in.js';
import type { SignInAttempt } from '../../src/sandbox/sign-in.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { createStores } from '../../src/store/stores.js';
import type { Stores } from '../../src/store/stores.js';
import { createHeadSigner, generateAuditKey } from '../../src/vault/audit-key.js';
import { noCopies } from '../../src/vault/copies.js';
import { createRecipientSealer } from '../../src/vault/recipients.js';
import { createVault, generateIdentity } from '../../src/vault/vault.js';
import { createChatRoom, textOf } from './chat-room.js';
import type { ChatRoom } from './chat-room.js';
import { createTestDatabase } from './database.js';
import { anIdentity } from './fixtures.js';
import { startLocalEntra } from './local-entra.js';
import { createFakeRosters } from './rosters.js';
import type { FakeRosters } from './rosters.js';
import type { LocalEntra } from './local-entra.js';

/** The people of an MSP: Olga owns Latchkey, Tess asks, Dana and Luis lead. */
export const PEOPLE = {
  olga: anIdentity('slack', 'U0OLGA', { name: 'Olga Reyes', email: 'olga@msp.example', zone: 'UTC' }),
  tess: anIdentity('slack', 'U0TESS', { name: 'Tess Okafor', email: 'tess@msp.example', zone: 'UTC' }),
  dana: anIdentity('slack', 'U0DANA', { name: 'Dana Whitlock', email: 'dana@msp.example', zone: 'UTC' }),
  luis: anIdentity('slack', 'U0LUIS', { name: 'Luis Marin', email: 'luis@msp.example', zone: 'UTC' }),
  tessInTeams: anIdentity('teams', 'aaaaaaaa-0000-4000-8000-00000000000a', {
    name: 'Tess O.',
    email: 'tess.o@msp.example',
  }),
  danaInTeams: anIdentity('teams', 'aaaaaaaa-0000-4000-8000-00000000000b', {
    name: 'Dana W.',
    email: 'dana.w@msp.example',
  }),
} as const satisfies Record<string, Identity>;

export type Who = keyof typeof PEOPLE;

/** One bot process, and people in front of it. */
export interface Counter {
  readonly bot: Bot;
  say(who: Who, text: string): Promise<Answer>;
  click(who: Who, verb: string, id: string, note?: string): Promise<Answer>;
  /** What somebody is answered, as text. */
  hear(who: Who, text: string): Promise<string>;
  /** Everything in flight ends, then everything due is done, until nothing is due any more. */
  settle(): Promise<void>;
  /** Lets time pass and does what became due. */
  pass(ms: number): Promise<void>;
  /** Tess asks for Helpdesk Administrator and Dana approves: the request's id, its credential ready. */
  lend(options?: string): Promise<string>;
  reveal(id: string): Promise<CredentialView>;
}

/** The whole bot in one process, with a real database and a real directory behind it and a chat room before it. */
export interface ServiceDesk extends Counter {
  readonly entra: LocalEntra;
  readonly room: ChatRoom;
  readonly lists: FakeRosters;
  readonly database: Db;
  readonly stores: Stores;
  readonly parts: BotParts;
  /** What was logged as an error: things that must never happen, whatever people or the directory do. */
  readonly complaints: readonly string[];
  /** Everything that was logged, for searches. */
  readonly logged: readonly string[];
  /** A second bot process on the same database and directory, as after a crash or beside the first. */
  another(overrides?: Partial<BotParts>): Counter;
  request(id: string): Promise<AccessRequest>;
  /** The id of the newest request. */
  newest(): Promise<string>;
  canSignIn(credential: SignInAttempt): ReturnType<typeof signIn>;
  close(): Promise<void>;
}

const speakerOf = (identity: Identity): Speaker => ({
  identity,
  direct: true,
  conversation: identity.address ?? { platform: identity.platform, conversation: 'nowhere' },
});

/** What a desk stands on where no test run provides it. */
export interface Ground {
  readonly sandboxFolder: string;
  readonly mongodbUri: string;
}

export const openServiceDesk = async (overrides: Partial<BotParts> = {}, ground?: Ground): Promise<ServiceDesk> => {
  const entra = await startLocalEntra(ground?.sandboxFolder);
  const database = await createTestDatabase(ground?.mongodbUri);
  await ensureIndexes(database.db);
  const stores = createStores(database.db);
  const room = createChatRoom();
  const lists = createFakeRosters();
  const vault = await createVault({ identities: [await generateIdentity()] });
  const settings = { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: 'https://latchkey.example' };
  // Tokens expire by the desk's clock, and the identity library counts by the machine's: a new day brings a new token.
  const appOf = createAppOf({ ...stores, vault, settings });
  let way = entra.fresh(appOf);
  const today: Directory = {
    observe: (...call) => way.directory.observe(...call),
    anticipatePass: (...call) => way.directory.anticipatePass(...call),
    apply: (...call) => way.directory.apply(...call),
    roles: (...call) => way.directory.roles(...call),
    groups: (...call) => way.directory.groups(...call),
    describe: (...call) => way.directory.describe(...call),
  };
  const complaints: string[] = [];
  const logged: string[] = [];
  const keep = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = {
    debug: keep,
    info: keep,
    warn: keep,
    error: (fields, message) => {
      keep(fields, message);
      complaints.push(`${message} ${JSON.stringify(fields)}`);
    },
    child: () => log,
  };
  const parts: BotParts = {
    ...stores,
    clock: entra.clock,
    random: systemRandom,
    log,
    sleep: async (ms) => entra.pass(ms),
    directory: today,
    search: {
      users: (...call) => way.search.users(...call),
      user: (...call) => way.search.user(...call),
      units: (...call) => way.search.units(...call),
    },
    survey: {
      survey: (...call) => way.survey.survey(...call),
      named: (...call) => way.survey.named(...call),
    },
    inspector: {
      inspect: (...call) => way.inspector.inspect(...call),
      enablePasses: (...call) => way.inspector.enablePasses(...call),
      takeRole: (...call) => way.inspector.takeRole(...call),
    },
    breakGlassDirectory: {
      ready: (...call) => way.breakGlassDirectory.ready(...call),
      initialDomain: (...call) => way.breakGlassDirectory.initialDomain(...call),
      find: (...call) => way.breakGlassDirectory.find(...call),
      create: (...call) => way.breakGlassDirectory.create(...call),
      setPassword: (...call) => way.breakGlassDirectory.setPassword(...call),
      makeAdministrator: (...call) => way.breakGlassDirectory.makeAdministrator(...call),
      inspect: (...call) => way.breakGlassDirectory.inspect(...call),
      exclude: (...call) => way.breakGlassDirectory.exclude(...call),
      disable: (...call) => way.breakGlassDirectory.disable(...call),
      remove: (...call) => way.breakGlassDirectory.remove(...call),
      issuePass: (...call) => way.breakGlassDirectory.issuePass(...call),
      withdrawPasses: (...call) => way.breakGlassDirectory.withdrawPasses(...call),
      uses: (...call) => way.breakGlassDirectory.uses(...call),
    },
    login: way.login,
    appTrial: way.appTrial,
    rosters: lists.rosters,
    standings: lists.standings,
    vault,
    sealer: createRecipientSealer(),
    copies: noCopies,
    signer: createHeadSigner([generateAuditKey(systemRandom)]),
    settings,
    notifier: room.notifier,
    // The desk's own settle() looks into the documents instead, as the sweeper would.
    jobs: { wake: async () => undefined },
    ...overrides,
  };
  const { requests, breakGlass } = stores;
  const newest = async (): Promise<string> => (await requests.list({}, 1))[0]?.id ?? 'none';
  const counters: Counter[] = [];
  const open = (bot: Bot): Counter => {
    const counter = openCounter({ bot, requests, breakGlass, clock: entra.clock, newest, pass });
    counters.push(counter);
    return counter;
  };
  const pass = (ms: number): void => {
    entra.pass(ms);
    way = entra.fresh(appOf);
  };

  return {
    ...open(createBot(parts)),
    entra,
    room,
    lists,
    database: database.db,
    stores,
    parts,
    complaints,
    logged,
    another: (more = {}) => open(createBot({ ...parts, ...more })),
    request: async (id) => {
      const stored = await requests.load(requestId(id));
      if (stored === undefined) throw new Error(`no request ${id}`);
      return stored.request;
    },
    newest,
    canSignIn: (credential) => signIn(entra.sandbox.world, credential),
    close: async () => {
      await Promise.all(counters.map(({ bot }) => bot.idle()));
      await Promise.all([entra.sandbox.close(), database.close()]);
    },
  };
};

interface CounterParts {
  readonly bot: Bot;
  readonly requests: RequestStore;
  readonly breakGlass: BreakGlassStore;
  readonly clock: Clock;
  readonly newest: () => Promise<string>;
  readonly pass: (ms: number) => void;
}

/** More rounds than any journey needs: whatever is due for ever must not hang a test for ever. */
const MOST_ROUNDS = 2_000;

const openCounter = ({ bot, requests, breakGlass, clock, newest, pass }: CounterParts): Counter => {
  const settle = async (): Promise<void> => {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      await bot.idle();
      const now = clock.now();
      const [due, undelivered, rotations] = await Promise.all([
        requests.due(now, 100),
        requests.undelivered(now, 100),
        breakGlass.due(now, 100, []),
      ]);
      await Promise.all([
        ...due.map(({ id }) => bot.tend(id)),
        ...undelivered.map(bot.deliver),
        ...rotations.map(({ id }) => bot.rotate(id)),
      ]);
      await bot.idle();
      if (due.length + undelivered.length + rotations.length === 0) return;
    }
    throw new Error('something stays due for ever');
  };
  const say = (who: Who, text: string): Promise<Answer> =>
    bot.dispatch(speakerOf(PEOPLE[who]), { kind: 'command', text });
  const click = (who: Who, verb: string, id: string, note?: string): Promise<Answer> =>
    bot.dispatch(speakerOf(PEOPLE[who]), { kind: 'button', verb, id, ...(note === undefined ? {} : { note }) });

  return {
    bot,
    say,
    click,
    hear: async (who, text) => answerText(await say(who, text)),
    settle,
    pass: (ms) => {
      pass(ms);
      return settle();
    },
    lend: async (options = '--for 2h') => {
      await say(
        'tess',
        `request contoso --role "Helpdesk Administrator" ${options} --reason "Reset a mailbox, INC-4711"`,
      );
      await settle();
      const id = await newest();
      await click('dana', 'approve', id);
      await settle();
      return id;
    },
    reveal: async (id) => {
      const answer = await click('tess', 'reveal', id);
      if (answer.kind !== 'show' || answer.view.kind !== 'credential') throw new Error(answerText(answer));
      return answer.view;
    },
  };
};

export const answerText = (answer: Answer): string => {
  if (answer.kind === 'nothing') return '';
  return answer.view.kind === 'card' ? textOf(answer.view) : `[${answer.view.kind}]`;
};

/** Olga sets everything up by commands alone, as an admin would. */
export const setUpContoso = async (desk: ServiceDesk): Promise<void> => {
  for (const who of ['tess', 'dana', 'luis'] as const) await desk.say(who, 'help');
  for (const command of [
    `admin tenant add contoso --id ${CONTOSO.id} --domain contoso.com`,
    `admin group add "Service desk" --member tess@msp.example`,
    `admin group add "Service desk leads" --member slack:U0DANA --member "Luis Marin"`,
    `admin rule add "Leads approve helpdesk" --subject "Service desk" --tenant contoso --role "Helpdesk Administrator" --role "Global Reader" --max 4h --approvals 1 --approvers "Service desk leads"`,
  ]) {
    const answer = await desk.say('olga', command);
    if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
  }
};
