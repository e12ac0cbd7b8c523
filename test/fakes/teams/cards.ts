/** An Adaptive Card as a reader sees it: what it says, what can be clicked, what can be filled in. */

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Every object in the card, outermost first; what stands in only for older clients left out. */
export const elementsOf = (card: unknown): readonly Json[] => {
  if (Array.isArray(card)) return card.flatMap(elementsOf);
  if (!isObject(card)) return [];
  return [card, ...Object.entries(card).flatMap(([key, value]) => (key === 'fallback' ? [] : elementsOf(value)))];
};

/** The text of each paragraph, top down. */
export const linesOf = (card: unknown): readonly string[] =>
  elementsOf(card)
    .filter(({ type }) => type === 'RichTextBlock')
    .map(({ inlines }) => (inlines as Json[]).map(({ text }) => String(text)).join(''));

export const textOf = (card: unknown): string => linesOf(card).join('\n');

export interface CardButton {
  readonly title: string;
  readonly verb: string;
  readonly data: Readonly<Record<string, string>>;
}

/** What a click would send, unfolded parts of the card included. */
export const buttonsOf = (card: unknown): readonly CardButton[] =>
  elementsOf(card)
    .filter(({ type }) => type === 'Action.Execute')
    .map(({ title, verb, data }) => ({
      title: String(title),
      verb: String(verb),
      data: data as Readonly<Record<string, string>>,
    }));

export const buttonOf = (card: unknown, verb: string): CardButton => {
  const button = buttonsOf(card).find((candidate) => candidate.verb === verb);
  if (button === undefined) throw new Error(`the card has no button ${verb}: ${textOf(card)}`);
  return button;
};

export const inputsOf = (card: unknown): readonly Json[] =>
  elementsOf(card).filter(({ type }) => typeof type === 'string' && type.startsWith('Input.'));
