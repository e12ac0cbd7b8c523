/**
 * Runs at most one piece of work a key at a time. Asked while one is running, it runs once more after it, whoever asked
 * and however often: what they wanted done may have come too late for the run under way. The promise is that of the run
 * that began after the asking. `known`, what whoever asks knows already, reaches only a run that begins at once: after a
 * wait it may no longer be so.
 */
export const coalesce = <K, Known = never>(
  work: (key: K, known?: Known) => Promise<void>,
): ((key: K, known?: Known) => Promise<void>) => {
  const running = new Map<K, Promise<void>>();
  const waiting = new Map<K, Promise<void>>();

  const run = (key: K, known?: Known): Promise<void> => {
    const current = work(key, known).finally(() => running.delete(key));
    running.set(key, current);
    return current;
  };

  return (key, known) => {
    const already = waiting.get(key);
    if (already !== undefined) return already;
    const before = running.get(key);
    if (before === undefined) return run(key, known);
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
