import { SECOND } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import type { Directory } from './ports.js';

/** Lets the work that somebody waits for reach the directory before what is told of it takes up the machine. */
export interface HeadStart<Key> {
  /** Does the work with a directory that tells when it is asked for the first time. */
  readonly first: (key: Key, work: (directory: Directory) => Promise<void>) => Promise<void>;
  /** Resolves as soon as such work has asked the directory, is over, or was never begun. */
  readonly reached: (key: Key) => Promise<void>;
  /** Resolves as soon as such work is over, was never begun, or takes longer than anybody should hear nothing. */
  readonly over: (key: Key) => Promise<void>;
}

const PATIENCE_MS = 2 * SECOND;

interface UnderWay {
  readonly asked: Promise<void>;
  readonly done: Promise<void>;
}

export const createHeadStart = <Key>(directory: Directory): HeadStart<Key> => {
  const underWay = new Map<Key, UnderWay>();
  return {
    first: async (key, work) => {
      const [asked, tellAsked] = signal();
      const [done, tellDone] = signal();
      const current = { asked, done };
      underWay.set(key, current);
      try {
        await work(tellingOf(directory, tellAsked));
      } finally {
        if (underWay.get(key) === current) underWay.delete(key);
        tellAsked();
        tellDone();
      }
    },
    reached: async (key) => await underWay.get(key)?.asked,
    over: async (key) => {
      const current = underWay.get(key);
      if (current !== undefined) await within(current.done, PATIENCE_MS);
    },
  };
};

const signal = (): [Promise<void>, () => void] => {
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  return [told, tell];
};

const tellingOf = (directory: Directory, tell: () => void): Directory => ({
  ...directory,
  observe: (...asked) => {
    tell();
    return directory.observe(...asked);
  },
  apply: (...asked) => {
    tell();
    return directory.apply(...asked);
  },
});
