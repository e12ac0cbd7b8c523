/** Runs every static check, also after one has failed, and says at the end which ones did. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHECKS = [
  ['format', 'prettier --check --log-level warn .'],
  ['lint', 'oxlint'],
  ['types', 'tsc --noEmit'],
  ['imports', 'depcruise --config .dependency-cruiser.cjs src'],
  ['unused', 'knip'],
];

const root = fileURLToPath(new URL('..', import.meta.url));

const passes = ([name, command]) => {
  console.log(`\n== ${name}: ${command}`);
  return spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' }).status === 0;
};

const failed = CHECKS.filter((check) => !passes(check)).map(([name]) => name);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
