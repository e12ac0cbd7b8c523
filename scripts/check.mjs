/** Runs every `check:` script of package.json, also after one has failed, and says at the end which ones did. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const checks = Object.entries(scripts).filter(([name]) => name.startsWith('check:'));

// npm put the tools on the path before it started this script.
const passes = ([name, command]) => {
  console.log(`\n${name}: ${command}`);
  return spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' }).status === 0;
};

const failed = checks.filter((check) => !passes(check)).map(([name]) => name);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
