/**
 * Makes a fresh clone ready to run: checks Node, then installs the locked dependencies unless they are already there.
 * Runs before anything is installed, on whatever Node is at hand, so it uses nothing but Node itself.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const root = fileURLToPath(new URL('..', import.meta.url));

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Latchkey needs Node ${OLDEST_NODE.join('.')} or later; this is Node ${process.versions.node}.`);
};

const lockedPackages = (path) => JSON.parse(readFileSync(root + path, 'utf8')).packages;

/** npm's own record of what it installed, written last: an interrupted installation has none. */
const installedPackages = () => {
  try {
    return lockedPackages('node_modules/.package-lock.json');
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
};

// Compared by content: file times change with every checkout, and an installation without the tools looks as new.
const isInstalled = () => {
  const installed = installedPackages();
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([path, { version, optional }]) =>
      path === '' || (path in installed ? installed[path].version === version : optional === true),
  );
};

const install = () => {
  console.log('Installing the locked dependencies (once, about a minute) ...');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const run = spawnSync(npm, ['ci', '--include=dev', '--include=optional', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (run.status === 0) return;
  fail(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}\nnpm ci failed: see above.`);
};

checkNode();
if (!isInstalled()) install();
