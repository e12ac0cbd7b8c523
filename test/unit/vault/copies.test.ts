import fileSystem, { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import type { VaultCopies, VaultCopy } from '../../../src/flows/ports/break-glass.js';
import { systemRandom } from '../../../src/lib/random.js';
import { CopiesFault, openCopies } from '../../../src/vault/copies.js';
import { NOON } from '../../fakes/fixtures.js';

const ID = breakGlassId(tenantId('contoso'), 'emergency1');

let folder: string;
let copies: VaultCopies;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-copies-'));
  copies = await openCopies(folder, systemRandom);
});
afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await rm(folder, { recursive: true, force: true });
});

/** The renaming of files, for whoever imported it too. */
const renaming = () => {
  const rename = vi.spyOn(fileSystem, 'rename');
  syncBuiltinESMExports();
  return rename;
};

const aCopy = (number: number, sealed = `sealed ${number}`, id = ID): VaultCopy => ({
  id,
  upn: 'emergency1@contoso.onmicrosoft.com',
  number,
  at: NOON,
  recipients: ['age1one'],
  sealed,
});

const files = async (): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

const texts = async (): Promise<readonly string[]> =>
  (await Promise.all((await files()).map((file) => readFile(file, 'utf8')))).toSorted();

describe('a copy', () => {
  it('is a file with what was sealed and nothing else, for its owner alone', async () => {
    await copies.write(aCopy(7));
    const [file = '', ...more] = await files();
    expect(more).toEqual([]);
    expect(file).toMatch(/\/contoso@emergency1\/7-[0-9a-f]{12}\.age$/u);
    expect(await readFile(file, 'utf8')).toBe('sealed 7');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(join(folder, 'contoso@emergency1'))).mode & 0o077).toBe(0);
  });

  it('takes no other one’s place, even of the same number: nobody knows which of the two was set', async () => {
    await copies.write(aCopy(1, 'one'));
    await copies.write(aCopy(1, 'other'));
    await copies.write(aCopy(1, 'other'));
    expect(await texts()).toEqual(['one', 'other']);
  });

  it('goes once it is older than what is kept, and no other account’s with it', async () => {
    const other = breakGlassId(tenantId('contoso'), 'emergency10');
    for (const number of [1, 2, 9, 10, 11]) await copies.write(aCopy(number));
    await copies.write(aCopy(1, 'of another', other));
    await writeFile(join(folder, 'contoso@emergency1', 'notes.txt'), 'somebody’s own');
    await copies.prune(ID, 10);
    await copies.prune(breakGlassId(tenantId('nowhere'), 'nobody'), 10);
    expect(await texts()).toEqual(['of another', 'sealed 10', 'sealed 11', 'somebody’s own'].toSorted());
  });

  it.each(['../../etc', '..', '.', '/', 'a/b', '%2F', 'nul\0', 'a@b'])(
    'stays in its folder, apart from all others, whatever the account is called: %j',
    async (name) => {
      const ids = [breakGlassId(tenantId('x'), name), breakGlassId(tenantId('x'), `${name}.`)];
      for (const id of ids) await copies.write(aCopy(1, id, id));
      expect(await texts()).toEqual([...ids].toSorted());
      await copies.prune(ids[0] ?? ID, 2);
      expect(await texts()).toEqual([ids[1]]);
    },
  );

  it('that could not be finished leaves all that was there before, and nothing that looks like a copy', async () => {
    await copies.write(aCopy(1));
    renaming().mockRejectedValueOnce(new Error('the disk is gone'));
    await expect(copies.write(aCopy(2))).rejects.toThrow('the disk is gone');
    expect(await texts()).toEqual(['sealed 1']);
  });

  it('that was cut off before it had its name is none, and the next one is written beside it', async () => {
    await copies.write(aCopy(1));
    // The process ends here: whatever would have followed never happens.
    const rename = renaming().mockReturnValueOnce(new Promise(() => undefined));
    void copies.write(aCopy(2));
    await vi.waitFor(() => expect(rename).toHaveBeenCalledOnce());
    const again = await openCopies(folder, systemRandom);
    await again.write(aCopy(2, 'sealed anew'));
    const named = (await files()).filter((file) => file.endsWith('.age'));
    expect(await Promise.all(named.map((file) => readFile(file, 'utf8')))).toEqual(['sealed 1', 'sealed anew']);
  });
});

describe('the folder for copies', () => {
  it('is made where it is missing, and proven to be writable before anything depends on it', async () => {
    const missing = join(folder, 'a', 'b');
    await openCopies(missing, systemRandom);
    expect(await readdir(missing)).toEqual([]);
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openCopies(join(file, 'below'), systemRandom)).rejects.toThrow(CopiesFault);
    await expect(openCopies(join(file, 'below'), systemRandom)).rejects.toThrow('VAULT_COPY_DIR cannot be written to');
  });

  it('that went away is a fault, and is not made again in its mount point’s place', async () => {
    await rm(folder, { recursive: true });
    await expect(copies.write(aCopy(1))).rejects.toThrow('ENOENT');
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('may be absent: then nothing is written', async () => {
    const none = await openCopies(undefined, systemRandom);
    await none.write(aCopy(1));
    await none.prune(ID, 1);
    expect(await files()).toEqual([]);
  });
});
