/** Other people's words, made fit to stand among ours. */

const ELLIPSIS = '…';

// Embeddings, overrides and isolates: they would reorder our words around somebody else's. Right-to-left text needs none.
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex
const LINE_BREAKS_AND_CONTROLS = /[\u0000-\u001F\u007F\u0085\u2028\u2029]+/g;

/** One line of somebody's words that cannot pass for several of ours. */
export const oneLine = (text: string): string => text.replace(BIDI_CONTROLS, '').replace(LINE_BREAKS_AND_CONTROLS, ' ');

/** At most `max` UTF-16 units, never half a character; shows that something is missing. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const end = Math.max(0, max - ELLIPSIS.length);
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return text.slice(0, splitsPair ? end - 1 : end) + ELLIPSIS;
};
