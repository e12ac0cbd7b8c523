import { isMisplaced } from './offline.js';
import type { OpenedPiece } from './offline.js';

/** What was opened, in lines for a terminal. */

/** By account, the password to try first at its top. */
export const openedLines = (opened: readonly OpenedPiece[]): readonly string[] => {
  const accounts = new Map<string, Opened[]>();
  for (const one of opened) {
    if (!('entry' in one)) continue;
    const { upn, directoryId, tenant } = one.entry.reveal();
    const account = `${upn} (${tenant}, directory ${directoryId})`;
    accounts.set(account, [...(accounts.get(account) ?? []), one]);
  }
  return [...accounts].flatMap(([account, ones]) => [
    printable(account),
    ...likeliestFirst(ones).map((one, index) => passwordLine(one, index)),
  ]);
};

/** What stayed shut, and why. */
export const shutLines = (opened: readonly OpenedPiece[]): readonly string[] => {
  const foreign = opened.filter((one) => 'shut' in one && one.shut === 'foreign');
  const damaged = opened.filter((one) => 'shut' in one && one.shut === 'damaged');
  return [
    ...(foreign.length === 0 ? [] : [`${foreign.length} stayed shut: sealed to other keys than this one.`]),
    ...damaged.map(({ piece }) => `${piece.place} is damaged: it is not what was sealed.`),
  ];
};

/** What was opened under the name of another account. */
export const misplacedLines = (opened: readonly OpenedPiece[]): readonly string[] =>
  opened.flatMap((one) =>
    'entry' in one && isMisplaced(one)
      ? [
          printable(
            `${one.piece.place} was kept as a password of ${one.piece.owner}, but says that it is of ${one.entry.reveal().upn}: somebody has tampered with it.`,
          ),
        ]
      : [],
  );

type Opened = Extract<OpenedPiece, { readonly entry: unknown }>;

/** The newest that the directory confirmed, where that is known; then the others, newest first; what is misplaced, last. */
const likeliestFirst = (ones: readonly Opened[]): readonly Opened[] => {
  const newestFirst = ones.toSorted(
    (one, other) => other.piece.number - one.piece.number || (one.entry.reveal().at < other.entry.reveal().at ? 1 : -1),
  );
  const inPlace = newestFirst.filter((one) => !isMisplaced(one));
  const confirmed = inPlace.filter(({ piece }) => piece.answer === 'set').slice(0, 1);
  return [...new Set([...confirmed, ...inPlace, ...newestFirst])];
};

const passwordLine = (one: Opened, index: number): string => {
  const { password, at } = one.entry.reveal();
  const label = isMisplaced(one) ? 'doubtful' : index === 0 ? 'password' : 'else try';
  return `  ${label}  ${printable(password)}   (made ${printable(at)}${stateOf(one)})`;
};

const stateOf = (one: Opened): string => {
  const { answer, owner = '' } = one.piece;
  if (isMisplaced(one)) return `, kept as one of ${printable(owner)}`;
  return answer === 'set' ? ', confirmed by the directory' : answer === undefined ? '' : ', never confirmed';
};

/** Anybody who knows a public key can seal something to it, and a terminal obeys control characters. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '?');
