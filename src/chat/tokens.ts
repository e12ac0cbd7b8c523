import parseArgsStringToArgv from 'string-argv';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Fault } from '../engine/faults.js';

/** Longest command that is read at all; Slack and Teams both allow more than any command needs. */
const LONGEST = 16_000;

/** What chat clients and clipboards put in place of what was typed. */
const restored = (text: string): string =>
  text
    .replaceAll(/[“”„‟«»]/gu, '"')
    .replaceAll(/[‘’‚‛]/gu, "'")
    .replaceAll(/(^|\s)[—–](?=[a-z])/giu, '$1--')
    .replaceAll(/[\u00A0\u2007\u202F]/gu, ' ');

// An apostrophe inside a word, as in don't, is a letter and no quotation mark.
const APOSTROPHE = '\uE000';

/** Splits a command into words. Double quotes hold words together; a single quote does so only at a word's edge. */
export const tokensOf = (text: string): Result<readonly string[], Fault> => {
  if (text.length > LONGEST)
    return err({ code: 'text.too-long', field: 'command', length: text.length, most: LONGEST });
  const typed = restored(text);
  const kept = typed.replaceAll(/(?<=[\p{L}\p{N}])'(?=[\p{L}\p{N}])/gu, APOSTROPHE);
  const unquoted = kept.replaceAll(/"[^"]*"/gu, '').replaceAll(/(?<=^|\s|=)'[^']*'/gu, '');
  if (unquoted.includes('"')) return err({ code: 'command.quotes' });
  const safe = unquoted.includes("'") ? kept.replaceAll("'", APOSTROPHE) : kept;
  return ok(parseArgsStringToArgv(safe).map((word) => word.replaceAll(APOSTROPHE, "'")));
};
