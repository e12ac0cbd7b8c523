import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { loadCertificate } from '../src/sandbox/certificate.js';
import { CONTOSO, FABRIKAM, SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../src/sandbox/seed.js';
import { startPlayground } from './playground.js';
import type { Playground, PlaygroundPerson } from './playground.js';
import { freePort, runProgram, startProgram } from './processes.js';
import type { Program } from './processes.js';

/** The technician who asks, and the lead who decides and also administers Latchkey. */
export const TECHNICIAN: PlaygroundPerson = {
  id: '29:tess',
  name: 'Tess Okafor',
  email: 'tess@msp.example',
  aadObjectId: 'aaaaaaaa-0000-4000-8000-00000000000a',
};
export const LEAD: PlaygroundPerson = {
  id: '29:dana',
  name: 'Dana Whitlock',
  email: 'dana@msp.example',
  aadObjectId: 'aaaaaaaa-0000-4000-8000-00000000000b',
};

export const MSP_TENANT = 'aaaaaaaa-0000-4000-8000-000000000001';

export const CUSTOMERS = [CONTOSO, FABRIKAM] as const;

export interface SignInAnswer {
  readonly ok: boolean;
  readonly reason?: string;
  readonly roles?: readonly string[];
}

/** Everything running: the local Entra ID, the bot with its embedded database, and two Teams windows. */
export interface World {
  readonly bot: Program;
  readonly technician: Playground;
  readonly lead: Playground;
  readonly entraUrl: string;
  /** Tries to sign in to the local Entra ID, as a person at a browser would. */
  signIn(upn: string, password: string): Promise<SignInAnswer>;
  /** What `npm run audit --` answers to these words, beside the running bot. */
  audit(...words: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  stop(): Promise<void>;
}

interface Ports {
  readonly bot: number;
  readonly entra: number;
  readonly technician: number;
  readonly lead: number;
}

export const PREFERRED: Ports = { bot: 3978, entra: 4433, technician: 56_150, lead: 56_151 };
export const ANY: Ports = { bot: 0, entra: 0, technician: 0, lead: 0 };

export const startWorld = async (folder: string, wanted: Ports): Promise<World> => {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const one of started.toReversed()) await one.stop();
  };
  const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  try {
    const entraPort = await freePort(wanted.entra);
    const entraFolder = join(folder, 'entra');
    const entraEnv = { PORT: String(entraPort), HOST: '127.0.0.1', DATA_DIR: entraFolder, LOG_LEVEL: 'warn' };
    const entraUrl = `https://localhost:${entraPort}`;
    const botPort = await freePort(wanted.bot);
    // Made beforehand, so that the bot can be told to trust it and both can start at once.
    const { caFile } = await loadCertificate(entraFolder);
    const env = botEnv(folder, botPort, entraUrl, caFile);
    const [bot] = await Promise.all([
      startProgram('main.js', env, 'Latchkey is listening').then(keep),
      startProgram('sandbox/main.js', entraEnv, 'Look inside').then(keep),
    ]);
    const windows = await openWindows(`http://127.0.0.1:${botPort}/api/messages`, wanted);
    windows.forEach(keep);
    const [technician, lead] = windows;
    const ca = await readFile(caFile);
    const signIn: World['signIn'] = (upn, password) => postJson(`${entraUrl}/_sandbox/sign-in`, ca, { upn, password });
    const audit: World['audit'] = (...words) => runProgram('audit-main.js', words, { DATA_DIR: dataDirOf(folder) });
    return { bot, technician, lead, entraUrl, signIn, audit, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
};

/** Where the bot of this folder keeps its database and keys. */
export const dataDirOf = (folder: string): string => join(folder, 'bot');

const botEnv = (folder: string, port: number, entraUrl: string, caFile: string): Readonly<Record<string, string>> => ({
  HOST: '127.0.0.1',
  PORT: String(port),
  // Browsers make passkeys for names, not for addresses.
  PUBLIC_URL: `http://localhost:${port}`,
  DATA_DIR: dataDirOf(folder),
  TEAMS_AUTH: 'none',
  TEAMS_TENANTS: MSP_TENANT,
  ENTRA_CLIENT_ID: SANDBOX_APP.clientId,
  ENTRA_CLIENT_SECRET: SANDBOX_APP.clientSecret,
  BREAK_GLASS_CLIENT_ID: SANDBOX_BREAK_GLASS_APP.clientId,
  BREAK_GLASS_CLIENT_SECRET: SANDBOX_BREAK_GLASS_APP.clientSecret,
  ENTRA_AUTHORITY_HOST: entraUrl,
  GRAPH_BASE_URL: entraUrl,
  NODE_EXTRA_CA_CERTS: caFile,
  BOOTSTRAP_ADMINS: `teams:${LEAD.aadObjectId}`,
});

/** The technician's and the lead's, both greeted by the bot at `bot`. */
export const openWindows = async (
  bot: string,
  wanted: Pick<Ports, 'technician' | 'lead'>,
): Promise<[Playground, Playground]> => {
  const [technicianPort, leadPort] = await Promise.all([freePort(wanted.technician), freePort(wanted.lead)]);
  const open = (person: PlaygroundPerson, other: PlaygroundPerson, port: number): Promise<Playground> =>
    startPlayground({
      bot,
      person,
      others: [other],
      tenant: MSP_TENANT,
      personalChat: `chat-of-${person.id.slice(3)}`,
      port,
    });
  const windows = await Promise.all([open(TECHNICIAN, LEAD, technicianPort), open(LEAD, TECHNICIAN, leadPort)]);
  await Promise.all(windows.map(greet));
  return windows;
};

/** Installs the bot as Teams would, and waits for its welcome. */
const greet = async (window: Playground): Promise<void> => {
  await window.install();
  await window.message(() => true);
};

const postJson = <T>(url: string, ca: Buffer, body: unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', ca, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(JSON.parse(text) as T));
    });
    call.once('error', reject);
    call.end(JSON.stringify(body));
  });
