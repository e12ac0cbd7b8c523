import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { journey } from '../../demo/once.js';
import { ANY, startWorld } from '../../demo/world.js';
import type { Row } from './row.js';

const READINGS = 5;
const PAUSE_MS = 200;

/** Fewer would not be the journey. */
const FEWEST_STEPS = 10;

/** Not loaded by a bot without Slack, or only by the local Entra ID. */
const NOT_IN_THE_DEMO = ['@slack/bolt', 'selfsigned'];

/** In MB, as the operating system counts it. */
const residentMemory = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1_024;
};

/** Several readings: collecting garbage makes a single one a matter of luck. */
const readings = async (pid: number): Promise<readonly number[]> => {
  const taken: number[] = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    taken.push(await residentMemory(pid));
    await pause(PAUSE_MS);
  }
  return taken;
};

const afterTheJourney = async (folder: string): Promise<readonly number[]> => {
  const world = await startWorld(folder, ANY);
  try {
    let steps = 0;
    await journey(world, () => (steps += 1));
    if (steps < FEWEST_STEPS) throw new Error(`the journey took only ${steps} steps`);
    return await readings(world.bot.pid);
  } finally {
    await world.stop();
  }
};

/** A process that imports what the bot imports from others, and does nothing with it. */
const bareImports = async (): Promise<readonly number[]> => {
  const { dependencies } = createRequire(import.meta.url)('../../package.json') as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const modules = Object.keys(dependencies).filter((name) => !NOT_IN_THE_DEMO.includes(name));
  const lines = [...modules.map((name) => `import '${name}';`), `console.log('ready'); setInterval(() => {}, 1000);`];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', lines.join('\n')], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the imports failed'))),
    ]);
    return await readings(child.pid ?? 0);
  } finally {
    child.kill();
  }
};

export const memory: Row = {
  name: 'memory',
  measure: async ({ folder }) => [
    {
      name: 'memory',
      unit: 'MB',
      ours: await afterTheJourney(folder),
      beside: await bareImports(),
      yardstick: 'a Node process that imports the same libraries and does nothing',
      goal: { kind: 'below', limit: 200 },
    },
  ],
};
