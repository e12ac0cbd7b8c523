/** Other people's words, made fit to stand among ours. */

const ELLIPSIS = '…';

// Embeddings, overrides and isolates: they would reorder our words around somebody else's. Right-to-left text needs none.
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex
const LINE_BREAKS_AND_CONTROLS = /[\u0000-\u001F\u007F\u0085\u2028\u2029]+/g;

// Half a character: no chat takes it, and some refuse the whole message for it.
const HALF_CHARACTERS = /\p{Cs}/gu;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\u0085]/g;
const LINE_BREAKS = /\r\n?|[\u2028\u2029]/g;

/** Somebody's words as whole characters, whatever they were. */
export const wellFormed = (text: string): string => text.replace(HALF_CHARACTERS, '\uFFFD');

/** One line of somebody's words that cannot pass for several of ours. */
export const oneLine = (text: string): string =>
  wellFormed(text).replace(BIDI_CONTROLS, '').replace(LINE_BREAKS_AND_CONTROLS, ' ');

/** Text whose line breaks and indentation count, without what would show it otherwise than it is. */
export const asLines = (text: string): readonly string[] =>
  wellFormed(text).replace(BIDI_CONTROLS, '').replace(LINE_BREAKS, '\n').replace(CONTROLS, ' ').split('\n');

/** At most `max` UTF-16 units, never half a character; shows that something is missing. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const end = Math.max(0, max - ELLIPSIS.length);
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return text.slice(0, splitsPair ? end - 1 : end) + ELLIPSIS;
};

/** What stands where lines were left out. */
export const omitted = (count: number): string => (count === 1 ? '… and 1 more line.' : `… and ${count} more lines.`);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where a button may lead: to the web over https, or to this machine. */
export const isPage = (href: string): boolean => {
  if (!URL.canParse(href) || /\s/.test(href)) return false;
  const { protocol, hostname } = new URL(href);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
};
