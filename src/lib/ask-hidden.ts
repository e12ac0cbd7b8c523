import type { ReadStream } from 'node:tty';
import { redacted } from './redacted.js';
import type { Redacted } from './redacted.js';

const ENTER = ['\r', '\n', '\u0004'];
const BACKSPACE = ['\b', '\u007F'];
const INTERRUPT = '\u0003';

/** One line typed or pasted at a terminal, of which nothing shows; `undefined`: interrupted. */
export const askHidden = (
  question: string,
  input: ReadStream,
  ask: (text: string) => void,
): Promise<Redacted<string> | undefined> =>
  new Promise((resolve) => {
    let typed = '';
    const done = (answer: Redacted<string> | undefined): void => {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
      ask('\n');
      resolve(answer);
    };
    const onData = (chunk: Buffer | string): void => {
      for (const character of chunk.toString()) {
        if (character === INTERRUPT) return done(undefined);
        if (ENTER.includes(character)) return done(redacted(typed));
        typed = BACKSPACE.includes(character) ? typed.slice(0, -1) : typed + character;
      }
    };
    ask(question);
    input.setRawMode(true);
    input.resume();
    input.on('data', onData);
  });
