/** Runs every `check:` script of package.json, as many at once as there are cores, and says at the end which ones failed. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const waiting = Object.entries(scripts).filter(([name]) => name.startsWith('check:'));
const failed = [];

// npm put the tools on the path before it started this script. What they say is told in one piece each.
const passes = ([name, command]) =>
  new Promise((resolve) => {
    const said = [];
    const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    child.once('close', (code) => {
      console.log(`\n${name}: ${command}\n${Buffer.concat(said).toString()}`);
      resolve(code === 0);
    });
  });

const work = async () => {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    if (!(await passes(check))) failed.push(check[0]);
  }
};

await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
