import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { generateIdentity } from './vault.js';

/**
 * The identity of a single process with its own embedded database, made at its first start and kept beside the data,
 * for its owner's eyes alone. Several processes, or a database elsewhere, are given theirs by `VAULT_IDENTITY`.
 */
export const identityIn = async (dataDir: string): Promise<Redacted<string>> => {
  const path = join(dataDir, 'vault-identity');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const made = await generateIdentity();
  try {
    await writeFile(path, `${made.reveal()}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    return redacted((await readFile(path, 'utf8')).trim());
  }
};
