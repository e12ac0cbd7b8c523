/** Opens exports and copies with a key that was kept offline: without the server, and without its database. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import type { BreakGlassAccount, Candidate, SealedEntry } from '../engine/break-glass.js';
import { openers } from '../engine/break-glass.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { VaultError } from './vault-error.js';
import { createVault } from './vault.js';

/** One sealed password, and where it was found. */
export interface SealedPiece {
  /** For whoever has to find it again, `vault.jsonl:12`. */
  readonly place: string;
  /** Which account it belongs to, in whatever words the place has for it. */
  readonly account: string;
  /** Under whose user principal name it was found, or under what stands before its `@`; absent: the place does not say. */
  readonly owner?: string;
  /** A later one has a higher number. */
  readonly number: number;
  /** What the directory said to it; copies do not know. */
  readonly answer?: 'set' | 'unclear';
  readonly sealed: string;
}

/** `foreign`: sealed to other keys. `damaged`: not what was sealed. */
export type OpenedPiece =
  | { readonly piece: SealedPiece; readonly entry: Redacted<SealedEntry> }
  | { readonly piece: SealedPiece; readonly shut: 'foreign' | 'damaged' };

/** What was opened is another account's than the one under which it was found: somebody has moved it, or made it. */
export const isMisplaced = (one: OpenedPiece): boolean => {
  if (!('entry' in one) || one.piece.owner === undefined) return false;
  const upn = one.entry.reveal().upn.toLowerCase();
  return ![upn, upn.split('@')[0]].includes(one.piece.owner.toLowerCase());
};

/** The file holds nothing that was sealed here. */
export class NothingSealed extends Error {
  override readonly name = 'NothingSealed';
}

const exportedLine = z.object({
  account: z.string(),
  upn: z.string(),
  number: z.number(),
  at: z.string(),
  answer: z.enum(['set', 'unclear']),
  recipients: z.array(z.string()),
  sealed: z.string(),
});

/** One line a password that may open the account, likeliest first. No secret in it is open. */
export const exportedLines = ({ id, upn, candidates }: BreakGlassAccount): readonly string[] =>
  openers(candidates).map((candidate) => JSON.stringify(lineOf(id, upn, candidate)));

const lineOf = (account: string, upn: string, { number, sealed, recipients, at, answer }: Candidate) =>
  ({
    account,
    upn,
    number,
    at: at.toISOString(),
    answer: answer?.kind === 'set' ? 'set' : 'unclear',
    recipients: [...recipients],
    sealed,
  }) satisfies z.infer<typeof exportedLine>;

/** Of an export, of one copy, or of a folder of copies. */
export const piecesIn = async (path: string): Promise<readonly SealedPiece[]> => {
  if ((await stat(path)).isDirectory()) return await copiesIn(path);
  const text = await readFile(path, 'utf8');
  return text.startsWith(ARMOR) ? [copyOf(path, basename(path), text)] : linesIn(path, text);
};

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';

const copiesIn = async (folder: string): Promise<readonly SealedPiece[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.age'));
  const pieces: SealedPiece[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    pieces.push(copyOf(path, relative(folder, path), await readFile(path, 'utf8')));
  }
  return pieces;
};

const copyOf = (place: string, account: string, sealed: string): SealedPiece => ({
  place,
  account,
  ...ownerOf(account),
  number: Number.parseInt(basename(place), 10) || 0,
  sealed,
});

/** Of `contoso@emergency1/12-0f3a9c51b2d4.age`, wherever below the folder. */
const ownerOf = (path: string): Pick<SealedPiece, 'owner'> => {
  const [, name] = /^[^@]+@(?<name>[^@]+)$/u.exec(basename(dirname(path))) ?? [];
  return name === undefined ? {} : { owner: name.replaceAll('%2E', '.') };
};

const linesIn = (path: string, text: string): readonly SealedPiece[] =>
  text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${path}:${index + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, place }) => {
      const parsed = exportedLine.safeParse(jsonIn(line));
      if (!parsed.success) throw new NothingSealed(`${place} is neither a line of an export nor an age file.`);
      const { account, upn, number, answer, sealed } = parsed.data;
      return { place, account: `${account} ${upn}`, owner: upn, number, answer, sealed };
    });

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The identities of a file as the age tool writes it: one a line, `#` before a comment. */
export const identitiesIn = (text: string): readonly Redacted<string>[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(redacted);

const sealedEntry: z.ZodType<SealedEntry> = z.object({
  tenant: z.string(),
  directoryId: z.string(),
  upn: z.string(),
  password: z.string(),
  at: z.string(),
});

/** Each with the first of these identities that fits. Throws `VaultError` where one of them is none. */
export const openPieces = async (
  identities: readonly [Redacted<string>, ...Redacted<string>[]],
  pieces: readonly SealedPiece[],
): Promise<readonly OpenedPiece[]> => {
  const vault = await createVault({ identities });
  const opened: OpenedPiece[] = [];
  for (const piece of pieces) {
    try {
      const text = await vault.open(piece.sealed);
      const entry = sealedEntry.safeParse(jsonIn(text.reveal()));
      opened.push(entry.success ? { piece, entry: redacted(entry.data) } : { piece, shut: 'damaged' });
    } catch (thrown) {
      if (!(thrown instanceof VaultError)) throw thrown;
      opened.push({ piece, shut: thrown.reason === 'foreign' ? 'foreign' : 'damaged' });
    }
  }
  return opened;
};
