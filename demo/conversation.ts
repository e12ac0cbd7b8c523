import type { Playground, PlaygroundMessage } from './playground.js';

/** Reading and pressing what the bot shows, as a person in front of a window does. */

/** Every text of a card, in reading order. */
export const textOf = (card: unknown): string => {
  const texts: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const { type, text, title } = node as Readonly<Record<string, unknown>>;
    if (typeof text === 'string' && (type === 'TextRun' || type === 'TextBlock')) texts.push(text);
    if (typeof title === 'string' && typeof type === 'string' && type.startsWith('Action.')) texts.push(`[${title}]`);
    Object.values(node).forEach(walk);
  };
  walk(card);
  return texts.join(' ');
};

/** What is typed, and what is answered: the bot's next message in the same window. */
export const ask = async (window: Playground, text: string): Promise<string> => {
  const before = new Set(window.messages().map(({ id }) => id));
  await window.say(text);
  const answer = await window.message(({ id }) => !before.has(id));
  return textOf(answer.card);
};

// An access of twenty seconds and its confirmed end fit in easily.
const PATIENCE_MS = 60_000;

export const cardSaying = async (window: Playground, ...words: readonly string[]): Promise<PlaygroundMessage> => {
  const says = ({ card }: PlaygroundMessage): boolean => words.every((word) => textOf(card).includes(word));
  try {
    return await window.message(says, PATIENCE_MS);
  } catch (thrown) {
    const last = window.messages().at(-1);
    throw new Error(`no card said ${words.join(' … ')}; the last one: ${textOf(last?.card)}`, { cause: thrown });
  }
};

/** Where a card's link leads. */
export const linkIn = (card: unknown): string => {
  const found = /"url":"([^"]+)"/u.exec(JSON.stringify(card));
  if (found?.[1] === undefined) throw new Error(`the card has no link: ${textOf(card)}`);
  return found[1];
};

interface ExecuteAction {
  readonly verb: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Presses the button with this verb; what the click is answered with. */
export const press = async (
  window: Playground,
  message: PlaygroundMessage,
  verb: string,
): Promise<{ readonly type: string; readonly value: unknown }> => {
  const action = findAction(message.card, verb);
  if (action === undefined) throw new Error(`the card has no button ${verb}: ${textOf(message.card)}`);
  return window.click(message, action);
};

const findAction = (node: unknown, verb: string): ExecuteAction | undefined => {
  if (typeof node !== 'object' || node === null) return undefined;
  const candidate = node as Readonly<Record<string, unknown>>;
  if (candidate['type'] === 'Action.Execute' && candidate['verb'] === verb) {
    return { verb, data: (candidate['data'] ?? {}) as ExecuteAction['data'] };
  }
  for (const child of Object.values(candidate)) {
    const found = findAction(child, verb);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The monospaced texts of a credential: user name and password. */
export const credentialIn = (card: unknown): { readonly upn: string; readonly password: string } => {
  const monospaced: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { fontType, text } = node as Readonly<Record<string, unknown>>;
    if (fontType === 'Monospace' && typeof text === 'string') monospaced.push(text);
    Object.values(node).forEach(walk);
  };
  walk(card);
  const [upn, password] = monospaced;
  if (upn === undefined || password === undefined) throw new Error(`no credential in: ${textOf(card)}`);
  return { upn, password };
};
