const ELLIPSIS = '…';

// Embeddings, overrides and isolates: they would reorder our words around somebody else's. Right-to-left text needs none.
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex
const LINE_BREAKS_AND_CONTROLS = /[\u0000-\u001F\u007F\u0085\u2028\u2029]+/g;

/** One line of somebody's words that cannot pass for several of ours. */
export const oneLine = (text: string): string => text.replace(BIDI_CONTROLS, '').replace(LINE_BREAKS_AND_CONTROLS, ' ');

/** At most `max` UTF-16 units, never half a character. */
const clip = (text: string, max: number): string => {
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(max - 1));
  return text.slice(0, Math.max(0, splitsPair ? max - 1 : max));
};

/** At most `max` characters; shows that something is missing. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : clip(text, max - ELLIPSIS.length) + ELLIPSIS;

/** For the one place where Slack reads markup whatever we do: the fallback text of a message. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const LINK = /<((?:https?|mailto|tel):[^<>|]+)(?:\|([^<>]*))?>/g;

/**
 * What somebody typed, out of what Slack made of it: entities and automatic links undone. A mention stays as Slack
 * writes it, `<@U0123|tess>`: it names one person, which a name may not.
 */
export const typedText = (text: string): string =>
  text
    .replace(LINK, (_link, target: string, label: string | undefined) => label ?? target.replace(/^(mailto|tel):/, ''))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
