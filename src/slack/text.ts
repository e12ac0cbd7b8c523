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
