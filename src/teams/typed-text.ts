import type { IncomingActivity } from './activity.js';

type Mention = NonNullable<IncomingActivity['entities']>[number];

/** Which Entra user a mentioned member is; `undefined`: nobody can tell. */
export type ResolveMention = (user: string) => Promise<string | undefined>;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

const LARGEST_CODE_POINT = 0x10ffff;

const character = (reference: string, whole: string): string => {
  if (!reference.startsWith('#')) return ENTITIES[reference.toLowerCase()] ?? whole;
  const hex = /^#x/i.test(reference);
  const code = Number.parseInt(reference.slice(hex ? 2 : 1), hex ? 16 : 10);
  return code > 0 && code <= LARGEST_CODE_POINT ? String.fromCodePoint(code) : whole;
};

/** One pass, so that what was typed as an entity is not decoded twice. */
const decodeEntities = (text: string): string =>
  text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,6});/gi, (whole, reference: string) => character(reference, whole));

const INVISIBLE = /[\u200B-\u200D\u2060\uFEFF]/g;
const SPACES = /[\u00A0\u2007\u202F]/g;

const mentionsOf = ({ entities }: IncomingActivity): readonly Mention[] =>
  (entities ?? []).filter(({ type, text }) => type.toLowerCase() === 'mention' && text !== null && text !== undefined);

const wordFor = async (mention: Mention, bot: string, resolve: ResolveMention): Promise<string> => {
  const { mentioned, text } = mention;
  if (mentioned?.id === bot) return '';
  const user = mentioned?.aadObjectId ?? (mentioned ? await resolve(mentioned.id) : undefined);
  if (user !== undefined) return `teams:${user.toLowerCase()}`;
  return mentioned?.name ?? (text ?? '').replace(/<\/?at[^>]*>/g, '');
};

/**
 * What somebody typed, out of what Teams made of it: mentions of the bot gone, those of people turned into the identity
 * they stand for (`teams:<aadObjectId>`), entities and hard spaces undone.
 */
export const typedText = async (activity: IncomingActivity, resolve: ResolveMention): Promise<string> => {
  const mentions = mentionsOf(activity);
  const words = await Promise.all(mentions.map((mention) => wordFor(mention, activity.recipient.id, resolve)));
  const text = mentions.reduce(
    (rest, mention, index) => rest.replace(mention.text ?? '', () => words[index] ?? ''),
    activity.text ?? '',
  );
  return decodeEntities(text).replace(SPACES, ' ').replace(INVISIBLE, '').trim();
};

/** `jit list`, `/jit list` and `list` are the same command. */
export const commandOf = (text: string): string => text.replace(/^\/?jit(?:\s+|$)/i, '').trim();
