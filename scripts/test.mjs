/**
 * Runs the tests that are named, or all of them in two parts: those of single modules share their processes, because
 * loading modules would take longer than they do; what opens servers and starts programs gets a process a file.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const named = process.argv.slice(2);

const SINGLE = ['test/unit', 'test/contract'];

const parts =
  named.length > 0 ? [named] : [SINGLE.flatMap((folder) => ['--exclude', `${folder}/**`]), [...SINGLE, '--no-isolate']];

// npm put vitest on the path before it started this script.
const passes = (words) => spawnSync('vitest', ['run', ...words], { cwd: root, stdio: 'inherit' }).status === 0;

process.exitCode = parts.map(passes).every(Boolean) ? 0 : 1;
