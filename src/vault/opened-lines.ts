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

type Opened = Extract<OpenedPiece, { readonly entry: unknown }>;

/** The newest that the directory confirmed, where that is known; then the others, newest first. */
const likeliestFirst = (ones: readonly Opened[]): readonly Opened[] => {
  const newestFirst = ones.toSorted(
    (one, other) => other.piece.number - one.piece.number || (one.entry.reveal().at < other.entry.reveal().at ? 1 : -1),
  );
  const confirmed = newestFirst.find(({ piece }) => piece.answer === 'set');
  return confirmed === undefined ? newestFirst : [confirmed, ...newestFirst.filter((one) => one !== confirmed)];
};

const passwordLine = ({ piece: { answer }, entry }: Opened, index: number): string => {
  const { password, at } = entry.reveal();
  const state = answer === 'set' ? ', confirmed by the directory' : answer === undefined ? '' : ', never confirmed';
  return `  ${index === 0 ? 'password' : 'else try'}  ${printable(password)}   (made ${printable(at)}${state})`;
};

/** Anybody who knows a public key can seal something to it, and a terminal obeys control characters. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '?');
