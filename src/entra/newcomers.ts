import { MINUTE } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';

/** Remembers who was created just now: parts of the directory may not know them yet, and then refuse to act on them. */
export interface Newcomers {
  add(objectId: string): void;
  has(objectId: string): boolean;
}

/** Replication usually takes seconds. */
const NEW_FOR_MS = 2 * MINUTE;

export const createNewcomers = (clock: Clock): Newcomers => {
  const since = new Map<string, number>();
  const now = (): number => clock.now().getTime();
  const isNew = (at: number): boolean => now() - at < NEW_FOR_MS;

  return {
    add: (objectId) => {
      for (const [known, at] of since) if (!isNew(at)) since.delete(known);
      since.set(objectId, now());
    },
    has: (objectId) => isNew(since.get(objectId) ?? -Infinity),
  };
};
