import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../src/chat/answer.js';
import type { Card } from '../../src/chat/view.js';
import { createBot } from '../../src/bot.js';
import type { Bot } from '../../src/bot.js';
import { createEntra } from '../../src/entra/entra.js';
import type { EntraConfig } from '../../src/entra/reach.js';
import type { Identity } from '../../src/engine/person.js';
import type { AccessRequest } from '../../src/engine/request.js';
import type { Jobs, MessageRef, Notifier } from '../../src/flows/ports.js';
import { createJobs } from '../../src/jobs/jobs.js';
import { createSweeper } from '../../src/jobs/sweeper.js';
import { systemClock as clock } from '../../src/lib/clock.js';
import { describeError } from '../../src/lib/log.js';
import type { Log } from '../../src/lib/log.js';
import { systemRandom as random } from '../../src/lib/random.js';
import { redacted } from '../../src/lib/redacted.js';
import { SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../../src/sandbox/seed.js';
import type { AppSeed } from '../../src/sandbox/seed.js';
import { connect } from '../../src/store/connection.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { createStores } from '../../src/store/stores.js';
import type { Stores } from '../../src/store/stores.js';
import { createHeadSigner, generateAuditKey } from '../../src/vault/audit-key.js';
import { openCopies } from '../../src/vault/copies.js';
import { createRecipientSealer } from '../../src/vault/recipients.js';
import { createVault, generateIdentity } from '../../src/vault/vault.js';
import { createChatRoom } from '../fakes/chat-room.js';
import { anIdentity } from '../fakes/fixtures.js';
import { createFakeRosters } from '../fakes/rosters.js';
import { answerText } from '../fakes/service-desk.js';
import { watchSaves } from '../fakes/watched-saves.js';
import { startBenchEntra } from './local-entra.js';
import type { BenchEntra } from './local-entra.js';
import { benchTenant, GROUPS, ROLES } from './tenants.js';
import type { BenchTenant } from './tenants.js';

/** Olga owns Latchkey, Tess asks, Dana leads. */
export const PEOPLE = {
  olga: anIdentity('slack', 'U0OLGA', { name: 'Olga Reyes', email: 'olga@msp.example', zone: 'UTC' }),
  tess: anIdentity('slack', 'U0TESS', { name: 'Tess Okafor', email: 'tess@msp.example', zone: 'UTC' }),
  dana: anIdentity('slack', 'U0DANA', { name: 'Dana Whitlock', email: 'dana@msp.example', zone: 'UTC' }),
} as const;

/**
 * The bot as it runs, in this process: its own database engine, alarm clock, sweeper and Graph client; the local Entra ID
 * is elsewhere, and the chat room takes no time.
 */
export interface BenchDesk {
  readonly bot: Bot;
  readonly stores: Stores;
  readonly jobs: Jobs;
  readonly entra: BenchEntra;
  readonly tenants: readonly BenchTenant[];
  /** Throws where the answer is a refusal. */
  say(identity: Identity, text: string): Promise<Answer>;
  /** `source`: the card whose button it is. */
  click(identity: Identity, verb: string, id: string, source: MessageRef): Promise<Answer>;
  /** Resolves at the next card that offers something to reveal: the moment a technician can go on. */
  nextOffer(): Promise<void>;
  /** Calls of what a request has just become, right after it is on record. The answer stops it. */
  onSaved(tell: (request: AccessRequest) => void): () => void;
  close(): Promise<void>;
}

export interface DeskOptions {
  readonly folder: string;
  readonly sandboxFolder: string;
  /** How many customers there are. */
  readonly tenants: number;
  /** How many accounts of ours are in each, shut; default none. */
  readonly accounts?: number;
  /** Where copies of the vault lie; default nowhere. */
  readonly copyFolder?: string;
  /** Told of each look at a tenant as a whole, once it is done. */
  readonly onSurvey?: () => void;
}

const noisyLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => console.error(message, fields),
  child: () => noisyLog,
};

const SWEEP = 1_000;

const appAt = (url: string, { clientId, clientSecret }: AppSeed): EntraConfig => ({
  clientId,
  credential: { kind: 'secret', secret: redacted(clientSecret) },
  cloud: 'global',
  authorityHost: url,
  graphBaseUrl: url,
});

