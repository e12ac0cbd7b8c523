/**
 * How much Slack takes; it refuses a whole message or view for one text that is too long. Lengths are in characters.
 * Source: Slack's Block Kit reference. Those marked "ours" are undocumented there and chosen well below what it took.
 */
export const LIMITS = {
  headerText: 150,
  text: 3_000,
  url: 3_000,
  modalTitle: 24,
  inputLabel: 2_000,
  inputText: 3_000,
  placeholder: 150,
  buttonText: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  buttonValue: 2_000,
  buttonsInRow: 25,
  optionText: 75,
  optionValue: 150,
  options: 100,
  contextElements: 10,
  actionId: 255,
  blockId: 255,
  callbackId: 255,
  privateMetadata: 3_000,
  messageBlocks: 50,
  modalBlocks: 100,
  viewBytes: 250_000,
  /** Ours: one sentence of a form or window, with room for what stands beside it. */
  sentence: 2_000,
  /** Ours: rich text in one card, in paragraphs of `text` characters each. */
  paragraphs: 4,
  /** Ours: text for machines in one card, in pieces of `text` characters each. */
  pieces: 3,
  /** Ours: properties listed in one card. */
  facts: 40,
  /** Ours: fields of one form, each a block beside the few that say something. */
  fields: 90,
  /** Ours: a card with more buttons than this is a list that should be a command. */
  buttonRows: 4,
  /** Ours: what a notification shows, before escaping. */
  fallbackText: 500,
} as const;
