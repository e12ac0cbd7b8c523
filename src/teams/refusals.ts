import { MINUTE, type Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';

/** Tells the log of refused requests without letting strangers fill it. */
export interface Refusals {
  count(reason: string): void;
  /** Writes down what was counted since the last line. */
  flush(): void;
}

/** At most one line a minute; each line carries how many there were since the line before, and the latest reason. */
export const createRefusals = (log: Log, clock: Clock): Refusals => {
  let refused = 0;
  let latest = '';
  let lastLine: Date | undefined;
  const flush = (): void => {
    if (refused === 0) return;
    log.warn({ refused, reason: latest }, 'refused requests to the Teams endpoint');
    refused = 0;
    lastLine = clock.now();
  };
  return {
    flush,
    count: (reason) => {
      refused += 1;
      latest = reason;
      if (lastLine === undefined || clock.now().getTime() - lastLine.getTime() >= MINUTE) flush();
    },
  };
};
