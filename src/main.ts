import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBot } from './bot.js';
import type { Bot } from './bot.js';
import type { Dispatch } from './chat/answer.js';
import { connectedWords } from './chat/connected-card.js';
import { wordsOfApproval, wordsOfApproved } from './chat/second-factor.js';
import { enrolledCard, recoveryCard } from './chat/vault-cards.js';
import type { Card } from './chat/view.js';
import { readConfig } from './config.js';
import type { Config } from './config.js';
import { createEntra } from './entra/entra.js';
import type { Entra } from './entra/entra.js';
import { createAppOf } from './flows/apps.js';
import type { AppOf } from './flows/apps.js';
import type { FlowDeps, Settings } from './flows/deps.js';
import type { OwnAppDeps } from './flows/own-app.js';
import type { Notifier, Vault } from './flows/ports.js';
import type { HeadSigner } from './flows/ports/audit.js';
import { joinRosters, joinStandings } from './flows/rosters.js';
import type { RosterSources } from './flows/rosters.js';
import { createChores } from './jobs/chores.js';
import { createJobs } from './jobs/jobs.js';
import { createRotator } from './jobs/rotator.js';
import { createSweeper } from './jobs/sweeper.js';
import { systemClock as clock } from './lib/clock.js';
import { createLog, describeError } from './lib/log.js';
import type { Log } from './lib/log.js';
import { systemRandom as random } from './lib/random.js';
import { redacted } from './lib/redacted.js';
import { stopOnSignal } from './lib/stop-on-signal.js';
import type { SlackConfig } from './slack/connection.js';
import type { Slack } from './slack/slack.js';
import { connect } from './store/connection.js';
import type { DatabaseConnection } from './store/connection.js';
import { createConversationStore } from './store/conversations.js';
import { DatabaseFault } from './store/database-fault.js';
import { ensureIndexes } from './store/indexes.js';
import { createKnownTeamStore } from './store/known-teams.js';
import { createStores } from './store/stores.js';
import type { Stores } from './store/stores.js';
import { releaseClaimsOfTheDead } from './store/takeover.js';
import type { TeamsConfig } from './teams/adapter.js';
import type { Teams } from './teams/teams.js';
import { auditKeyIn, createHeadSigner } from './vault/audit-key.js';
import { openCopies } from './vault/copies.js';
import { identityIn } from './vault/identity-file.js';
import { createRecipientSealer } from './vault/recipients.js';
import { createVault } from './vault/vault.js';
import type { ConfigPageDeps } from './flows/portable/pages.js';
import { configPages } from './web/config-pages.js';
import { createConsentCallback } from './web/consent-callback.js';
import { createPages } from './web/pages.js';
import type { PageListener } from './web/pages.js';
import { createPasskeyCeremony } from './web/passkey-ceremony.js';
import { passkeyPages } from './web/passkey-pages.js';
import { createWeb } from './web/server.js';
import type { Web } from './web/server.js';
import { tenantAppPage } from './web/tenant-app-page.js';
import { lookPages } from './web/look-pages.js';
import { vaultPages } from './web/vault-pages.js';
import type { VaultPagesParts } from './web/vault-pages.js';

/** How many due requests, or rotations, one look takes. */
const SWEEP = 1_000;

interface Doors {
  readonly slack?: Slack;
  readonly teams?: Teams;
  readonly notifier: Notifier<Card>;
}

/**
 * The chat platforms that are configured, behind one notifier. Each brings a large library along, so that one which is
 * not configured is not even loaded.
 */
const openDoors = async (
  config: Config,
  db: DatabaseConnection['db'],
  { dispatch, userChanged }: Pick<Bot, 'dispatch' | 'userChanged'>,
  log: Log,
): Promise<Doors> => {
  const slack = config.slack && (await openSlack(config.slack, { dispatch, userChanged }, log.child({ at: 'slack' })));
  const teams = config.teams && (await openTeams(config.teams, db, dispatch, log.child({ at: 'teams' })));
  const by = { slack: slack?.notifier, teams: teams?.notifier };
  const absent = { kind: 'unreachable', detail: 'that platform is not configured' } as const;
  const notifier: Notifier<Card> = {
    platforms: (['slack', 'teams'] as const).filter((platform) => by[platform] !== undefined),
    post: async (address, card) => by[address.platform]?.post(address, card) ?? absent,
    update: async (ref, card) => by[ref.address.platform]?.update(ref, card) ?? absent,
  };
  return { ...(slack === undefined ? {} : { slack }), ...(teams === undefined ? {} : { teams }), notifier };
};

