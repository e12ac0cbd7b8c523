import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ICruiseResult } from 'dependency-cruiser';
import { REPOSITORY } from '../repository.js';

const run = promisify(execFile);

const CRUISER = join(REPOSITORY, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const RULES = join(REPOSITORY, '.dependency-cruiser.cjs');

/** What dependency-cruiser read and what it has against it. */
export interface Cruise {
  readonly modules: readonly string[];
  /** As `path -> imported path (rule)`. */
  readonly violations: readonly string[];
}

/** Holds the repository's import rules against `src` below `root`. */
export const cruise = async (root: string): Promise<Cruise> => {
  const { stdout } = await run(process.execPath, [CRUISER, '--config', RULES, '--output-type', 'json', 'src'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { modules, summary } = JSON.parse(stdout) as ICruiseResult;
  return {
    modules: modules.map(({ source }) => source).filter((source) => source.startsWith('src/')),
    violations: summary.violations.map(({ rule, from, to }) => `${from} -> ${to} (${rule.name})`),
  };
};

/** Lays `files` out as a project of its own that shares the installed packages, and cruises it. */
export const cruiseSample = async (files: Readonly<Record<string, string>>): Promise<Cruise> => {
  const root = await mkdtemp(join(tmpdir(), 'latchkey-imports-'));
  try {
    await Promise.all([
      symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'), 'dir'),
      symlink(join(REPOSITORY, 'package.json'), join(root, 'package.json')),
      symlink(join(REPOSITORY, 'tsconfig.json'), join(root, 'tsconfig.json')),
      ...Object.entries(files).map(async ([path, text]) => {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }),
    ]);
    return await cruise(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};
