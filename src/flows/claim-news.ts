import { addMs, MINUTE } from '../lib/clock.js';
import type { FlowDeps } from './deps.js';

/** Things that nobody has told yet, and that are ours to tell now. */
export interface News<T> {
  readonly items: readonly T[];
  /** They are told; again only from then on, if that is given. */
  said(again?: Date): Promise<void>;
  /** They could not be told: the next one may try. */
  release(): Promise<void>;
}

/** So long the others wait for whoever took something to tell it; one who died over it is replaced then. */
const CLAIM_MS = 5 * MINUTE;

/** Of several things, takes the sole right to tell those that were not told yet, however many processes want to. */
export const claimNews = async <T>(
  { clock, announcements }: Pick<FlowDeps, 'clock' | 'announcements'>,
  items: readonly T[],
  idOf: (item: T) => string,
): Promise<News<T>> => {
  const claimed: T[] = [];
  for (const item of items) {
    const now = clock.now();
    if (await announcements.claim(idOf(item), now, addMs(now, CLAIM_MS))) claimed.push(item);
  }
  const each = async (act: (id: string) => Promise<void>): Promise<void> => {
    await Promise.all(claimed.map((item) => act(idOf(item))));
  };
  return {
    items: claimed,
    said: (again) => each((id) => announcements.said(id, again)),
    release: () => each((id) => announcements.release(id)),
  };
};
