import { link, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { hasCode, syncFolder, writeThrough } from './write-through.js';

/** A file that should hold a secret holds nothing. */
export class EmptySecret extends Error {
  override readonly name = 'EmptySecret';

  constructor(path: string) {
    super(`${path} is empty: put it back from a backup of DATA_DIR`);
  }
}

/**
 * A secret of a single process with its own embedded database, made at its first start and kept beside the data, for its
 * owner's eyes alone. Several processes, or a database elsewhere, are given theirs by the environment.
 */
export const keptSecret = async (
  dataDir: string,
  name: string,
  make: () => Promise<Redacted<string>>,
): Promise<Redacted<string>> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const made = await make();
  try {
    await keep(dataDir, name, made);
    return made;
  } catch (thrown) {
    const kept = hasCode(thrown, 'EEXIST') ? await secretKept(dataDir, name) : undefined;
    if (kept === undefined) throw thrown;
    return kept;
  }
};

/** Its name is given to it when all of it is on the disk: nobody reads half a secret, and no crash leaves one behind. */
const keep = async (dataDir: string, name: string, secret: Redacted<string>): Promise<void> => {
  const draftFolder = await mkdtemp(join(dataDir, `.${name}-`));
  try {
    const draft = join(draftFolder, name);
    await writeThrough(draft, `${secret.reveal()}\n`);
    await link(draft, join(dataDir, name));
    await syncFolder(dataDir);
  } finally {
    await rm(draftFolder, { recursive: true });
  }
};

/** `undefined`: none was ever made there. */
export const secretKept = async (dataDir: string, name: string): Promise<Redacted<string> | undefined> => {
  try {
    const text = (await readFile(join(dataDir, name), 'utf8')).trim();
    // Anybody could sign, or open what is sealed, with a key of no characters.
    if (text === '') throw new EmptySecret(join(dataDir, name));
    return redacted(text);
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
};