const loadSlack = () => import('./slack/slack.js');

const loadTeams = () => import('./teams/teams.js');

const openSlack = async (config: SlackConfig, bot: Pick<Bot, 'dispatch' | 'userChanged'>, log: Log): Promise<Slack> => {
  const { createSlack } = await loadSlack();
  return createSlack({ config, ...bot, log, clock });
};

const openTeams = async (
  config: TeamsConfig,
  db: DatabaseConnection['db'],
  dispatch: Dispatch,
  log: Log,
): Promise<Teams> => {
  const { createTeams } = await loadTeams();
  const stores = { conversations: createConversationStore(db), knownTeams: createKnownTeamStore(db) };
  return createTeams({ config, dispatch, ...stores, log, clock });
};

/** A vault that has proven to open what it seals. The first use is slow, and nobody shall wait for it later. */
const openVault = async ({ vaultIdentities: [newest, ...older], dataDir }: Config): Promise<Vault> => {
  const vault = await createVault({ identities: [newest ?? (await identityIn(dataDir)), ...older] });
  await vault.open(await vault.seal(redacted('')));
  return vault;
};

const openSigner = async ({ auditKeys: [newest, ...older], dataDir }: Config): Promise<HeadSigner> =>
  createHeadSigner([newest ?? (await auditKeyIn(dataDir, random)), ...older]);

type PageParts = ConfigPageDeps &
  OwnAppDeps &
  Stores &
  VaultPagesParts['deps'] &
  Pick<FlowDeps, 'vault' | 'sealer' | 'breakGlassDirectory'>;

const openPages = (parts: PageParts, { approve, approveLook, nudgeLook }: Bot, log: Log): PageListener => {
  const { publicUrl } = parts.settings;
  const deps = { ...parts, log, ceremony: createPasskeyCeremony(publicUrl) };
  const forPasskeys = passkeyPages({ deps, approve, wordsBefore: wordsOfApproval, wordsAfter: wordsOfApproved });
  const forVaults = vaultPages({ deps, enrolled: enrolledCard, recovery: recoveryCard });
  const forLooks = lookPages({ deps: { ...deps, nudgeLook }, approveLook });
  const pages = [...forPasskeys, ...configPages(parts), tenantAppPage(deps), ...forVaults, ...forLooks];
  return createPages({ pages, publicUrl, clock, log });
};

interface Pages {
  readonly pages: PageListener;
  readonly consent: RequestListener;
}

const openConsent = ({ publicUrl }: Settings, { arrive }: Bot, log: Log): RequestListener => {
  const answer = createConsentCallback({ arrive, words: connectedWords, publicUrl, clock, log });
  return (request, response) => void answer(request, response);
};

const openWeb = (db: DatabaseConnection['db'], { slack, teams }: Doors, pages: Pages, log: Log): Web =>
  createWeb({
    ...(slack?.listener === undefined ? {} : { slack: slack.listener }),
    ...(teams === undefined ? {} : { teams: teams.listener }),
    ...pages,
    ready: () =>
      db.command({ ping: 1 }, { timeoutMS: 2000 }).then(
        () => true,
        () => false,
      ),
    log,
  });

const rosterSources = ({ slack, teams }: Doors, { roster }: Entra): RosterSources => ({
  ...(slack === undefined ? {} : { slack: slack.roster }),
  ...(teams === undefined ? {} : { teams: teams.roster }),
  entra: roster,
});

const settingsOf = ({ owners, approvalChannels, publicUrl, entra: { credential } }: Config): Settings => ({
  owners,
  approvalChannels,
  publicUrl,
  ...(credential.kind === 'federated' ? { tokenFile: credential.tokenFile } : {}),
});

