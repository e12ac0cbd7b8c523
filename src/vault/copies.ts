import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BreakGlassId } from '../engine/ids.js';
import type { VaultCopies, VaultCopy } from '../flows/ports/break-glass.js';
import { describeError } from '../lib/log.js';
import { randomId } from '../lib/random.js';
import type { Random } from '../lib/random.js';
import { hasCode, syncFolder, writeThrough } from './write-through.js';

/**
 * Sealed passwords outside the database, `contoso@emergency1/12-0f3a9c51b2d4.age`. Each file is an age file and nothing
 * else, so that the age tool alone opens it where even this program is lost.
 */

/** The folder for copies cannot be written to; found at the start rather than at the first rotation. */
export class CopiesFault extends Error {
  override readonly name = 'CopiesFault';
}

/** Where no folder is configured, the database is the only place. */
export const noCopies: VaultCopies = { write: async () => undefined, prune: async () => undefined };

export const openCopies = async (folder: string | undefined, random: Random): Promise<VaultCopies> => {
  if (folder === undefined) return noCopies;
  await tryOut(folder, random);
  return {
    write: (copy) => write(folder, copy, random),
    prune: (id, before) => prune(folderOf(folder, id), before),
  };
};

const tryOut = async (folder: string, random: Random): Promise<void> => {
  const probe = join(folder, temporaryName(random));
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeThrough(probe, '');
    await rm(probe);
  } catch (thrown) {
    throw new CopiesFault(`VAULT_COPY_DIR cannot be written to: ${describeError(thrown).error}`);
  }
};

/** No file ever replaces another: of two writers at one number, neither can know whose password is set. */
const write = async (folder: string, { id, number, sealed }: VaultCopy, random: Random): Promise<void> => {
  const own = folderOf(folder, id);
  const temporary = join(own, temporaryName(random));
  try {
    await makingFolder(own, () => writeThrough(temporary, sealed));
    await rename(temporary, join(own, `${number}-${fingerprintOf(sealed)}.age`));
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await syncFolder(own);
};

/** Not with its parents: a folder that went away is a fault, and its mount point is no place for copies. */
const makingFolder = async (folder: string, work: () => Promise<void>): Promise<void> => {
  try {
    return await work();
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) throw thrown;
  }
  await mkdir(folder, { mode: 0o700 }).catch((thrown: unknown) => {
    if (!hasCode(thrown, 'EEXIST')) throw thrown;
  });
  await syncFolder(dirname(folder));
  await work();
};

const COPY = /^(?<number>\d+)-[0-9a-f]+\.age$/u;

const prune = async (own: string, before: number): Promise<void> => {
  const names = await readdir(own).catch(nothingThere);
  const old = names.filter((name) => {
    const number = COPY.exec(name)?.groups?.['number'];
    return number !== undefined && Number(number) < before;
  });
  await Promise.all(old.map((name) => rm(join(own, name), { force: true })));
};

const nothingThere = (thrown: unknown): readonly string[] => {
  if (hasCode(thrown, 'ENOENT')) return [];
  throw thrown;
};

/** A folder an account. Whatever could lead elsewhere is escaped, the `/` of the id with what no other id has there. */
const folderOf = (folder: string, id: BreakGlassId): string =>
  join(folder, encodeURIComponent(id).replaceAll('%2F', '@').replaceAll('.', '%2E'));

const temporaryName = (random: Random): string => `.${randomId(random)}.tmp`;

const fingerprintOf = (sealed: string): string => createHash('sha256').update(sealed).digest('hex').slice(0, 12);
