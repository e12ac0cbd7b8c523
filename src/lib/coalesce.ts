/**
 * Runs at most one piece of work a key at a time. Asked while one is running, it runs once more after it, whoever asked
 * and however often: what they wanted done may have come too late for the run under way. The promise is that of the run
 * that began after the asking.
 */
export const coalesce = <K>(work: (key: K) => Promise<void>): ((key: K) => Promise<void>) => {
  const running = new Map<K, Promise<void>>();
  const waiting = new Map<K, Promise<void>>();

  const run = (key: K): Promise<void> => {
    const current = work(key).finally(() => running.delete(key));
    running.set(key, current);
    return current;
  };

  return (key) => {
    const already = waiting.get(key);
    if (already !== undefined) return already;
    const before = running.get(key);
    if (before === undefined) return run(key);
    const next = before
      .catch(() => undefined)
      .then(() => {
        waiting.delete(key);
        return run(key);
      });
    waiting.set(key, next);
    return next;
  };
};
