import type { Directory } from './ports.js';

/** Lets the work that somebody waits for reach the directory before what is told of it takes up the machine. */
export interface HeadStart<Key> {
  /** Does the work with a directory that tells when it is asked for the first time. */
  readonly first: (key: Key, work: (directory: Directory) => Promise<void>) => Promise<void>;
  /** Resolves as soon as such work has asked the directory, is over, or was never begun. */
  readonly reached: (key: Key) => Promise<void>;
}

export const createHeadStart = <Key>(directory: Directory): HeadStart<Key> => {
  const underWay = new Map<Key, Promise<void>>();
  return {
    first: async (key, work) => {
      let tell = (): void => undefined;
      const asked = new Promise<void>((resolve) => (tell = resolve));
      underWay.set(key, asked);
      try {
        await work(tellingOf(directory, tell));
      } finally {
        tell();
        if (underWay.get(key) === asked) underWay.delete(key);
      }
    },
    reached: async (key) => await underWay.get(key),
  };
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
