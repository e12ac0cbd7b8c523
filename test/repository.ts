import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, without a slash at the end. */
export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

export const readBytes = (path: string): Promise<Buffer> => readFile(join(REPOSITORY, path));

export const readText = async (path: string): Promise<string> => (await readBytes(path)).toString('utf8');

/** The caller names the shape it expects; a file of the repository that lies about it fails the test that reads it. */
export const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readText(path)) as T;

/** Every file below `folder`, as sorted paths from the root of the repository, with `/`. */
export const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(join(REPOSITORY, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(REPOSITORY, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .toSorted();
};
