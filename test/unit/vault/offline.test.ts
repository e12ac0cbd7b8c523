import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BreakGlassAccount, Candidate } from '../../../src/engine/break-glass.js';
import { addMs, MINUTE } from '../../../src/lib/clock.js';
import { systemRandom } from '../../../src/lib/random.js';
import type { Redacted } from '../../../src/lib/redacted.js';
import { openCopies } from '../../../src/vault/copies.js';
import { exportedLines, identitiesIn, NothingSealed, openPieces, piecesIn } from '../../../src/vault/offline.js';
import { openedLines, shutLines } from '../../../src/vault/opened-lines.js';
import { createRecipientSealer } from '../../../src/vault/recipients.js';
import { aBreakGlassAccount, NOON } from '../../fakes/fixtures.js';

// What is left when everything else is gone: a file or a folder, and a key on paper.

const sealer = createRecipientSealer();

let folder: string;
let identity: Redacted<string>;
let recipient: string;
let account: BreakGlassAccount;

const candidate = async (
  number: number,
  password: string,
  kind?: 'set' | 'refused' | 'unclear',
): Promise<Candidate> => {
  const at = addMs(NOON, number * MINUTE);
  const entry = { tenant: 'Contoso', directoryId: 'a-directory', upn: 'emergency1@contoso.example', password };
  return {
    number,
    at,
    recipients: [recipient],
    sealed: await sealer.seal({ ...entry, at: at.toISOString() }, [recipient]),
    ...(kind === undefined ? {} : { answer: { kind, at } }),
  };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-offline-'));
  ({ identity, recipient } = await sealer.generate());
  account = aBreakGlassAccount({
    upn: 'emergency1@contoso.example',
    candidates: [
      await candidate(4, 'in-doubt'),
      await candidate(3, 'was-refused', 'refused'),
      await candidate(2, 'is-set', 'set'),
      await candidate(1, 'before-it', 'set'),
    ],
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const written = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

const passwordsIn = (lines: readonly string[]): readonly (string | undefined)[] =>
  lines.slice(1).map((line) => /^ {2}(?:password|else try) {2}(\S+)/u.exec(line)?.[1]);

describe('an export', () => {
  it('holds every password that may open an account, none of them open, and opens with the key', async () => {
    const text = exportedLines(account).join('\n');
    for (const password of ['in-doubt', 'was-refused', 'is-set', 'before-it']) expect(text).not.toContain(password);
    const opened = await openPieces([identity], await piecesIn(await written('vault.jsonl', `${text}\n\n`)));
    const lines = openedLines(opened);
    expect(lines[0]).toBe('emergency1@contoso.example (Contoso, directory a-directory)');
    expect(passwordsIn(lines)).toEqual(['is-set', 'in-doubt', 'before-it']);
    expect(lines[1]).toContain('confirmed by the directory');
    expect(shutLines(opened)).toEqual([]);
  });

  it('shows nothing where it is only carried along', async () => {
    const opened = await openPieces(
      [identity],
      await piecesIn(await written('held.jsonl', exportedLines(account).join('\n'))),
    );
    expect(JSON.stringify(opened)).not.toContain('is-set');
  });

  it('is refused as a whole where a line is something else, naming the line', async () => {
    const path = await written('torn.jsonl', `${exportedLines(account)[0]}\n{"account":`);
    await expect(piecesIn(path)).rejects.toThrow(NothingSealed);
    await expect(piecesIn(path)).rejects.toThrow('torn.jsonl:2 is neither');
  });
});

describe('a folder of copies', () => {
  it('opens as it was written, the newest first, and tells what is damaged or for another key', async () => {
    const root = join(folder, 'copies');
    const copies = await openCopies(root, systemRandom);
    const { id, upn } = account;
    for (const one of account.candidates) await copies.write({ id, upn, ...one });
    const [newest] = account.candidates;
    const spoilt = newest?.sealed.replace(/[a-z](?=[^a-z]*\n-----END)/u, (last) => (last === 'a' ? 'b' : 'a')) ?? '';
    expect(spoilt).not.toBe(newest?.sealed);
    const stranger = await sealer.generate();
    const foreign = await sealer.sealText(identity, [stranger.recipient]);
    await copies.write({ id, upn, number: 5, at: NOON, recipients: [], sealed: spoilt });
    await copies.write({ id, upn, number: 6, at: NOON, recipients: [], sealed: foreign });
    await writeFile(join(root, 'contoso@emergency1', '.half-written.tmp'), 'age');
    const opened = await openPieces([identity], await piecesIn(root));
    expect(passwordsIn(openedLines(opened))).toEqual(['in-doubt', 'was-refused', 'is-set', 'before-it']);
    expect(shutLines(opened)).toEqual([
      '1 stayed shut: sealed to other keys than this one.',
      expect.stringMatching(/contoso@emergency1\/5-[0-9a-f]+\.age is damaged/u),
    ]);
    const byBoth = await openPieces([stranger.identity, identity], await piecesIn(root));
    expect(passwordsIn(openedLines(byBoth))).toHaveLength(4);
  });

  it('opens file by file as well', async () => {
    const path = await written('one.age', account.candidates[0]?.sealed ?? '');
    expect(passwordsIn(openedLines(await openPieces([identity], await piecesIn(path))))).toEqual(['in-doubt']);
  });
});

it('what somebody else sealed to the key cannot order the terminal about', async () => {
  const entry = { tenant: 'x', directoryId: 'x', upn: 'a\u001B[2Jb\nc', password: 'p\u202Ew\u0007', at: 'now\r' };
  const path = await written('evil.age', await sealer.seal(entry, [recipient]));
  const lines = openedLines(await openPieces([identity], await piecesIn(path)));
  expect(lines.join('')).not.toMatch(/\p{C}/u);
  expect(lines).toHaveLength(2);
});

it('what opens and is no sealed password is damaged, not shown', async () => {
  const path = await written('other.age', await sealer.sealText(identity, [recipient]));
  const opened = await openPieces([identity], await piecesIn(path));
  expect(openedLines(opened)).toEqual([]);
  expect(shutLines(opened)).toEqual([expect.stringContaining('is damaged')]);
});

it('a key is read as the age tool writes it, with its comments', () => {
  const text = `# created: today\n# public key: ${recipient}\n${identity.reveal()}\n`;
  expect(identitiesIn(text).map((one) => one.reveal())).toEqual([identity.reveal()]);
});
