import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { startProgram } from '../../demo/processes.js';
import type { Program } from '../../demo/processes.js';
import { systemClock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { createSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../../src/sandbox/seed.js';
import { signIn } from '../../src/sandbox/sign-in.js';

export type Environment = Readonly<Record<string, string>>;

export interface Credential {
  readonly upn: string;
  readonly password: string;
}

/** The bot as it is built, in a process of its own. */
export interface RunningBot extends Program {
  /** Without path. */
  readonly url: string;
  readonly env: Environment;
}

/** The real bot, and the local Entra ID it works on. What chats with it is each test's own choice. */
export interface Rig {
  readonly entra: Sandbox;
  /** For a bot with an embedded engine, unless the test names a database. */
  readonly folder: string;
  startBot(env: Environment): Promise<RunningBot>;
  /** The same bot once more, on the same data and the same port. */
  startAgain(bot: RunningBot): Promise<RunningBot>;
  /** Tries the credential as a person at a browser would; from then on it must stand in no output of any bot. */
  signIn(credential: Credential): ReturnType<typeof signIn>;
  /** Stops everything, and fails when a bot printed a credential, or ended by itself in a way it should not. */
  close(): Promise<void>;
}

const READY = 'Latchkey is listening';

export const openRig = async (): Promise<Rig> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'));
  const entra = await createSandbox({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    folder: inject('sandboxFolder'),
  });
  const bots: RunningBot[] = [];
  const secrets = new Set<string>();

  const startBot: Rig['startBot'] = async (wanted) => {
    const env = { ...surroundings(entra, folder), ...wanted };
    const program = await startProgram('main.js', env, READY, Number.POSITIVE_INFINITY);
    const port = portIn(program.output());
    const bot = { ...program, url: `http://127.0.0.1:${port}`, env: { ...env, PORT: String(port) } };
    bots.push(bot);
    return bot;
  };

  return {
    entra,
    folder,
    startBot,
    startAgain: (bot) => startBot(bot.env),
    signIn: (credential) => {
      secrets.add(credential.password);
      return signIn(entra.world, credential);
    },
    close: async () => {
      await Promise.all(bots.map((bot) => bot.stop()));
      await entra.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      const printed = bots.map((bot) => bot.output()).join('\n');
      // Were the log not as talkative as it can be, its silence would prove nothing.
      expect(bots.length === 0 || printed.includes('"level":"debug"')).toBe(true);
      for (const secret of secrets) expect(printed).not.toContain(secret);
    },
  };
};

const surroundings = (entra: Sandbox, folder: string): Environment => ({
  HOST: '127.0.0.1',
  PORT: '0',
  PUBLIC_URL: 'http://127.0.0.1',
  DATA_DIR: join(folder, 'bot'),
  ENTRA_CLIENT_ID: SANDBOX_APP.clientId,
  ENTRA_CLIENT_SECRET: SANDBOX_APP.clientSecret,
  BREAK_GLASS_CLIENT_ID: SANDBOX_BREAK_GLASS_APP.clientId,
  BREAK_GLASS_CLIENT_SECRET: SANDBOX_BREAK_GLASS_APP.clientSecret,
  ENTRA_AUTHORITY_HOST: entra.authorityHost,
  GRAPH_BASE_URL: entra.graphBaseUrl,
  NODE_EXTRA_CA_CERTS: entra.caFile,
  LOG_LEVEL: 'trace',
});

const portIn = (output: string): number => {
  const line = output.split('\n').find((candidate) => candidate.includes(READY));
  return (JSON.parse(line ?? '{}') as { readonly port: number }).port;
};
