import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this project, as built, in a process of its own. */
export interface Program {
  readonly pid: number;
  /** Its output so far, for when something goes wrong. */
  output(): string;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
  /** Gives it no chance to do anything more, and waits until it is gone. */
  kill(): Promise<void>;
  /** Resolves with its exit code. */
  readonly exited: Promise<number | null>;
}

const built = (module: string): string => fileURLToPath(new URL(`../dist/${module}`, import.meta.url));

// As `npm start`: code is compiled before it is hot. No source maps, of which Node would keep every library's.
const FLAGS = ['--always-sparkplug'];

const LINES_KEPT = 200;

/** Starts `dist/<module>` and waits until a line of its output contains `ready`. It keeps the last `linesKept` lines. */
export const startProgram = async (
  module: string,
  env: Readonly<Record<string, string>>,
  ready: string,
  linesKept = LINES_KEPT,
): Promise<Program> => {
  const child = spawn(process.execPath, [...FLAGS, built(module)], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  keepLines(child, lines, linesKept);
  await untilReady(child, lines, ready, module);
  return {
    pid: child.pid ?? 0,
    output: () => lines.join('\n'),
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
};

/** Runs `dist/<module>` to its end: its exit code, and all that it said. */
export const runProgram = (
  module: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...FLAGS, built(module), ...words],
      { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } },
      (_failed, stdout, stderr) => resolve({ code: child.exitCode ?? 1, output: `${stdout}${stderr}`.trim() }),
    );
  });

const eachLine = (child: ChildProcess, hear: (line: string) => void): void => {
  for (const input of [child.stdout, child.stderr]) if (input !== null) createInterface({ input }).on('line', hear);
};

const keepLines = (child: ChildProcess, lines: string[], most: number): void =>
  eachLine(child, (line) => {
    lines.push(line);
    if (lines.length > most) lines.shift();
  });

const untilReady = (child: ChildProcess, lines: readonly string[], ready: string, module: string): Promise<void> =>
  new Promise((resolve, reject) => {
    eachLine(child, (line) => {
      if (line.includes(ready)) resolve();
    });
    // Not before its last words have been read.
    child.once('close', (code) =>
      reject(new Error(`${module} ended with ${code} before it was ready:\n${lines.join('\n')}`)),
    );
    child.once('error', reject);
  });

/** The wanted port, or any free one where another program has it. */
export const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve) => {
    // Outside the range that the system hands out itself: it would give the port away before it is listened on.
    const port = wanted === 0 ? 10_000 + randomInt(20_000) : wanted;
    const probe = createServer();
    probe.once('error', () => resolve(freePort(0)));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
