import type { AnyMiddlewareArgs, Middleware } from '@slack/bolt';

const REMEMBERED = 1_000;

/** Everything that is being dealt with, each thing once. */
export interface Rounds {
  readonly middleware: Middleware<AnyMiddlewareArgs>;
  /** Resolves when nothing is being dealt with any more. */
  ended(): Promise<void>;
}

/** Slack sends an event again when it doubts that the first one arrived; the second time it is not dealt with. */
export const createRounds = (): Rounds => {
  const running = new Set<Promise<void>>();
  const seen = new Set<string>();

  const isRepeated = (event: unknown): boolean => {
    if (typeof event !== 'string') return false;
    if (seen.has(event)) return true;
    seen.add(event);
    const [oldest] = seen;
    if (oldest !== undefined && seen.size > REMEMBERED) seen.delete(oldest);
    return false;
  };

  return {
    middleware: async ({ body, next }) => {
      if (isRepeated((body as { event_id?: unknown }).event_id)) return;
      const work = next();
      running.add(work);
      try {
        await work;
      } finally {
        running.delete(work);
      }
    },
    ended: async () => {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
};
