import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { redacted } from '../../../src/lib/redacted.js';
import { EmptySecret, keptSecret, secretKept } from '../../../src/vault/kept-secret.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-kept-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

const make = async () => redacted('a secret');

it('is seen whole or not at all while it is made', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `secret-${index}`);
  const seen = await Promise.all(
    names.map(async (name) => {
      const making = keptSecret(folder, name, make);
      const read = async () => (await secretKept(folder, name))?.reveal();
      const early: (string | undefined)[] = [];
      for (let look = 0; look < 20; look += 1) early.push(await read());
      await making;
      return [...early, await read()];
    }),
  );
  expect(new Set(seen.flat())).toEqual(new Set([undefined, 'a secret']));
});

it('is not made anew, or taken for a key, where its file holds nothing', async () => {
  const path = join(folder, 'secret');
  await writeFile(path, '');
  await expect(keptSecret(folder, 'secret', make)).rejects.toThrow(EmptySecret);
  await expect(secretKept(folder, 'secret')).rejects.toThrow(`${path} is empty`);
  expect(await readFile(path, 'utf8')).toBe('');
});
