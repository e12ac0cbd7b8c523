import { describeError } from './log.js';
import type { Log } from './log.js';

/** How long a stop may take before it is forced. */
const STOP_WITHIN_MS = 25_000;

/** Stops once, on the first signal; a second one, or a stop that takes too long, ends the process at once. */
export const stopOnSignal = (stop: () => Promise<void>, log: Log): void => {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    stop().then(
      () => {
        log.info({}, 'Latchkey has stopped');
        // Agenda leaves a timer of half a lock's lifetime behind for each job it has run.
        process.exit(0);
      },
      (thrown: unknown) => {
        log.error(describeError(thrown), 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
};