export const openDesk = async ({
  folder,
  sandboxFolder,
  tenants,
  accounts = 0,
  copyFolder,
  onSurvey,
}: DeskOptions): Promise<BenchDesk> => {
  const log = noisyLog;
  const stops: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const entra = await startBenchEntra(sandboxFolder, tenants, accounts);
    stops.push(entra.stop);
    const database = await connect({ dataDir: folder }, { log });
    stops.push(database.close);
    await ensureIndexes(database.db);
    const vault = await createVault({ identities: [await generateIdentity()] });
    await vault.open(await vault.seal(redacted('')));
    const watch = createWatch(createStores(database.db));
    const { stores } = watch;
    const lists = createFakeRosters();
    const jobs = createJobs({ db: database.db, clock, log, ring: () => sweeper.nudge() });
    const entraParts = createEntra({
      config: appAt(entra.url, SANDBOX_APP),
      breakGlass: appAt(entra.url, SANDBOX_BREAK_GLASS_APP),
      clock,
      random,
      log,
    });
    const bot = createBot({
      ...stores,
      clock,
      random,
      log,
      sleep,
      ...entraParts,
      survey: {
        ...entraParts.survey,
        survey: async (...call) => {
          const surveyed = await entraParts.survey.survey(...call);
          if (surveyed.ok) onSurvey?.();
          return surveyed;
        },
      },
      vault,
      sealer: createRecipientSealer(),
      copies: await openCopies(copyFolder, random),
      rosters: lists.rosters,
      standings: lists.standings,
      signer: createHeadSigner([generateAuditKey(random)]),
      settings: { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: 'https://latchkey.example' },
      notifier: watch.notifier,
      jobs,
    });
    const sweeper = createSweeper({
      due: (except) => stores.requests.due(clock.now(), SWEEP, except),
      tend: bot.tend,
      undelivered: () => stores.requests.undelivered(clock.now(), SWEEP),
      deliver: bot.deliver,
      log,
    });
    await jobs.start();
    sweeper.start();
    stops.push(async () => {
      await Promise.all([sweeper.stop(), jobs.stop()]);
      await bot.idle();
    });
    return {
      bot,
      stores,
      jobs,
      entra,
      tenants: Array.from({ length: tenants }, (_none, index) => benchTenant(index)),
      say: async (identity, text) => {
        const answer = await bot.dispatch(speakerOf(identity), { kind: 'command', text });
        if (answer.kind === 'show' && answer.tone === 'refusal') throw new Error(`${text}: ${answerText(answer)}`);
        return answer;
      },
      click: (identity, verb, id, source) => bot.dispatch(speakerOf(identity), { kind: 'button', verb, id, source }),
      nextOffer: watch.nextOffer,
      onSaved: watch.onSaved,
      close,
    };
  } catch (thrown) {
    await close().catch((second: unknown) => console.error(describeError(second)));
    throw thrown;
  }
};

const speakerOf = (identity: Identity) => ({
  identity,
  direct: true,
  conversation: identity.address ?? { platform: identity.platform, conversation: identity.key },
});

/** Sees what is put on record and what is shown, in passing. */
const createWatch = (inner: Stores) => {
  const room = createChatRoom().notifier;
  const listeners = new Set<(request: AccessRequest) => void>();
  let offered = (): void => undefined;
  const notifier: Notifier<Card> = {
    ...room,
    post: async (address, card) => {
      const delivery = await room.post(address, card);
      if (card.buttons.some(({ verb }) => verb === 'reveal')) offered();
      return delivery;
    },
  };
  const stores: Stores = {
    ...inner,
    requests: watchSaves(inner.requests, {
      saved: (next) => {
        for (const tell of listeners) tell(next);
      },
    }),
  };
  return {
    stores,
    notifier,
    nextOffer: () => new Promise<void>((resolve) => (offered = resolve)),
    onSaved: (tell: (request: AccessRequest) => void) => {
      listeners.add(tell);
      return () => void listeners.delete(tell);
    },
  };
};

const quoted = (option: string, names: readonly string[]): string =>
  names.map((name) => `--${option} "${name}"`).join(' ');

export const ASKED_ROLES = quoted('role', ROLES);

/** All that can be asked for. */
export const ASKED = `${ASKED_ROLES} ${quoted('group', GROUPS)} --tap`;

/** People and rules, by commands alone. Reads each tenant, so that the app's tokens are there before anything is timed. */
export const setUp = async (
  { say, tenants }: BenchDesk,
  agreement: string,
  technicians: readonly Identity[] = [PEOPLE.tess],
): Promise<void> => {
  for (const identity of [...technicians, PEOPLE.dana]) await say(identity, 'help');
  for (const { name, id, domain } of tenants) {
    await say(PEOPLE.olga, `admin tenant add ${name} --id ${id} --domain ${domain}`);
    await say(PEOPLE.olga, `admin tenant set ${name} --tap on`);
  }
  for (const command of [
    `admin group add "Service desk" ${technicians.map(({ email }) => `--member ${email}`).join(' ')}`,
    'admin group add "Service desk leads" --member slack:U0DANA',
    `admin rule add "Lending" --subject "Service desk" --everywhere ${quoted('role', ROLES)} ${quoted('group', GROUPS)} --tap --max 4h ${agreement}`,
  ]) {
    await say(PEOPLE.olga, command);
  }
};