/** What is to be done without anybody asking: due requests, their messages, and what comes again and again. */
const openWork = (bot: Bot, stores: Stores, log: Log) => ({
  chores: createChores({ chores: bot.chores, store: stores.chores, clock, log: log.child({ at: 'chores' }) }),
  sweeper: createSweeper({
    due: (except) => stores.requests.due(clock.now(), SWEEP, except),
    tend: bot.tend,
    undelivered: () => stores.requests.undelivered(clock.now(), SWEEP),
    deliver: bot.deliver,
    log: log.child({ at: 'sweeper' }),
  }),
  rotator: createRotator({
    due: (except) => stores.breakGlass.due(clock.now(), SWEEP, except),
    rotate: bot.rotate,
    log: log.child({ at: 'rotator' }),
  }),
});

const openEntra = (config: Config, appOf: AppOf, log: Log): Entra =>
  createEntra({
    appOf,
    config: config.entra,
    ...(config.breakGlass === undefined ? {} : { breakGlass: config.breakGlass }),
    clock,
    random,
    log: log.child({ at: 'entra' }),
    ...(config.teams === undefined ? {} : { speakers: config.teams.tenants }),
  });

/** Wires everything and starts it; the answer stops it again, in the reverse order. */
const start = async (config: Config, log: Log): Promise<() => Promise<void>> => {
  const embedded = config.mongodbUri === undefined;
  // The embedded engine starts in a process of its own; meanwhile this one loads what it will need next.
  const [database] = await Promise.all([
    connect(config.mongodbUri === undefined ? { dataDir: config.dataDir } : { uri: config.mongodbUri }, { log }),
    config.slack && loadSlack(),
    config.teams && loadTeams(),
  ]);
  const { db } = database;
  await ensureIndexes(db);
  if (embedded) await releaseClaimsOfTheDead(db);
  const vault = await openVault(config);
  const stores = createStores(db);

  // The doors need the conversation, the conversation needs the doors' notifier: each reaches the other at its first use.
  const behind: Pick<Bot, 'dispatch' | 'userChanged'> = {
    dispatch: (speaker, intent) => bot.dispatch(speaker, intent),
    userChanged: (key, standing) => bot.userChanged(key, standing),
  };
  const doors: Doors = await openDoors(config, db, behind, log);
  const settings = settingsOf(config);
  const entra = openEntra(config, createAppOf({ ...stores, vault, settings }), log);
  const sources = rosterSources(doors, entra);
  const jobs = createJobs({ db, clock, log: log.child({ at: 'jobs' }), ring: () => sweeper.nudge() });
  const common = {
    ...stores,
    clock,
    random,
    ...entra,
    settings,
    vault,
    sealer: createRecipientSealer(),
    copies: await openCopies(config.vaultCopyDir, random),
    sleep,
    log,
  };
  const bot: Bot = createBot({
    ...common,
    rosters: joinRosters(sources),
    standings: joinStandings(sources, stores),
    signer: await openSigner(config),
    notifier: doors.notifier,
    jobs,
  });
  const { chores, sweeper, rotator } = openWork(bot, stores, log);
  const pagesLog = log.child({ at: 'pages' });
  const pageParts = { ...common, notifier: doors.notifier };
  const pages = { pages: openPages(pageParts, bot, pagesLog), consent: openConsent(settings, bot, pagesLog) };
  const web = openWeb(db, doors, pages, log);

  await jobs.start();
  for (const work of [sweeper, rotator, chores]) work.start();
  await doors.slack?.start();
  const port = await web.listen(config.port, config.host);
  log.info({ host: config.host, port, platforms: doors.notifier.platforms, embedded }, 'Latchkey is listening');

  return async () => {
    await web.close();
    await Promise.all([doors.slack?.stop(), doors.teams?.stop()]);
    await Promise.all([sweeper.stop(), rotator.stop(), jobs.stop(), chores.stop()]);
    await bot.idle();
    await database.close();
  };
};

const config = readConfig(process.env);
if (config.ok) {
  const log = createLog(config.value.logLevel);
  try {
    stopOnSignal(await start(config.value, log), log);
  } catch (thrown) {
    const { error, stack } = describeError(thrown);
    console.error(thrown instanceof DatabaseFault ? error : `Latchkey cannot start: ${error}`);
    log.debug({ stack }, 'the start failed');
    // Whatever has started already goes down with the process.
    process.exit(1);
  }
} else {
  console.error(['Latchkey cannot start:', ...config.error.map((fault) => `- ${fault}`)].join('\n'));
  process.exitCode = 1;
}
