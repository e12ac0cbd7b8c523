import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeError, type Log } from '../lib/log.js';
import { DatabaseFault, engineFailed, EngineUnavailable, folderInUse } from './database-fault.js';
import { type EnginePlace, prepareEnginePlace, socketAnswers } from './engine-socket.js';
import { type Host, inspectHost, type Launch, prepareLaunch } from './glibc.js';

/** What the engine's process says to the one that started it. */
export type EngineReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly fault: 'unavailable' | 'in-use' | 'failed'; readonly detail: string };

export interface EmbeddedEngine {
  /** For any MongoDB driver of this machine and user; the same after every restart. */
  readonly uri: string;
  /** The engine's process; undefined while it is being restarted. */
  pid(): number | undefined;
  /** Closes the data files. Takes seconds at most, then kills: acknowledged writes are in the journal already. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly dataDir: string;
  readonly log: Log;
  readonly host?: Host;
}

// Reopening replays the journal and may scan every collection once.
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 12_000;
const LONGEST_RESTART_DELAY_MS = 5_000;
const SETTLED_AFTER_MS = 30_000;

/**
 * Starts MongoDB's engine on `dataDir/mongodb` in a process of its own and keeps it running until `stop`. It leaves
 * when this process does, however that dies. Rejects with a `DatabaseFault`.
 */
export const startEngine = async (options: EngineOptions): Promise<EmbeddedEngine> => {
  const { log, host = inspectHost() } = options;
  const dataDir = resolve(options.dataDir);
  const launch = await prepareLaunch(host, dataDir);
  const place = await prepareEnginePlace(dataDir).catch((thrown: unknown) => {
    throw thrown instanceof DatabaseFault ? thrown : engineFailed(dataDir, describeError(thrown).error);
  });
  const start = (signal: AbortSignal): Promise<ChildProcess> => startChild(launch, place, log, signal);
  const supervisor = await supervise(start, log);
  return { uri: uriOf(place.socketPath), ...supervisor };
};

/** The address of the engine that another program runs on `dataDir`; `undefined`: none does. */
export const uriOfRunningEngine = async (dataDir: string): Promise<string | undefined> => {
  const { socketPath } = await prepareEnginePlace(resolve(dataDir));
  return (await socketAnswers(socketPath)) ? uriOf(socketPath) : undefined;
};

const uriOf = (socketPath: string): string =>
  `mongodb://${encodeURIComponent(socketPath)}/?directConnection=true&journal=true`;

type Supervisor = Pick<EmbeddedEngine, 'pid' | 'stop'>;

/** Starts once, rejecting when that fails, and from then on again and again. */
const supervise = async (start: (signal: AbortSignal) => Promise<ChildProcess>, log: Log): Promise<Supervisor> => {
  const stopping = new AbortController();
  const { signal } = stopping;
  let current: ChildProcess | undefined = await start(signal);

  let failures = 0;

  const startAgain = async (): Promise<ChildProcess | undefined> => {
    while (!signal.aborted) {
      await pause(restartDelay(failures), undefined, { signal }).catch(() => undefined);
      failures += 1;
      try {
        if (!signal.aborted) return await start(signal);
      } catch (thrown) {
        if (!signal.aborted) log.error(describeError(thrown), 'the embedded engine did not come back');
      }
    }
    return undefined;
  };

  const keepRunning = async (): Promise<void> => {
    while (current !== undefined) {
      const settled = setTimeout(() => (failures = 0), SETTLED_AFTER_MS);
      const end = await endOf(current);
      clearTimeout(settled);
      current = undefined;
      if (signal.aborted) return;
      log.warn(end, 'the embedded engine is gone, starting it again');
      current = await startAgain();
    }
  };
  const running = keepRunning();

  return {
    pid: () => current?.pid,
    stop: async () => {
      stopping.abort();
      if (current !== undefined) await terminate(current);
      await running;
    },
  };
};

/** At once the first time; an engine that keeps dying young gets ever longer pauses. */
const restartDelay = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_RESTART_DELAY_MS, 100 * 2 ** failures);

const startChild = async (launch: Launch, place: EnginePlace, log: Log, signal: AbortSignal): Promise<ChildProcess> => {
  const child = fork(fileURLToPath(CHILD_MODULE), [place.folder, place.socketPath], {
    execPath: launch.execPath,
    execArgv: [...launch.execArgv, ...NODE_ARGUMENTS],
    // Not the bot's own environment: its secrets are no business of native code.
    env: { TMPDIR: tmpdir(), ...launch.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const lastWords = relayErrors(child, log);
  const abandon = (): void => void terminate(child);
  signal.addEventListener('abort', abandon, { once: true });
  const limit = setTimeout(() => child.kill('SIGKILL'), READY_LIMIT_MS);
  try {
    const report = await firstReport(child);
    if (report.kind === 'failed') throw faultOf(report, place.folder, lastWords());
    return child;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', abandon);
  }
};

// Unbuilt, the child is TypeScript like this module, and tsx is found from here whatever the working directory is.
const IS_SOURCE = import.meta.url.endsWith('.ts');
const CHILD_MODULE = new URL(IS_SOURCE ? './engine-child.ts' : './engine-child.js', import.meta.url);
const NODE_ARGUMENTS = IS_SOURCE ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : [];

/** Resolves with what the child says first, which may be its silence: an end without a word. Never rejects. */
const firstReport = (child: ChildProcess): Promise<EngineReport> =>
  new Promise((settle) => {
    const failed = (detail: string): void => settle({ kind: 'failed', fault: 'failed', detail });
    child.once('message', (message) => settle(message as EngineReport));
    child.once('error', (error) => failed(error.message));
    child.once('close', (code, signal) => failed(`its process ended with ${signal ?? `code ${code}`}`));
  });

const faultOf = (
  report: EngineReport & { readonly kind: 'failed' },
  folder: string,
  lastWords: string,
): DatabaseFault => {
  if (report.fault === 'unavailable') return new EngineUnavailable(report.detail);
  if (report.fault === 'in-use') return folderInUse(folder);
  return engineFailed(folder, lastWords === '' ? report.detail : `${report.detail} (${lastWords})`);
};

const LAST_WORDS_LENGTH = 500;

/** Passes the child's standard error on to the log; returns a look at its latest part. */
const relayErrors = (child: ChildProcess, log: Log): (() => string) => {
  let last = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    last = `${last}${text}`.slice(-LAST_WORDS_LENGTH);
    log.warn({ text: text.trimEnd() }, 'the embedded engine says');
  });
  return () => last.trim();
};

const terminate = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await endOf(child);
  clearTimeout(limit);
};

interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

const endOf = async (child: ChildProcess): Promise<ChildEnd> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, signal: child.signalCode };
};
